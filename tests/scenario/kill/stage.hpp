#pragma once

#include "adapters/chat/sandbox/sandbox.hpp"
#include "adapters/net/system_clock.hpp"
#include "tests/scenario/kill/program.hpp"
#include "tests/scenario/kill/sight.hpp"
#include "tests/support/event_loop.hpp"
#include "tests/support/seeded_random.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

// The real jitbot as a process, against a sandbox workspace in this one and a target that is a shell script.
namespace jitbot::kill {

inline const std::string k_approvals = "#staging-approvals";

// What was to be seen and was not.
struct Missed : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The people who ask are p1 … p<askers>@example.com; carol and dave approve; erin administers.
struct StageOptions {
  int askers = 1;
  std::uint64_t seed = 1;
  // The connector `target`; empty: the script.
  std::string connector = {};
  std::map<std::string, std::string> env = {};  // of the program, besides the tokens
};

// What the script was told, oldest first: "present p1 staging_ro", "absent …", "observe …".
struct TargetLog {
  std::vector<std::string> lines;
  int count(const std::string& start) const;
  std::string last_change() const;  // the last line that is no observe
};

class Stage {
 public:
  explicit Stage(Executor executor, StageOptions options = {});
  ~Stage();
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  // --- the bot. Whenever it was killed it is started again, without a crash point.
  void start_bot(const std::string& crash_at = {});
  void kill_bot();  // as kill -9
  void signal_bot(int number) const;
  void write_policy(const std::string& text) const;  // nothing is told of it
  int kills() const { return kills_; }
  bool bot_running() const { return bot_ && bot_->running(); }
  Task<int> stop_bot();  // SIGTERM; the exit code
  // `jitbot ARGUMENTS… --config …` beside it; the exit code. What it said is in said().
  Task<int> run_jitbot(std::vector<std::string> arguments);
  const std::string& said() const { return said_; }
  std::string bot_log() const;
  std::filesystem::path folder() const { return folder_; }
  bool reachable() const;  // for people: a connection of the present process

  // --- waiting. Woken by what changes in the workspace and by processes that end.
  Task<void> until(std::function<bool()> there, std::string what, Millis patience = 40s);

  // --- people. An error makes them do it again, as it would make anybody; what was accepted they leave
  // alone.
  Task<void> says(std::string who, std::string words, std::string again);
  // On a card of that place; done as well once it does not have the button any more.
  Task<void> presses(std::string who, std::string place, std::string id, std::string act);

  // --- what can be seen
  std::vector<Message> cards(const std::string& place) const { return cards_among(sandbox->messages(place)); }
  std::optional<Message> card(const std::string& place, const std::string& id) const;
  TargetLog target() const;
  bool has_access(const std::string& account, const std::string& role) const;

  net::SystemClock clock;
  jitbot::testing::SeededRandom random;
  std::unique_ptr<sandbox::Sandbox> sandbox;

 private:
  void ring();
  void bot_ended();
  void write(const std::string& name, const std::string& text, std::filesystem::perms mode) const;

  Executor executor_;
  std::filesystem::path folder_;
  std::map<std::string, std::string> environment_;
  std::shared_ptr<Program> bot_;
  std::shared_ptr<void> listening_;
  std::vector<std::weak_ptr<Timer>> waiting_;
  std::uint64_t connections_before_ = 0;  // ids up to this one are those of an earlier process
  int kills_ = 0;
  bool stopping_ = false;
  std::string unexpected_;  // how the bot ended by itself
  std::string said_;
};

// Everything that must hold when all is quiet and the bot has ended: empty when it does.
//   one requester card per request and one approval card where the rule posts, each ended and without
//   buttons; one notice of the end for each; nothing pending, live, unread or unsent in the store; no access
//   and no `present` after the last `absent` at the target, and no more of them than requests and kills
//   explain; `jitbot audit verify` content; no token in the log.
Task<std::vector<std::string>> check_truth(Stage& stage, std::vector<std::string> people);

}  // namespace jitbot::kill

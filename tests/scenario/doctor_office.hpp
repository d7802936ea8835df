#pragma once

#include "adapters/chat/sandbox/sandbox.hpp"
#include "adapters/net/system_clock.hpp"
#include "bot/app/doctor.hpp"
#include "tests/support/event_loop.hpp"
#include "tests/support/seeded_random.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

// A set-up with a workspace, a store and a target, for what `jitbot doctor` says of it.
namespace jitbot::doctor {

namespace fs = std::filesystem;
using jitbot::testing::EventLoop;
using jitbot::testing::SeededRandom;
using Lines = std::vector<std::string>;

// The machine's clock, off by so much on Slack's side.
class SlackClock : public net::SystemClock {
 public:
  Millis off{0};
  Time now() const override { return net::SystemClock::now() + off; }
};

// A whole set-up in which nothing is wrong, until a test makes it so.
struct Office {
  explicit Office(sandbox::SandboxOptions options = {});
  ~Office();
  Office(const Office&) = delete;
  Office& operator=(const Office&) = delete;

  void write(const std::string& name, const std::string& text) const;
  void change(const std::string& name, const std::string& part, const std::string& by) const;
  fs::path db() const { return folder / "jitbot.db"; }
  std::string store_line() const { return "store " + db().string(); }  // the subject of its line

  struct Seen {
    Lines lines;
    int exit_code = -1;
  };
  // What doctor says now. Checks of every line that it is one, and holds no token.
  Seen look();

  EventLoop loop;
  net::SystemClock clock;
  SlackClock slack_clock;
  SeededRandom random;
  sandbox::Sandbox sandbox;
  fs::path folder;
  std::map<std::string, std::string> environment;
  Millis patience = 10s;

 private:
  void make_store();  // with one event, its key, and a head that tells of it
};

struct Said {
  std::string begin;
  std::string part;
};

struct Defect {
  std::string name;
  std::function<void(Office&)> make;
  std::vector<Said> says;         // each line that is new, in order
  std::set<std::string> instead;  // the subjects of the lines that are no more
  int exit_code = 1;
};

bool begins_and_holds(const std::string& line, const std::string& begin, const std::string& part);
// Looks before and after, and checks that nothing else changed.
void judge(Office& office, const Defect& defect);

inline const std::string k_staging = "channel #staging-approvals (rule staging)";
inline const std::string k_prod = "channel C0PROD001 (rule staging)";
inline const std::string k_admins = "channel #jit-admins (administrators)";
inline const std::string k_group = "group approvers (slack:usergroup/S0APPROVE)";
inline const std::set<std::string> k_asked_as_bot{
    "slack bot token", "slack scopes", "slack app", k_staging, k_prod, k_admins, k_group};

}  // namespace jitbot::doctor

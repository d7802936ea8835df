#pragma once

#include "adapters/chat/sandbox/sandbox.hpp"
#include "bot/app/app.hpp"
#include "store/audit_verify.hpp"
#include "tests/scenario/scene_mattermost.hpp"
#include "tests/scenario/scene_slack.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/seeded_random.hpp"
#include "tests/support/test_catalog.hpp"
#include "tests/support/test_target.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

// The whole bot over the wire, in one process and on one loop: a chat platform with its people (scene.hpp),
// the App over its ordinary adapter, targets in memory, and time that moves only when the test says so.
namespace jitbot::scenario {

using jitbot::testing::Manner;
using jitbot::testing::ManualClock;
using jitbot::testing::TestCatalog;
using jitbot::testing::TestTarget;
using sandbox::Outcome;
using Json = nlohmann::json;

inline const std::string k_staging = "#staging-approvals";
inline const std::string k_prod = "#prod-approvals";
inline const std::string k_admins = "#jit-admins";

// A Home or a form: its blocks as on a card, and each field as "Label: what it holds".
std::string text_of(const sandbox::View& view, const sandbox::World& world);

std::string usual_policy();
std::string usual_config();  // `limits`, connectors, admins; without chat

// The bot's own view of the time: the stage's clock, with the wall clock off by `skew`.
class SkewedClock : public Clock {
 public:
  explicit SkewedClock(Clock& base) : base_(base) {}
  Time now() const override { return base_.now() + skew; }
  Millis steady() const override { return base_.steady(); }
  std::unique_ptr<Timer> make_timer() override { return base_.make_timer(); }

  Millis skew{0};

 private:
  Clock& base_;
};

struct StageOptions {
  std::string policy = usual_policy();
  std::string config = usual_config();
  sandbox::World world = sandbox::demo_world();  // the company, on whatever platform
  sandbox::SandboxOptions sandbox = {};
  std::optional<MattermostScene> mattermost = {};  // in place of what the environment says
};

class Stage;

// Somebody of the company, who acts in the scene's way: presses, reacts, or types it.
class Someone {
 public:
  Someone(Stage& stage, std::string name) : stage_(stage), name_(std::move(name)) {}

  // A command, as he says them: the private answer.
  std::string says(const std::string& words, const std::optional<std::string>& channel = std::nullopt);
  Deed starts_saying(const std::string& words);  // and waits for nothing
  // `request …`, `ensure …`, `extend …`: the new request's id.
  std::string requests(const std::string& what);
  std::string extends(const std::string& id, const std::string& rest);
  // What the id's newest message offers; what was privately answered, empty when nothing was.
  std::string presses(const std::string& act, const std::string& id);
  std::string approves(const std::string& id) { return presses("approve", id); }
  // With a reason: in the form that the button opens, or typed.
  std::string denies(const std::string& id, const std::string& reason);
  std::string ends(const std::string& id, const std::string& reason);
  // Likewise with more than a reason, by the names of the form's fields.
  std::string fills_in(const std::string& act, const std::string& id, const nlohmann::json& values);
  // What nobody offers him any more, or ever did: in a window that is behind, or typed.
  std::string tries(const std::string& act, const std::string& id);
  void starts_trying(const std::string& act, const std::string& id);
  // The command alone, its form filled in: the private answer, or what the form says is wrong.
  std::string asks_by_form(const nlohmann::json& values);
  // The same as presses(); nobody waits for it.
  void starts_pressing(const std::string& act, const std::string& id);
  // Slack's: what an old window, or a forged click, sends.
  void starts_pressing(const std::string& act, const std::string& id, sandbox::Replay replay,
                       std::optional<std::string> value = std::nullopt);

  // Home as it is once the bot has published what opening it calls for; as it is now; empty: nothing
  // published.
  std::string opens_home();
  std::string home() const;
  // A button of Home; of that request, where an id is given. What comes of it shows in home(), form_text()
  // and DMs.
  void presses_on_home(const std::string& act, const std::string& id = {});
  // The global shortcut; waits until its form is open.
  void uses_shortcut();
  // --- the topmost open form; a field is named by its name ("resource") or its block_id
  std::string form_text() const;  // empty: none is open
  // Types into a field whose choices are looked up: their labels, in order; {"error: …"} when none could be
  // loaded.
  std::vector<std::string> searches(const std::string& field, const std::string& text);
  // Chooses what that field offers, by label or value, or a person by name: empty, or the error.
  std::string chooses(const std::string& field, const std::string& choice);
  // Fills in and sends it: the private answer, or what the form says is wrong.
  std::string submits(const nlohmann::json& values);
  // "@jit …" as a reply to the message: what was privately answered, or else in the thread.
  std::string mentions(const std::string& words, const Message& in_thread_of);

  std::vector<std::string> told() const;  // private answers, oldest first
  std::vector<Message> dms() const;
  std::string dm(const std::string& part) const;  // the newest DM with that text; empty: none
  int dms_with(const std::string& part) const;

  const std::string& name() const { return name_; }
  PrincipalId id() const;

 private:
  std::optional<Message> offer(const std::string& act, const std::string& id) const;
  std::string newest_answer(std::size_t before, Millis patience);

  Stage& stage_;
  std::string name_;
};

class Stage {
 public:
  explicit Stage(StageOptions options = {});
  // Ends the bot in good order and verifies the audit chain against the signed head.
  ~Stage();
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  // --- the bot
  void start(Restored restored = Restored::no);              // and waits until people reach it
  Result<void> try_start(Restored restored = Restored::no);  // opens and runs it; does not wait for the chat
  Result<void> open_second();  // another one on the same files, at once closed again
  void stop();
  void restart();
  void replace_policy(const std::string& text);                            // for the next start, or reload
  void put_policy_file(const std::string& name, const std::string& text);  // beside policy.yaml
  App& app() { return *app_; }
  bool running() const { return app_ != nullptr; }
  // A copy of everything on disk, as a power cut at this moment would leave it; and going back to it.
  void save_disk(const std::string& name);
  void load_disk(const std::string& name);   // while stopped; the whole of it
  void load_store(const std::string& name);  // the database alone: a restored backup
  std::filesystem::path folder() const { return folder_; }

  // --- time
  void settle();            // whatever can happen now has happened
  void advance(Millis by);  // in steps, everything due on the way happens at its time
  // Time passes until the condition holds, at most `patience`; false: it never did.
  bool happens(const std::function<bool()>& condition, Millis patience = 2min);
  void until(const std::function<bool()>& condition, Millis patience = 2min);
  Time now() const { return clock.now(); }

  // --- what can be seen
  Someone person(const std::string& name) { return {*this, name}; }
  TestTarget& target(const std::string& connector);
  TestCatalog& catalog(const std::string& name);
  Scene& scene() const { return *scene_; }
  std::vector<Message> messages(const std::string& place) const { return scene_->messages(place); }
  // The card of that id in a channel (newest), as text; empty: none.
  std::string card(const std::string& id, const std::string& channel = k_staging) const;
  std::optional<Message> card_message(const std::string& id, const std::string& channel = k_staging) const;
  int cards(const std::string& id, const std::string& channel = k_staging) const;
  bool offers(const std::string& act, const std::string& id, const std::string& channel = k_staging) const;
  std::string thread(const std::string& id, const std::string& channel = k_staging) const;
  std::string requester_card(const std::string& id, const std::string& who) const;
  bool requester_is_offered(const std::string& act, const std::string& id, const std::string& who) const;
  std::string channel_text(const std::string& channel) const;  // all of it, one message after the other
  int told_admins(const std::string& part) const;
  // What a command is typed as here: "/jit approve 7K3F", "@jitbot approve 7K3F".
  std::string typed(const std::string& words) const { return scene_->command() + " " + words; }

  // --- what goes on between Slack and us
  int slack_calls(const std::string& method) const;  // so far, whatever came of them
  // A Web API method called with the bot's own token, past the bot: what Slack answers.
  Json call_as_bot(const std::string& method, const Json& args);
  // The bot's post of that message once more: what a post whose answer was lost leaves behind.
  Message post_again(const Message& message);
  // A button of one certain message, as it is shown now; what was privately answered, empty when nothing was.
  std::string click_on(Someone& who, const Message& message, const std::string& act,
                       sandbox::Replay replay = sandbox::Replay::current);
  Message as_it_is(const Message& message) const;  // deleted ones too
  Json blocks_of(const Message& message) const;

  // --- what the store and the audit log say
  std::optional<Grant> grant(const std::string& id);
  std::optional<Request> request(const std::string& id);
  std::vector<Vote> votes(const std::string& id);
  std::optional<Entitlement> entitlement_of(const std::string& id);
  std::vector<ChainedEvent> events(const std::string& subject);  // "JIT-7K3F", "clock" …
  std::vector<std::string> actions(const std::string& subject);
  bool audited(const std::string& subject, const std::string& action);
  Json audit_detail(const std::string& subject, const std::string& action);  // of the last such event
  AuditVerdict verify();

  // Shorter words for what many tests wait for.
  bool is_active(const std::string& id);
  void until_active(const std::string& id, Millis patience = 2min);
  void until_ended(const std::string& id, Millis patience = 2min);
  // Asked for, approved by carol, active.
  std::string active_staging(const std::string& duration = "1h");

  template <class T>
  std::shared_ptr<std::optional<T>> begin(Task<T> task) {
    auto result = std::make_shared<std::optional<T>>();
    boost::asio::co_spawn(loop.get_executor(), std::move(task), [result](std::exception_ptr error, T value) {
      if (error) std::rethrow_exception(error);
      *result = std::move(value);
    });
    return result;
  }
  template <class T>
  T get(std::function<Result<T>(Tx&)> work) {
    auto result = begin(query<T>(app_->store(), std::move(work)));
    spin([&] { return result->has_value(); });
    REQUIRE((*result)->has_value());
    return std::move(***result);
  }

  boost::asio::io_context loop{1};
  ManualClock clock;
  SkewedClock bot_clock{clock};
  jitbot::testing::SeededRandom world_random{11};
  jitbot::testing::SeededRandom random{5};
  std::unique_ptr<sandbox::Sandbox> sandbox;                 // null: not on Slack
  std::unique_ptr<mattermost_stand_in::StandIn> mattermost;  // null: Slack alone
  Someone alice{*this, "alice"};
  Someone bob{*this, "bob"};
  Someone carol{*this, "carol"};
  Someone dave{*this, "dave"};
  Someone erin{*this, "erin"};

 private:
  std::string open_chats(StageOptions& options);  // what `chat` of the configuration says
  std::string open_slack(const StageOptions& options);
  std::string open_mattermost(const MattermostScene& scene);
  bool is_connected() const;
  Result<AppOptions> load();
  std::optional<Message> requester_message(const std::string& id, const std::string& who) const;
  bool calls_are_under_way() const;
  void let_it_happen(const std::function<bool()>& condition);
  void barrier();
  void spin(const std::function<bool()>& condition);
  bool step(Millis most);
  void write(const std::string& name, const std::string& text) const;

  std::filesystem::path folder_;
  std::map<std::string, std::string> environment_;
  std::unique_ptr<Scene> scene_;
  std::map<std::string, std::shared_ptr<TestTarget>> targets_;
  std::map<std::string, std::shared_ptr<TestCatalog>> catalogs_;
  std::unique_ptr<App> app_;
  std::shared_ptr<std::optional<Result<void>>> ended_;
};

}  // namespace jitbot::scenario

#pragma once

#include "adapters/chat/sandbox/actions.hpp"
#include "adapters/chat/sandbox/records.hpp"
#include "adapters/chat/sandbox/world.hpp"
#include "bot/model/result.hpp"
#include "bot/ports/clock.hpp"
#include "bot/ports/random.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace jitbot::sandbox {

struct Core;

std::vector<std::string> default_scopes();  // of the bot token, as our manifest asks for
std::vector<std::string> default_events();  // the bot_events our manifest subscribes to

// One line of the slash command's completion on the page.
struct CommandWord {
  std::string word = {};
  std::string hint = {};
};

struct SandboxOptions {
  std::string address = "127.0.0.1";  // loopback only
  std::uint16_t port = 0;             // 0: any free one
  std::string app_token = {};         // empty: made at random; its middle part names the app id
  std::string bot_token = {};         // likewise
  std::string app_id = "A0JITBOT1";
  std::string command = "/jit";
  std::vector<CommandWord> command_words = {};
  std::string shortcut_callback = "request_access";
  std::string shortcut_name = "Request access";
  Switch home_tab = Switch::on;  // features.app_home.home_tab_enabled of the manifest
  Switch rate_limits = Switch::off;
  // How many of the newest calls, envelopes and events api_calls(), envelopes() and event_ids() tell of. More
  // than can be under way at a time, at least 1: an envelope that is forgotten cannot be acknowledged any
  // more.
  std::size_t remembered = 100'000;
  Millis connection_lifetime = 18060s;
  Millis ping_interval = 15s;
  std::vector<std::string> scopes = default_scopes();
  std::vector<std::string> events = default_events();
  std::string banner =
      {};  // shown beside the conversations, plain text: how to log in to what the demo protects
};

// A Slack workspace on loopback: Web API, Socket Mode, and a page for people. Everything runs on the given
// executor, which must be one thread's; call every member on it. Clock and Random must outlive the loop's
// last turn. Deadlines, lifetimes and the Date header follow the Clock. Facts of the wire are those of
// docs.slack.dev and the official SDKs.
class Sandbox {
 public:
  Sandbox(Executor executor, Clock& clock, Random& random, World world, SandboxOptions options = {});
  ~Sandbox();
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;

  Result<void> start();  // binds; refuses an address that is not loopback
  void stop();           // drops every connection; person actions under way end with `dispatch_failed`

  void set_banner(std::string text);  // see SandboxOptions

  std::uint16_t port() const;
  std::string api_url() const;   // http://127.0.0.1:PORT/api/
  std::string page_url() const;  // http://127.0.0.1:PORT/
  const std::string& app_token() const;
  const std::string& bot_token() const;
  const World& world() const;

  // --- what people do
  // -----------------------------------------------------------------------------------------
  Task<Outcome> run_command(CommandInput input);
  Result<std::string> say(SayInput input);  // the message's ts
  // In a view, an element of an input block without dispatch_action takes what was chosen and tells nobody.
  Task<Outcome> click(ClickInput input);
  Task<Suggestions> suggest(SuggestInput input);  // block_suggestion; what was answered may then be chosen
  Task<Outcome> submit(SubmitInput input);
  Task<Outcome> close(CloseInput input);
  Task<Outcome> shortcut(ShortcutInput input);
  Result<std::string> open_dm(std::string user);  // the D… channel; opens the bot's messages tab
  Result<void> open_home(std::string user, HomeTab tab);

  // --- what can be seen
  // --------------------------------------------------------------------------------------- Messages of a
  // channel with those in threads, oldest first; deleted ones and ephemerals are left out.
  std::vector<Message> messages(std::string channel) const;
  std::vector<Message> thread(std::string channel, std::string thread_ts) const;  // the root first
  std::vector<Message> ephemerals(std::string user) const;
  std::optional<Message> find_message(std::string channel, std::string ts) const;  // deleted ones too
  std::vector<View> open_views(std::string user) const;  // bottom of the stack first
  std::optional<View> home(std::string user) const;
  // The newest SandboxOptions::remembered of each, oldest first.
  const std::deque<ApiCall>& api_calls() const;
  const std::deque<EnvelopeRecord>& envelopes() const;
  std::vector<std::string> event_ids() const;
  std::vector<ConnectionInfo> connections() const;  // live registrations, frozen ones among them
  std::vector<Farewell> farewells() const;          // oldest first

  // Grows with everything visible that happens.
  std::uint64_t sequence() const;
  // Called after each change until the returned handle is dropped; it must not call back into the Sandbox.
  [[nodiscard]] std::shared_ptr<void> on_change(std::function<void()> listener);
  Task<void> changed(std::uint64_t after);  // returns once sequence() > after, or when stopped

  // --- changes of the directory; each sends its events
  // ----------------------------------------------------------
  Result<void> add_person(Person person);  // team_join
  Result<void> deactivate(std::string user);
  Result<void> reactivate(std::string user);
  Result<void> set_email(std::string user, std::string email);
  Result<void> set_kind(std::string user, PersonKind kind);
  Result<void> set_group_members(std::string group, std::vector<std::string> members);
  Result<void> set_group_enabled(std::string group, Switch enabled);
  Result<void> join_channel(std::string channel, std::string user);
  Result<void> leave_channel(std::string channel, std::string user);  // the bot's own id too
  Result<void> archive_channel(std::string channel, Switch archived);
  Result<void> rename_channel(std::string channel, std::string name);
  Result<void> make_private(std::string channel, Switch is_private);  // off: public
  Result<void> share_channel(std::string channel, Switch shared);
  void revoke_tokens();                   // tokens_revoked goes out, then every call answers token_revoked
  void uninstall_app();                   // app_uninstalled goes out, then account_inactive
  void send_event(nlohmann::json event);  // any inner event, wrapped

  // --- faults
  // ------------------------------------------------------------------------------------------------- Sends
  // `disconnect` on every connection; warning and refresh close 10 s later, the others at once. link_disabled
  // stays until enable_link().
  void disconnect(DisconnectReason reason);
  void enable_link();
  void drop_connections();    // hard, no Close frame
  void freeze_connections();  // nothing is read any more: no pongs, no acknowledgements; still registered
  void refuse_upgrades(UpgradeFault fault);  // the next dials
  void withhold_hello(Switch withheld);
  void fail_calls(MethodFault fault);  // added to the method's queue
  void clear_faults();                 // all of them; hanging calls are released
  void release_hanging();
  void outage(Switch down);  // the Slack side answers 503 to everything and drops its sockets; the page stays
  void set_rate_limits(Switch limits);
  void set_scopes(std::vector<std::string> scopes);
  // The event of that id once more, under a new envelope id.
  Result<void> redeliver(std::string event_id, int retry_attempt, std::string retry_reason);

 private:
  std::shared_ptr<Core> core_;
};

}  // namespace jitbot::sandbox

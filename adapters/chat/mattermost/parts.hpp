#pragma once

#include "adapters/chat/mattermost/answers.hpp"
#include "adapters/chat/mattermost/catch_up.hpp"
#include "adapters/chat/mattermost/decode.hpp"
#include "adapters/chat/mattermost/directory.hpp"
#include "adapters/chat/mattermost/mattermost.hpp"
#include "adapters/chat/mattermost/messenger.hpp"
#include "adapters/chat/mattermost/socket.hpp"
#include "adapters/net/http_server.hpp"
#include "adapters/net/waiter.hpp"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace jitbot::mattermost {

// What the adapter is made of. Coroutines under way share it.
struct Mattermost::Parts {
  Parts(Executor executor_in, Clock& clock_in, Random& random_in, net::HttpClient& http,
        MattermostOptions options_in);

  Trust trust() const { return {self, options.seal_key, command_token(), signing_key, server_now()}; }
  // The server's clock goes on as our monotonic one does: our wall clock may step, or be wrong by far.
  std::optional<Time> server_now() const {
    if (!server_time) return std::nullopt;
    return *server_time + (clock.steady() - server_time_told);
  }
  Secret command_token() const { return options.callbacks ? options.callbacks->command_token : Secret(); }
  bool known() const { return !self.user.empty(); }

  Executor executor;
  Clock& clock;
  Random& random;
  MattermostOptions options;
  Rest rest;
  NameBook names;
  Messenger messenger;
  PeopleOfMattermost people;
  OpenCallbacks open;
  AddressUses addresses;
  std::shared_ptr<CatchUp> catch_up;  // once the server told its time
  std::unique_ptr<Socket> socket;
  std::unique_ptr<net::HttpServer> server;
  Self self;
  std::string signing_key;          // of the server's triggers; empty: it publishes none
  std::optional<Time> server_time;  // as it was told
  Millis server_time_told{0};       // when
  Dress::Limits limits;
  Inbox* inbox = nullptr;
  std::shared_ptr<Timer> retry;  // between tries to learn who we are
  bool stopping = false;
  unsigned handling = 0;              // callbacks and events under way
  unsigned unanswered = 0;            // callbacks that came, and were not answered yet
  std::shared_ptr<net::Waiter> idle;  // set when stopping and nothing is under way

  // Answer addresses of the commands from which forms were opened, by the form's nonce: the form's state is
  // seen by the person's client, which must not learn them.
  struct KeptAddress {
    Secret url;
    Time given;
  };
  std::map<std::string, KeptAddress> form_addresses;
  // About reactions, by the keys of what was handed over and of what people were told, and by post: done by
  // us since we were started.
  std::set<std::string> reactions_taken;
  std::set<std::string> reactions_told;
  std::set<std::string> forged_cards;
  std::map<std::string, Millis> spent;  // keys of clicks, commands and forms that were taken, and when
};
using PartsPtr = std::shared_ptr<Mattermost::Parts>;

// While it lives, stop() waits.
class Busy {
 public:
  explicit Busy(PartsPtr parts);
  ~Busy();
  Busy(const Busy&) = delete;
  Busy& operator=(const Busy&) = delete;

 private:
  PartsPtr parts_;
};

// One event of the socket, or one that was missed and looked up. An error: not taken.
Task<Result<void>> hear(PartsPtr parts, std::shared_ptr<const nlohmann::json> event, std::string connection);
// All that may have been missed.
Task<Result<void>> look_up_missed(PartsPtr parts);
// A ✅ or ❌ on a card, put there or taken back.
Task<Result<void>> hear_reaction(PartsPtr parts, Reaction reaction);
// Those that a card of ours has now, and those that it has no more: nothing tells which changed.
Task<Result<void>> look_at_reactions(PartsPtr parts, std::string post);

// What was not let in, for the log and whoever audits it. `what`: see RefusedCallback.
void tell_refused(const Mattermost::Parts& parts, std::string_view what, RefusedCallback refused);

// What the server sends to our callbacks.
Task<net::ServerResponse> serve(PartsPtr parts, net::ServerRequest request);

// A form on its way to somebody: what it takes to open is asked for from the start.
struct FormToOpen;
using FormToOpenPtr = std::shared_ptr<FormToOpen>;
FormToOpenPtr prepare_form(const PartsPtr& parts, const Heard& heard, Form form);
// What opens a dialog is good for 3 s: so long after the callback came in (`arrived`, monotonic), choices and
// names that are not there are left out, and what else has to be known is waited for no longer.
inline constexpr Millis k_extras_within = 1200ms;
inline constexpr Millis k_checked_within = 2200ms;
// False: none opened.
Task<bool> open_form(PartsPtr parts, Heard heard, FormToOpenPtr form, Millis arrived);

// Into the inbox, with its channels and key as the bot knows them.
Task<Result<void>> accept(PartsPtr parts, Inbound inbound);
// How this adapter's own names look outside it, for whoever asks the inbox before that.
Inbound for_the_bot(Inbound inbound);

}  // namespace jitbot::mattermost

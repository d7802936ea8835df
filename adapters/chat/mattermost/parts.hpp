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
#include <utility>

namespace jitbot::mattermost {

// What the adapter is made of. Coroutines under way share it.
struct Mattermost::Parts {
  Parts(Executor executor_in, Clock& clock_in, Random& random_in, net::HttpClient& http,
        MattermostOptions options_in);

  Trust trust() const { return {self, options.seal_key, command_token(), signing_key}; }
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
  std::unique_ptr<CatchUp> catch_up;  // once the server told its time
  std::unique_ptr<Socket> socket;
  std::unique_ptr<net::HttpServer> server;
  Self self;
  std::string signing_key;  // of the server's triggers; empty: it publishes none
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
  // Votes by reaction that were heard, by post: (user, emoji). One that is gone while no event tells of it is
  // taken back all the same.
  std::map<std::string, std::set<std::pair<std::string, std::string>>> reacted;
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
// Those that a card of ours has now: which of them are new, nothing tells.
Task<Result<void>> look_at_reactions(PartsPtr parts, std::string post);

// What the server sends to our callbacks.
Task<net::ServerResponse> serve(PartsPtr parts, net::ServerRequest request);

// False: none opened.
Task<bool> open_form(PartsPtr parts, Heard heard, Form form);

// Into the inbox, with its channels and key as the bot knows them.
Task<Result<void>> accept(PartsPtr parts, Inbound inbound);
// How this adapter's own names look outside it, for whoever asks the inbox before that.
Inbound for_the_bot(Inbound inbound);

}  // namespace jitbot::mattermost

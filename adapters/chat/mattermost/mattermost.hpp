#pragma once

#include "adapters/chat/mattermost/stats.hpp"
#include "adapters/net/http_client.hpp"
#include "bot/model/secret.hpp"
#include "bot/ports/clock.hpp"
#include "bot/ports/platform.hpp"
#include "bot/ports/random.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace jitbot::mattermost {

// Where the server reaches us: for the slash command, buttons and dialogs.
struct CallbackOptions {
  std::string address;                 // to listen on
  std::uint16_t port = 0;              // 0: any free one
  std::string url;                     // how the server reaches that, without the last '/'
  Secret command_token;                // what the server calls the slash command with
  std::vector<std::string> from = {};  // addresses and networks that may call; empty: whoever reaches it
};

// A callback that was not let in, or a reaction on a card of ours that somebody else changed.
struct RefusedCallback {
  std::string why;   // "forged", "expired", "another_user", …
  std::string what;  // "command", "button", "dialog", "reaction"; "call": of anything
  std::string user;  // who it says that acted; anybody can say so
  std::string channel;
  std::string post;
};

struct MattermostOptions {
  std::string url;  // of the site, without the last '/'; https, or http on loopback
  Secret token;     // of the bot account
  std::string team;
  std::optional<CallbackOptions> callbacks;  // none: commands as messages, decisions by command or reaction
  Secret seal_key;               // ours alone, and the same after a restart: seals what buttons carry
  std::string ca_file;           // for the socket; the HttpClient has its own
  net::Proxies proxies;          // likewise
  std::string command = "/jit";  // for what we tell people to type, until a slash command tells its name
  // What the policy in force names as groups, of any platform: whoever is in one of them and not in the team
  // is no outsider. On the loop. Empty: none.
  std::function<std::vector<std::string>()> groups_named;
  AlarmHandler on_alarm;          // on the loop, as all of these
  std::function<void()> on_live;  // each time that people reach us again
  std::function<void(const RefusedCallback&)> on_refused;
};

// The bot's account on one Mattermost server, for one team: REST, the WebSocket and, where the server may
// reach us, callbacks. Channels outside are written "mattermost:<id>" and "mattermost:#name". Belongs to the
// loop: every member is called there. Clock, Random, HttpClient and Inbox must outlive the loop's last turn.
class Mattermost : public Platform {
 public:
  Mattermost(Executor executor, Clock& clock, Random& random, net::HttpClient& http,
             MattermostOptions options);
  ~Mattermost() override;
  Mattermost(const Mattermost&) = delete;
  Mattermost& operator=(const Mattermost&) = delete;

  // Learns who we are, and which server and team this is. `refused`: the token, or the team, is not ours.
  Task<Result<void>> connect() override;
  // Hears the socket and serves callbacks until stop(). An error: we are not let in, or cannot listen.
  Task<Result<void>> run(Inbox& inbox) override;
  // Ends run(): callbacks under way are answered, the socket is closed. At most 2 s.
  Task<void> stop() override;
  void close() override;

  unsigned unanswered_callbacks() const;  // those that came, and are being looked at

  Task<Result<MessageRef>> post(Place place, Card card, std::string key) override;
  Task<Result<void>> update(MessageRef message, Card card, std::string key) override;
  Task<Result<std::optional<MessageRef>>> find(Place place, std::string key, Time since) override;
  Task<Result<void>> answer(Inbound to, Card card) override;
  Task<Result<ChannelInfo>> channel(std::string name_or_id) override;
  Task<Result<Time>> server_time() override;
  bool live() const override;

  Task<Result<Person>> person(PrincipalId id) override;
  Task<Result<std::set<PrincipalId>>> members(std::string group) override;
  Task<Result<Person>> by_email(std::string email) override;
  std::string workspace(std::string_view platform) const override;

  struct Parts;

 private:
  std::shared_ptr<Parts> parts_;
};

}  // namespace jitbot::mattermost

#pragma once

#include "adapters/chat/slack/rate_gate.hpp"
#include "adapters/chat/slack/stats.hpp"
#include "adapters/net/http_client.hpp"
#include "bot/model/secret.hpp"
#include "bot/ports/clock.hpp"
#include "bot/ports/platform.hpp"
#include "bot/ports/random.hpp"

#include <memory>
#include <string>

namespace jitbot::slack {

struct SlackOptions {
  Secret app_token;  // xapp-…, scope connections:write
  Secret bot_token;  // xoxb-…
  // https, or http on loopback. With one on loopback, ws:// and http answer addresses on any loopback port
  // are taken too; else only encrypted ones of Slack's own hosts.
  std::string api_url = "https://slack.com/api/";
  unsigned connections = 2;
  std::string ca_file;           // for the sockets; the HttpClient has its own
  net::Proxies proxies;          // likewise
  std::string command = "/jit";  // as the manifest names it, for what we tell people to type
  Pace pace = Pace::within_limits;
  AlarmHandler on_alarm;          // on the loop
  std::function<void()> on_live;  // on the loop, at each hello
};

// One Slack workspace, over Socket Mode and the Web API. Belongs to the loop: every member is called there.
// Clock, Random, HttpClient and Inbox must outlive the loop's last turn.
class Slack : public Platform {
 public:
  Slack(Executor executor, Clock& clock, Random& random, net::HttpClient& http, SlackOptions options);
  ~Slack() override;
  Slack(const Slack&) = delete;
  Slack& operator=(const Slack&) = delete;

  // Learns who we are. `invalid`: the options make no sense; `refused`: Slack does not accept the token; else
  // the kind of the call's failure.
  Task<Result<void>> connect() override;
  // Hands what people say to `inbox` until stop(), reconnecting for ever; returns early only with an error
  // that no retry mends (tokens, scopes, the app is gone). Connects first if that was not done.
  Task<Result<void>> run(Inbox& inbox) override;
  // Ends run(): open acknowledgements go out, every connection gets its Close frame. At most 2 s.
  Task<void> stop() override;
  void close() override;

  SlackStats stats() const;

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

}  // namespace jitbot::slack

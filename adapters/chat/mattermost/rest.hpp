#pragma once

#include "adapters/chat/mattermost/rest_fault.hpp"
#include "adapters/net/http_client.hpp"
#include "adapters/net/sleepers.hpp"
#include "bot/model/secret.hpp"
#include "bot/ports/clock.hpp"
#include "bot/ports/random.hpp"
#include "bot/ports/task.hpp"

#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <memory>
#include <string>

namespace jitbot::mattermost {

struct RestOptions {
  std::string url;  // of the server, as people open it: "https://chat.example.com"; a path is kept
  Secret token;
  Millis attempt = 10s;   // one exchange
  Millis patience = 30s;  // all tries of one call, waits included
};

enum class Repeat {
  never,   // a ticket that is good for seconds
  unsent,  // only what surely was not done
  safe,    // reading, or writing the same again
};
enum class As { bot, nobody };

struct RestCall {
  std::string method = "GET";
  std::string path;                            // below /api/v4: "/users/me"
  std::shared_ptr<const nlohmann::json> body;  // null: none
  Repeat repeat = Repeat::safe;
  As as = As::bot;
  std::string shown;   // for the log, where the path holds what people wrote; else empty
  Millis patience{0};  // 0: that of the options
};

// The path that asks whose the token is. A refused token is `refused` there, and `unavailable` to every other
// call: it may be restored, and what was to be said can be said then.
inline constexpr const char* k_who_am_i = "/users/me";

// Mattermost's REST interface, version 4. Rate limits are honoured by all calls together; what can safely be
// done twice is tried again; a refusal counts when the server says that it is well and then refuses once
// more. Neither tokens nor texts are logged. Belongs to the loop.
class Rest {
 public:
  Rest(Clock& clock, Random& random, net::HttpClient& http, RestOptions options);

  Task<RestResult<RestReply>> call(RestCall call);
  Task<RestResult<RestReply>> get(std::string path);
  // Writing the same again: done twice, it is done once.
  Task<RestResult<RestReply>> post(std::string path, std::shared_ptr<const nlohmann::json> body);
  Task<RestResult<RestReply>> put(std::string path, std::shared_ptr<const nlohmann::json> body);

  // One message to the answer address of a slash command. Of the address, which is a credential, only the
  // ticket is taken: it is sent to our own server, whatever host it names. not_found: used up or expired.
  Task<Result<void>> respond(Secret url, std::shared_ptr<const nlohmann::json> message);

  // Told each time that our token is refused for good.
  void on_refused(std::function<void(const RestFault&)> handler) { on_refused_ = std::move(handler); }
  // From now on nothing is sent any more: a call that still waits fails now, and the HttpClient may go.
  void close();

 private:
  struct Exchange;
  enum class Health { well, ailing, silent };
  Task<RestResult<RestReply>> attempt(RestCall call);
  Task<RestResult<bool>> wait_turn(std::string what, Millis deadline);
  Task<Health> ask_health();
  Task<void> weigh(std::shared_ptr<Exchange> exchange);
  Millis pause_after(const Exchange& exchange);
  void give_way(Millis until);

  Clock& clock_;
  Random& random_;
  net::HttpClient& http_;
  RestOptions options_;
  Millis paused_until_{0};
  bool closed_ = false;
  net::Sleepers sleepers_{clock_};  // woken by close()
  std::function<void(const RestFault&)> on_refused_;
};

// The ticket of "https://any.host/any/path/hooks/commands/599egrco5frnmyn1x7mbr5nc9c"; empty: it has none.
std::string command_ticket(std::string_view response_url);

}  // namespace jitbot::mattermost

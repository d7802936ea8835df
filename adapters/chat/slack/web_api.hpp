#pragma once

#include "adapters/chat/slack/api_error.hpp"
#include "adapters/chat/slack/hosts.hpp"
#include "adapters/chat/slack/rate_gate.hpp"
#include "adapters/net/http_client.hpp"
#include "adapters/net/sleepers.hpp"
#include "bot/model/secret.hpp"
#include "bot/ports/clock.hpp"
#include "bot/ports/random.hpp"
#include "bot/ports/task.hpp"

#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace jitbot::slack {

struct ApiReply {
  std::shared_ptr<const nlohmann::json> body;  // an object with "ok": true
  net::Headers headers;
};

struct WebApiOptions {
  std::string url;  // ends with '/'
  Secret app_token;
  Secret bot_token;
  Pace pace = Pace::within_limits;
  Millis attempt = 10s;   // one exchange
  Millis patience = 30s;  // all tries of one call, waits included
};

// Slack's Web API (docs.slack.dev, "Using the Slack Web API"). Everything goes as a form: some methods take
// no JSON. Rate limits are kept before Slack must enforce them; Retry-After is honoured; what can safely be
// done twice is tried again. The same question of several callers is asked once as long as it has not been
// sent: each gets an answer given after he asked. Neither tokens nor texts are logged. Belongs to the loop.
class WebApi {
 public:
  WebApi(Clock& clock, Random& random, net::HttpClient& http, WebApiOptions options);

  Task<ApiResult<ApiReply>> call(std::string method, std::vector<net::FormField> arguments);
  // A fresh one-time address for one Socket Mode connection. It is a credential.
  Task<ApiResult<std::string>> open_connection();
  // One message to an answer address. not_found: used up or expired.
  Task<Result<void>> respond(Secret url, std::shared_ptr<const nlohmann::json> message);

  // Told of errors that no retry mends.
  void on_fatal(std::function<void(const ApiFault&)> handler) { on_fatal_ = std::move(handler); }
  // From now on nothing is sent any more: a call that still waits for its turn fails now, and the HttpClient
  // may go.
  void close();

 private:
  struct Call;
  struct Question;  // waits for its turn, and those who want the same answer with it
  Task<ApiResult<ApiReply>> exchange(Call call);
  Task<ApiResult<ApiReply>> ask(Call call);
  Task<ApiResult<ApiReply>> join(std::shared_ptr<Question> question, Millis deadline);
  void no_longer_waits(const Question& question);
  Task<ApiResult<ApiReply>> attempt(Call call);
  Task<ApiResult<bool>> wait_turn(Call call);
  static ApiFault stopped(const Call& call);
  ApiResult<ApiReply> judge(const Call& call, const net::HttpResponse& response) const;

  Clock& clock_;
  Random& random_;
  net::HttpClient& http_;
  WebApiOptions options_;
  Realm realm_;
  RateGate gate_;
  std::map<std::string, std::shared_ptr<Question>> waiting_;  // by method and arguments
  bool closed_ = false;
  net::Sleepers sleepers_{clock_};  // woken by close()
  std::function<void(const ApiFault&)> on_fatal_;
};

}  // namespace jitbot::slack

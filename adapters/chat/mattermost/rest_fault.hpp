#pragma once

#include "adapters/net/http.hpp"
#include "bot/model/result.hpp"
#include "bot/model/time.hpp"

#include <nlohmann/json_fwd.hpp>
#include <tl/expected.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

// What an answer of Mattermost's REST interface means (recorded in rest_err_*.json): the one place where
// statuses and error ids become kinds.
namespace jitbot::mattermost {

// Why a call failed. `id` is Mattermost's own word ("api.context.permissions.app_error"), empty when it did
// not answer in its own words. Its message is never kept: it is written for people, and may repeat the token.
struct RestFault {
  Error error;
  int status = 0;  // 0: no answer came
  std::string id;
  std::optional<Millis> retry_after;
  // An earlier try of the same call may have been done, whatever the last one says.
  bool perhaps_done = false;
};

template <class T>
using RestResult = tl::expected<T, RestFault>;

struct RestReply {
  std::shared_ptr<const nlohmann::json> body;
  net::Headers headers;
};

struct RestAnswer {
  int status = 0;
  net::Headers headers;
  std::string body;
};
// `what` names the call in the log.
RestResult<RestReply> judge(const std::string& what, const RestAnswer& answer);

// A refusal that a server without its database gives too (rest_err_500_db_down*.json): no proof of anything
// until the server says that it is well.
bool doubtful(const RestFault& fault);
// The message or its props are longer than this server takes.
bool is_too_long(const RestFault& fault);

// Retry-After, which comes twice where two limiters run ("1", "11, 9"): the longest. Within an hour.
Millis retry_after(const net::Headers& headers);

}  // namespace jitbot::mattermost

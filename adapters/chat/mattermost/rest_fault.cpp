#include "adapters/chat/mattermost/rest_fault.hpp"

#include "adapters/chat/read/json_read.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace jitbot::mattermost {

namespace {

using chat::text_at;

using Json = nlohmann::json;

constexpr Millis k_default_retry_after = 2s;  // a 429 that does not say
constexpr Millis k_longest_retry_after = 3600s;
constexpr std::size_t k_longest_word = 100;

// Of an id or a request id: what cannot be taken for anything else in a log line.
std::string word(std::string_view text) {
  std::string clean;
  for (const char c : text.substr(0, k_longest_word)) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '_' || c == '-';
    if (plain) clean += c;
  }
  return clean;
}

RestFault fault(ErrorKind kind, std::string message, std::string detail) {
  return RestFault{Error{kind, std::move(message), std::move(detail)}, 0, {}, {}, false};
}

struct Meaning {
  std::string_view id;
  ErrorKind kind;
  std::string_view words;
};

constexpr std::array k_meanings{
    Meaning{"api.context.session_expired.app_error", ErrorKind::refused,
            "Mattermost does not accept the token, or its account is disabled"},
    Meaning{"api.post.create_post.can_not_post_to_deleted.error", ErrorKind::refused,
            "the channel is archived"},
    Meaning{"api.post.create_post.root_id.app_error", ErrorKind::refused, "the thread is gone"},
    Meaning{"api.post.deduplicate_create_post.pending", ErrorKind::outcome_unknown,
            "Mattermost is still busy with the same message"},
    Meaning{"api.ldap_groups.license_error", ErrorKind::refused, "this Mattermost server has no groups"},
    Meaning{"interactive_message.decode_trigger_id.expired", ErrorKind::refused,
            "that was too slow for a dialog to open"},
    Meaning{"api.post.update_post.can_not_update_post_in_deleted.error", ErrorKind::refused,
            "the channel is archived"},
    Meaning{"api.post.update_post.permissions_time_limit.app_error", ErrorKind::refused,
            "this server lets messages be edited for a while only (ServiceSettings.PostEditTimeLimit)"},
    Meaning{"model.post.is_valid.msg.app_error", ErrorKind::invalid, "the message is too long"},
    // What newer servers call it.
    Meaning{"model.post.is_valid.message_length.app_error", ErrorKind::invalid, "the message is too long"},
    Meaning{"model.post.is_valid.props.app_error", ErrorKind::invalid, "the message is too long"},
};

Error error_of(int status, const std::string& id) {
  const auto* known = std::ranges::find(k_meanings, id, &Meaning::id);
  if (known != k_meanings.end()) return {known->kind, std::string(known->words), {}};
  switch (status) {
    case 401:
      return {ErrorKind::refused, "Mattermost does not accept the token, or its account is disabled", {}};
    case 403:
      return {ErrorKind::refused, "Mattermost does not let the bot do that", {}};
    case 404:
      return {ErrorKind::not_found, "Mattermost knows nothing of that", {}};
    case 409:
      return {ErrorKind::conflict, "Mattermost's state moved on", {}};
    case 501:
      return {ErrorKind::refused, "this Mattermost server cannot do that", {}};
    default:
      break;
  }
  if (status >= 500) return {ErrorKind::outcome_unknown, "Mattermost has trouble of its own", {}};
  if (status >= 400) return {ErrorKind::invalid, "Mattermost did not take what was sent", {}};
  return {ErrorKind::outcome_unknown, "something between us and Mattermost answered", {}};
}

}  // namespace

Millis retry_after(const net::Headers& headers) {
  std::optional<Millis> longest;
  for (const net::Header& header : headers) {
    const net::Headers alone{header};
    if (!net::find_header(alone, "Retry-After")) continue;
    std::string_view rest = header.value;
    while (!rest.empty()) {
      const auto comma = std::min(rest.find(','), rest.size());
      std::string_view part = rest.substr(0, comma);
      rest.remove_prefix(std::min(comma + 1, rest.size()));
      while (part.starts_with(' ')) part.remove_prefix(1);
      unsigned seconds = 0;
      const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), seconds);
      if (error != std::errc() || end == part.data()) continue;
      longest = std::max(longest.value_or(Millis{0}), Millis{std::chrono::seconds{seconds}});
    }
  }
  return std::clamp(longest.value_or(k_default_retry_after), Millis{100}, k_longest_retry_after);
}

RestResult<RestReply> judge(const std::string& what, const RestAnswer& answer) {
  const std::string request_id =
      word(net::find_header(answer.headers, "X-Request-Id").value_or(std::string_view{}));
  const std::string where = fmt::format("{} status={} req_id={}", what, answer.status, request_id);
  if (answer.status == 429) {
    RestFault slow = fault(ErrorKind::rate_limited, "Mattermost asks for a pause", where);
    slow.status = answer.status;
    slow.retry_after = retry_after(answer.headers);
    return tl::unexpected(std::move(slow));
  }
  auto body = std::make_shared<const Json>(Json::parse(answer.body, nullptr, false));
  if (answer.status >= 200 && answer.status < 300) {
    if (!body->is_discarded()) return RestReply{std::move(body), answer.headers};
    RestFault strange = fault(ErrorKind::outcome_unknown, "something between us and Mattermost answered",
                              where + ": no JSON; a proxy or a log-in page may stand between");
    strange.status = answer.status;
    return tl::unexpected(std::move(strange));
  }
  const std::string id = word(text_at(*body, {"id"}));
  RestFault refused{error_of(answer.status, id), answer.status, id, {}, false};
  refused.error.detail = id.empty() ? where : fmt::format("{} id={}", where, id);
  return tl::unexpected(std::move(refused));
}

bool doubtful(const RestFault& fault) {
  // What the message itself is judged by is looked at before the database is asked.
  if (fault.id.starts_with("model.") || fault.id.starts_with("interactive_message.")) return false;
  return fault.status == 400 || fault.status == 401 || fault.status == 403;
}

bool is_too_long(const RestFault& fault) {
  constexpr std::array<std::string_view, 3> k_ids{"model.post.is_valid.msg.app_error",
                                                  "model.post.is_valid.message_length.app_error",
                                                  "model.post.is_valid.props.app_error"};
  return fault.status == 413 || std::ranges::find(k_ids, fault.id) != k_ids.end();
}

}  // namespace jitbot::mattermost

#include "bot/model/request.hpp"

#include "bot/model/audit_event.hpp"
#include "bot/model/enum_text.hpp"
#include "bot/model/json.hpp"

#include <nlohmann/json.hpp>

namespace jitbot {

namespace {

constexpr std::size_t k_digest_prefix_length = 12;

}  // namespace

std::string_view to_string(RequestState state) {
  switch (state) {
    case RequestState::pending:
      return "pending";
    case RequestState::approved:
      return "approved";
    case RequestState::denied:
      return "denied";
    case RequestState::cancelled:
      return "cancelled";
    case RequestState::timed_out:
      return "timed_out";
  }
  return "pending";
}

std::string_view to_string(RequestKind kind) {
  switch (kind) {
    case RequestKind::access:
      return "access";
    case RequestKind::extension:
      return "extension";
  }
  return "access";
}

std::optional<RequestState> parse_request_state(std::string_view text) {
  return detail::parse_enum(text, {RequestState::pending, RequestState::approved, RequestState::denied,
                                   RequestState::cancelled, RequestState::timed_out});
}

std::optional<RequestKind> parse_request_kind(std::string_view text) {
  return detail::parse_enum(text, {RequestKind::access, RequestKind::extension});
}

std::string digest_of(const Asked& asked, int revision) {
  nlohmann::json frozen;
  frozen["asked"] = to_json(asked);
  frozen["revision"] = revision;
  return sha256_hex(canonical_json(frozen));
}

std::string digest_prefix(const Request& request) {
  return request.digest.substr(0, k_digest_prefix_length);
}

std::string typed_id(const Request& request) {
  if (request.revision == 0) return request.id.value;
  return request.id.value + "." + std::to_string(request.revision + 1);
}

std::string shown_id(const Request& request) {
  return "JIT-" + typed_id(request);
}

}  // namespace jitbot

#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace jitbot {

// The id people say aloud: Crockford base 32, kept without prefix ("7K3F"), shown as "JIT-7K3F".
// A request, the grant that it became and its cards share it.
struct RequestId {
  std::string value;
  auto operator<=>(const RequestId&) const = default;
};
std::string to_string(const RequestId& id);  // "JIT-7K3F"
// Case-blind, prefix optional; o→0, i and l→1 as Crockford reads them. Nothing: not an id.
std::optional<RequestId> parse_request_id(std::string_view text);
RequestId make_request_id(std::uint64_t random, unsigned digits);  // the low 5 bits per digit

// One account of one chat workspace: {"slack:T0001", "U0001"}. Not yet a person: see Person.
struct PrincipalId {
  std::string workspace;
  std::string user;
  auto operator<=>(const PrincipalId&) const = default;
};
std::string to_string(const PrincipalId& id);  // "slack:T0001/U0001"
std::optional<PrincipalId> parse_principal_id(std::string_view text);
std::string_view platform_of(const PrincipalId& id);  // "slack"
// As a mention names an account: by its id alone within the workspace of whoever says it, or whole.
PrincipalId mentioned_by(const PrincipalId& speaker, std::string_view mention);
std::string mention_for(const PrincipalId& reader, const PrincipalId& account);

// Who acts when nobody clicked: {"system", "<part>"}.
PrincipalId system_principal(std::string_view part);

struct EntitlementId {
  std::int64_t value = 0;
  auto operator<=>(const EntitlementId&) const = default;
};

}  // namespace jitbot

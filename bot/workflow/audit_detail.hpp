#pragma once

#include "bot/model/audit_event.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace jitbot {

inline std::string subject_of(const RequestId& id) {
  return to_string(id);
}
inline std::string subject_of(EntitlementId id) {
  return "entitlement:" + std::to_string(id.value);
}

template <class Id>
AuditEvent event(Time at, const PrincipalId& actor, std::string_view action, const Id& subject,
                 const nlohmann::json& detail) {
  return {at, actor, std::string(action), subject_of(subject), canonical_json(detail)};
}

}  // namespace jitbot

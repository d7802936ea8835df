#include "bot/model/entitlement.hpp"

#include "bot/model/enum_text.hpp"

namespace jitbot {

std::string_view to_string(EntitlementState state) {
  switch (state) {
    case EntitlementState::rest:
      return "rest";
    case EntitlementState::baseline:
      return "baseline";
    case EntitlementState::ours:
      return "ours";
    case EntitlementState::standing:
      return "standing";
    case EntitlementState::removing:
      return "removing";
    case EntitlementState::settling:
      return "settling";
  }
  return "rest";
}

std::string_view to_string(Presence presence) {
  switch (presence) {
    case Presence::present:
      return "present";
    case Presence::absent:
      return "absent";
    case Presence::gone:
      return "gone";
    case Presence::unknown:
      return "unknown";
  }
  return "unknown";
}

std::string_view to_string(Call call) {
  switch (call) {
    case Call::observe:
      return "observe";
    case Call::present:
      return "present";
    case Call::absent:
      return "absent";
  }
  return "observe";
}

std::optional<EntitlementState> parse_entitlement_state(std::string_view text) {
  return detail::parse_enum(
      text, {EntitlementState::rest, EntitlementState::baseline, EntitlementState::ours,
             EntitlementState::standing, EntitlementState::removing, EntitlementState::settling});
}

std::optional<Call> parse_call(std::string_view text) {
  return detail::parse_enum(text, {Call::observe, Call::present, Call::absent});
}

}  // namespace jitbot

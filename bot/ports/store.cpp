#include "bot/ports/store.hpp"

namespace jitbot {

std::string_view to_string(DueKind kind) {
  switch (kind) {
    case DueKind::request_timeout:
      return "request_timeout";
    case DueKind::grant_warn:
      return "grant_warn";
    case DueKind::grant_end:
      return "grant_end";
    case DueKind::grant_window:
      return "grant_window";
    case DueKind::entitlement_call:
      return "entitlement_call";
    case DueKind::overdue_alarm:
      return "overdue_alarm";
  }
  return "request_timeout";
}

}  // namespace jitbot

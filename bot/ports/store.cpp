#include "bot/ports/store.hpp"

namespace jitbot {

std::string_view to_string(DueKind kind) {
  switch (kind) {
    case DueKind::request:
      return "request";
    case DueKind::grant:
      return "grant";
    case DueKind::call:
      return "call";
    case DueKind::alarm:
      return "alarm";
    case DueKind::start:
      return "start";
    case DueKind::nudge:
      return "nudge";
  }
  return "request";
}

}  // namespace jitbot

#include "bot/model/result.hpp"

namespace jitbot {

std::string_view to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid:
      return "invalid";
    case ErrorKind::not_found:
      return "not_found";
    case ErrorKind::refused:
      return "refused";
    case ErrorKind::conflict:
      return "conflict";
    case ErrorKind::rate_limited:
      return "rate_limited";
    case ErrorKind::unavailable:
      return "unavailable";
    case ErrorKind::outcome_unknown:
      return "outcome_unknown";
    case ErrorKind::internal:
      return "internal";
  }
  return "internal";
}

}  // namespace jitbot

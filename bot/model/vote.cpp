#include "bot/model/vote.hpp"

#include "bot/model/enum_text.hpp"

namespace jitbot {

std::string_view to_string(VoteKind kind) {
  switch (kind) {
    case VoteKind::approve:
      return "approve";
    case VoteKind::deny:
      return "deny";
    case VoteKind::withdrawn:
      return "withdrawn";
  }
  return "withdrawn";
}

std::optional<VoteKind> parse_vote_kind(std::string_view text) {
  return detail::parse_enum(text, {VoteKind::approve, VoteKind::deny, VoteKind::withdrawn});
}

}  // namespace jitbot

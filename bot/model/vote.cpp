#include "bot/model/vote.hpp"

#include "bot/model/enum_text.hpp"
#include "bot/model/request.hpp"

namespace jitbot {

bool Vote::stands_for(const Request& of) const {
  return !voided && kind != VoteKind::withdrawn && digest == of.digest;
}

bool Vote::approves(const Request& of) const {
  return kind == VoteKind::approve && stands_for(of);
}

bool Vote::denies(const Request& of) const {
  return kind == VoteKind::deny && stands_for(of);
}

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

#pragma once

#include "bot/cards/card.hpp"
#include "bot/model/entitlement.hpp"
#include "bot/model/grant.hpp"
#include "bot/model/request.hpp"
#include "bot/model/vote.hpp"

#include <optional>
#include <string>
#include <vector>

namespace jitbot {

// Everything that a card about one request may show, as it stands now.
struct SubjectView {
  Request request;
  std::vector<Vote> votes;                 // oldest first, withdrawn and voided ones too
  std::optional<Grant> grant;              // of this request, or the one an extension prolongs
  std::optional<Entitlement> entitlement;  // the grant's
  std::optional<Request> extension;        // pending extension of the grant
  Time now;
};

// The approval card, in the rule's channels: Waiting, Approved, Active until …, Ending, Ended, Denied,
// Cancelled, Timed out, Overdue; buttons only where they still do something.
Card approval_card(const SubjectView& view);
// The same subject from the other side: the requester's one card in his DM, edited from asking to end. Whom
// it was asked for has one, too: `reader` is who reads it, for what only one of them can do. Without one: the
// beneficiary.
Card requester_card(const SubjectView& view);
Card requester_card(const SubjectView& view, const PrincipalId& reader);
// A card that was posted twice, after a lost answer: it points at the one that counts.
Card surplus_card(const SubjectView& view);

}  // namespace jitbot

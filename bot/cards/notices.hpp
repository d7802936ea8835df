#pragma once

#include "bot/cards/views.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace jitbot {

// The words of a notice. A notice about a subject shows its present state; `args` holds what the state does
// not: a JSON object; since, next and at are milliseconds since 1970, tries a number, voter a principal as
// text, all else text. Anything missing is left out of the words.
enum class NoticeKind {
  decided,           // requester: by whom, the reason, what happens next
  usable,            // beneficiary: confirmed, from when to when, how to use it
  not_granted,       // requester, administrators: the target's own words (args.detail)
  warn,              // beneficiary: it ends soon; Extend by command, I'm done
  ended,             // beneficiary, card's thread: removed and confirmed absent at, lag; or held, standing, …
  reconnect,         // another live grant's session was ended with this one: reconnect
  overdue,           // administrators: not proven absent; args: since, tries, next, detail
  overdue_resolved,  // administrators, once alarmed: proven at last; args: since, at
  removed_outside,   // asker and beneficiary: somebody else removed it; nothing is put back
  reappeared,        // administrators: seen again after it was proven absent
  step,              // a card's thread: what happened, as it was then (args: see bot/cards/steps.hpp)
  question,          // asker and beneficiary: asked about it; who asked: answered (args.who, text, channels)
  revised,           // asker and beneficiary: made shorter (args.steps as of step)
  vote_voided,       // the voter: lost the right, does not count (args.voter)
  nobody_can_approve,  // requester, administrators (args.step)
  card_not_posted,     // administrators, and requester when it failed everywhere (args.place, args.problem)
  identity_conflict,   // administrators: an e-mail is bound to another account, or changed (args.detail)
  unasked_access,      // administrators: access nobody asked for is seen at a target (args.*)
  reminder,            // approvers not yet heard, below the card: args.people (principals), args.more
  escalated,           // whom the rule escalates to, who may not decide: what waits, and who may
  channel_lost,    // administrators: no cards there any more (args.channel, args.why, args.rules, args.fix)
  channel_back,    // administrators: cards are shown there again (args.channel, args.rules)
  inbox_parked,    // administrators: a message from the platform failed five times (args.key, args.detail)
  clock,           // administrators: the clocks do not agree (args.detail)
  time_step,       // administrators: the wall clock stepped (args.detail)
  chat_problem,    // administrators: the connection to the chat needs a person (args.detail)
  catalog_silent,  // administrators: a catalog has not been readable for long (args.catalog, args.detail)
  restored,        // administrators: started after a restore; what was found (args.detail)
  policy_refused,  // administrators: the old one stays (args.problems, a list; args.more, args.in_force)
};
std::string_view to_string(NoticeKind kind);
std::optional<NoticeKind> parse_notice_kind(std::string_view text);

// `view` is empty for notices that are about no request.
Card notice_card(NoticeKind kind, const std::optional<SubjectView>& view, const nlohmann::json& args,
                 Time now);

}  // namespace jitbot

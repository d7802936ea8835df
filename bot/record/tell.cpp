#include "bot/record/record.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

// Who hears of what happens to a grant. Cards are edited and edits notify nobody, so what somebody must
// notice is a new message.
namespace jitbot {

namespace {

constexpr Millis k_day = 24h;
// How long whoever asked still looks at the card that was just posted.
constexpr Millis k_still_looking = 30s;

}  // namespace

bool Recorder::was_just_given_by_rule(const Grant& grant) {
  if (now_ - grant.created >= k_still_looking) return false;
  const auto request = tx_.request(grant.id);
  return request && request->asked.automatic;
}

bool Recorder::is_told_by_card(const Grant& grant) {
  if (grant.asker != grant.beneficiary || !was_just_given_by_rule(grant)) return false;
  return std::ranges::none_of(tx_.cards(grant.id), [](const CardRow& card) {
    return card.face == CardRow::Face::requester && !card.problem.empty();
  });
}

void Recorder::tell_usable(const Grant& grant) {
  notice(NoticeKind::usable, to_string(grant.id) + "/usable", direct(grant.beneficiary), grant.id,
         nlohmann::json::object(), grant.end() - now_);
}

void Recorder::not_shown_to_requester(const CardRow& card) {
  const auto grant = tx_.grant(card.subject);
  if (grant && grant->state == GrantState::active && grant->confirmed &&
      card.place.direct == grant->beneficiary)
    tell_usable(*grant);
}

void Recorder::tell(const GrantChange& change, const Entitlement& entitlement) {
  const Grant& grant = change.after;
  const std::string key = to_string(grant.id);
  switch (change.event) {
    case GrantEvent::confirmed:
    case GrantEvent::found_standing:
      if (!is_told_by_card(grant)) tell_usable(grant);
      return;
    case GrantEvent::warn_due:
      notice(NoticeKind::warn,
             key + "/warn/" + std::to_string(grant.warned) + "/" + std::to_string(to_ms(grant.end())),
             direct(grant.beneficiary), grant.id, nlohmann::json::object(), grant.end() - now_);
      return;
    case GrantEvent::target_refused:
    case GrantEvent::window_over:
    case GrantEvent::existing_refused:
    case GrantEvent::barred: {
      // Before its start the target was not asked for anything.
      auto args = nlohmann::json::object();
      if (change.before.state != GrantState::scheduled) args["detail"] = grant.end_reason;
      notice(NoticeKind::not_granted, key + "/not_granted", direct(grant.beneficiary), grant.id, args, k_day);
      if (grant.asker != grant.beneficiary)
        notice(NoticeKind::not_granted, key + "/not_granted/asker", direct(grant.asker), grant.id, args,
               k_day);
      notice_admins(NoticeKind::not_granted, key + "/not_granted", grant.id, args);
      return;
    }
    case GrantEvent::held_by_other:
    case GrantEvent::kept_standing:
    case GrantEvent::absence_proven:
    case GrantEvent::untouched:
    case GrantEvent::gone:
    case GrantEvent::removed_outside:
    case GrantEvent::abandoned:
      tell_ended(grant, entitlement);
      return;
    case GrantEvent::done:
    case GrantEvent::vanished:
    case GrantEvent::revoked:
    case GrantEvent::deactivated:
      // Before its start: nothing is left to be proven.
      if (grant.state == GrantState::ended) tell_ended(grant, entitlement);
      return;
    case GrantEvent::started:
    case GrantEvent::end_due:
    case GrantEvent::extended:
      return;
  }
}

void Recorder::tell_ended(const Grant& grant, const Entitlement& entitlement) {
  const std::string key = to_string(grant.id);
  const auto none = nlohmann::json::object();
  const NoticeKind kind =
      grant.ended_as == EndedAs::removed_outside ? NoticeKind::removed_outside : NoticeKind::ended;
  notice(kind, key + "/ended", direct(grant.beneficiary), grant.id, none, k_day);
  if (grant.asker != grant.beneficiary) {
    notice(kind, key + "/ended/asker", direct(grant.asker), grant.id, none, k_day);
  }
  if (grant.ended_as == EndedAs::absent || grant.ended_as == EndedAs::failed)
    tell_reconnect(grant, entitlement);
  if (const auto extension = tx_.pending_extension(grant.id)) {
    RequestInput input{.event = RequestEvent::time_out, .actor = system_principal("workflow")};
    Facts facts;
    facts.now = now_;
    save(apply(*extension, tx_.votes(extension->id), input, Policy{}, facts));
  }
}

// Removing one role ends every session of the account; who still has another role there must know why.
void Recorder::tell_reconnect(const Grant& ended, const Entitlement& entitlement) {
  const Connector* const ours = in_store(entitlement);
  if (ours != nullptr && !ours->capabilities().ends_sessions) return;
  for (const Grant& other : tx_.live_grants_of(ended.beneficiary)) {
    if (other.id == ended.id || other.state != GrantState::active) continue;
    const auto theirs = tx_.entitlement(other.entitlement);
    if (!theirs || theirs->key.connector != entitlement.key.connector ||
        theirs->key.account != entitlement.key.account || theirs->id == entitlement.id) {
      continue;
    }
    notice(NoticeKind::reconnect, to_string(other.id) + "/reconnect/" + to_string(ended.id),
           direct(other.beneficiary), other.id, {{"ended", to_string(ended.id)}}, 1h);
  }
}

}  // namespace jitbot

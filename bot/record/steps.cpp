#include "bot/cards/steps.hpp"

#include "bot/record/record.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

// The threads below the approval cards: every step, once, as it was. It is written in the transaction of the
// step itself, so a crash loses none and repeats none.
namespace jitbot {

namespace {

constexpr Millis k_day = 24h;
constexpr int k_most_at_once = 1000;  // steps of one kind about one subject at one instant

bool starts_use(const AuditEvent& event) {
  return event.action == "grant.active" || event.action == "grant.standing";
}

}  // namespace

void Recorder::tell_steps(const RequestId& subject, const std::vector<AuditEvent>& events,
                          const std::string& of) {
  const auto steps = told_in_thread(events);
  if (steps.empty()) return;
  const auto args = step_args(steps, of);
  for (const CardRow& card : tx_.cards(subject)) {
    // A card that is not posted yet will say all of it when it is; one in a direct message has no thread that
    // others follow.
    if (card.face != CardRow::Face::approval || card.place.direct || !card.message) continue;
    Place place;
    place.channel = card.message->channel;
    place.thread = card.message->id;
    // The same person may do the same twice within a millisecond; each is a step.
    for (int number = 1; number <= k_most_at_once; ++number) {
      const std::string key = fmt::format("{}/step/{}/{}/{}/thread/{}", to_string(subject),
                                          steps.front().action, to_ms(now_), number, card.id);
      if (notice(NoticeKind::step, key, place, subject, args, k_day)) break;
    }
  }
}

// What becomes of an extension is read in the thread of the grant that it would prolong, too.
void Recorder::tell_outcome(const RequestOutcome& outcome) {
  const Request& request = outcome.request;
  tell_steps(request.id, outcome.audit, {});
  const bool over = request.state != RequestState::pending && request.state != RequestState::approved;
  if (request.asked.extends && over) tell_steps(*request.asked.extends, outcome.audit, shown_id(request));
}

void Recorder::tell_outcome(const AccessOutcome& outcome) {
  for (const Grant& grant : outcome.access.grants) {
    std::vector<AuditEvent> mine;
    std::ranges::copy_if(outcome.audit, std::back_inserter(mine),
                         [&](const AuditEvent& event) { return event.subject == to_string(grant.id); });
    if (mine.empty()) continue;
    if (std::ranges::any_of(mine, starts_use) && was_just_given_by_rule(grant))
      std::erase_if(mine, starts_use);
    tell_steps(grant.id, mine, {});
  }
}

void Recorder::tell_overdue(const Entitlement& entitlement) {
  for (const Grant& grant : tx_.live_grants_on(entitlement.id)) {
    tx_.want_cards(grant.id);
    if (entitlement.alarms != 1 || grant.state != GrantState::ending) continue;
    const nlohmann::json detail{{"since", to_ms(entitlement.removal_wanted.value_or(now_))}};
    tell_steps(grant.id,
               {{now_, system_principal("time"), "grant.overdue", to_string(grant.id), detail.dump()}}, {});
  }
}

// The narrower terms are news to whoever asked and to whoever agreed to the terms of before, and may need
// approvers whom nobody has told yet.
void Recorder::revised(const RequestOutcome& outcome) {
  const Request& request = outcome.request;
  const auto cards = tx_.cards(request.id);
  for (const std::string& channel : request.asked.post_to) {
    const bool shown = std::ranges::any_of(cards, [&](const CardRow& card) {
      return card.face == CardRow::Face::approval &&
             (card.place.channel == channel || card.place.channel == tx_.channel_id(channel));
    });
    if (shown) continue;
    CardRow card;
    card.subject = request.id;
    card.place.channel = channel;
    card.next_at = now_;
    tx_.add(card);
  }
  const auto args = step_args(told_in_thread(outcome.audit), {});
  const std::string key = fmt::format("{}/revised/{}", to_string(request.id), request.revision);
  notice(NoticeKind::revised, key, direct(request.asked.beneficiary), request.id, args, k_day);
  if (request.asked.asker != request.asked.beneficiary)
    notice(NoticeKind::revised, key + "/asker", direct(request.asked.asker), request.id, args, k_day);
  for (const Vote& vote : outcome.votes) {
    const bool agreed = vote.kind == VoteKind::approve && !vote.voided;
    if (!agreed || vote.stands_for(request)) continue;
    notice(NoticeKind::revised, key + "/" + to_string(vote.voter), direct(vote.voter), request.id, args,
           k_day);
  }
  if (request.state != RequestState::pending) return;
  nudge({.what = NudgeTask::What::voters});
  if (request.asked.remind_where == RemindWhere::direct)
    nudge({.what = NudgeTask::What::direct, .request = request.id});
}

}  // namespace jitbot

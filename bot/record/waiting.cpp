#include "bot/model/nudges.hpp"
#include "bot/record/record.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

// What happens to a request while it waits.
namespace jitbot {

namespace {

constexpr Millis k_day = 24h;

NudgeTask task_of(const Request& request, const Nudge& nudge) {
  NudgeTask task;
  task.what = nudge.escalation ? NudgeTask::What::escalate : NudgeTask::What::remind;
  task.request = request.id;
  task.escalation = nudge.escalation.value_or(0);
  return task;
}

}  // namespace

void Recorder::settle_request(const RequestId& id) {
  for (;;) {
    const auto request = tx_.request(id);
    if (!request || request->state != RequestState::pending || next_due(*request) > now_) return;
    const auto nudge = next_nudge(*request);
    RequestInput input{.event = RequestEvent::time_out, .actor = system_principal("time")};
    if (nudge) input.event = nudge->escalation ? RequestEvent::escalate : RequestEvent::remind;
    Facts facts;
    facts.now = now_;
    const auto outcome = apply(*request, tx_.votes(id), input, Policy{}, facts);
    save(outcome);
    if (!nudge || !outcome.changed) return;
    this->nudge(task_of(*request, *nudge));
  }
}

void Recorder::set_dues(const Request& request) {
  if (request.state == RequestState::pending) {
    tx_.set_due({next_due(request), DueKind::request, request.id.value});
  } else {
    tx_.clear_due(DueKind::request, request.id.value);
  }
}

void Recorder::nudge(const NudgeTask& task) {
  tx_.set_due({now_, DueKind::nudge, to_string(task)});
}

bool Recorder::show_directly(const Request& request, const PrincipalId& who) {
  const Place place = direct(who);
  const auto cards = tx_.cards(request.id);
  const bool there = std::ranges::any_of(cards, [&](const CardRow& card) {
    return card.face == CardRow::Face::approval && card.place == place;
  });
  if (there) return false;
  CardRow card;
  card.subject = request.id;
  card.place = place;
  card.next_at = now_;
  tx_.add(card);
  return true;
}

void Recorder::nobody_can(const Request& found, const std::map<std::string, std::string>& steps) {
  Request request = found;
  const auto was = [&](const std::string& step) {
    return std::ranges::find(found.stuck, step) != found.stuck.end();
  };
  const PrincipalId directory = system_principal("directory");
  request.stuck.clear();
  for (const auto& [step, why] : steps) {
    request.stuck.push_back(step);
    if (was(step)) continue;
    audit(directory, "request.nobody_can_approve", to_string(request.id), {{"step", step}, {"why", why}});
    // It may become possible and be lost again: each time is told.
    const std::string key = to_string(request.id) + "/nobody/" + step + "/" + std::to_string(to_ms(now_));
    const nlohmann::json args{{"step", step}, {"detail", why}};
    notice(NoticeKind::nobody_can_approve, key, direct(request.asked.asker), request.id, args, k_day);
    notice_admins(NoticeKind::nobody_can_approve, key, request.id, args);
  }
  for (const std::string& step : found.stuck) {
    if (!steps.contains(step))
      audit(directory, "request.approvable_again", to_string(request.id), {{"step", step}});
  }
  if (request.stuck == found.stuck) return;
  tx_.put(request);
  tx_.want_cards(request.id);
}

}  // namespace jitbot

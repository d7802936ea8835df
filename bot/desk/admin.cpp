#include "bot/desk/admin.hpp"

#include "bot/policy/decide.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

// What administrators and auditors ask for: status, debt, debt abandon.
namespace jitbot {

Task<Facts> facts_to_administer(SharedDesk desk, PrincipalId who) {
  FactsWanted wanted{{who}, live_groups_of(*desk->policy, desk->settings.admins)};
  wanted.groups.merge(live_groups_of(*desk->policy, desk->settings.auditors));
  co_return co_await fetch_facts(desk, std::move(wanted));
}

bool may_read(Recorder& record, const DeskState& desk, const PrincipalId& who, const Facts& facts) {
  const auto person = facts.person(who);
  return person && bind_or_bar(record, *person).empty() &&
         (is_administrator(desk, *person, facts) || is_auditor(desk, *person, facts));
}

bool may_administer(Recorder& record, const DeskState& desk, const PrincipalId& who, const Facts& facts) {
  const auto person = facts.person(who);
  return person && bind_or_bar(record, *person).empty() && is_administrator(desk, *person, facts);
}

Answered not_for_you(Recorder& record, const PrincipalId& who, const std::string& what, const Facts& facts) {
  const Error refusal{ErrorKind::refused, "This is for administrators and auditors", {}};
  if (const auto unknown = missing_fact(facts)) return say(*unknown);
  record.audit(who, "command.refused", what, {{"why", refusal.message}});
  return say(refusal);
}

namespace {

Answered status(Recorder& record, const DeskState& desk, bool chat_live) {
  StatusView view;
  view.version = desk.settings.version;
  view.chat_live = chat_live;
  view.pending = static_cast<int>(record.tx().pending_requests().size());
  view.live_grants = static_cast<int>(record.tx().live_grants().size());
  view.overdue = static_cast<int>(record.tx().overdue_entitlements().size());
  view.now = record.now();
  view.started = desk.settings.started;
  view.policy_digest = desk.policy->digest;
  view.policy_commit = desk.policy->commit;
  return say(status_answer(view));
}

Answered abandon_debt(Recorder& record, const AbandonIntent& intent, const PrincipalId& who) {
  const auto access = record.access(intent.entitlement);
  if (!access || access->entitlement.state == EntitlementState::rest) {
    return say(
        fmt::format("There is no open entitlement {}; /jit debt lists them", intent.entitlement.value));
  }
  if (intent.reason.empty()) {
    return say(Error{ErrorKind::invalid,
                     fmt::format("Say why: /jit debt abandon {} <reason>", intent.entitlement.value),
                     {}});
  }
  record.audit(who, "debt.abandoned", "entitlement:" + std::to_string(intent.entitlement.value),
               {{"reason", intent.reason}, {"account", access->entitlement.key.account}});
  const auto outcome = abandon(access->entitlement, who, intent.reason, record.now());
  record.save(entitlement_event(*access, outcome, record.now()));
  return say(fmt::format("Entitlement {} is abandoned: nobody has proven that {} lost it at {}",
                         intent.entitlement.value, access->entitlement.key.account,
                         access->entitlement.key.connector));
}

}  // namespace

Task<Result<Answered>> handle(SharedDesk desk, Job job, StatusIntent) {
  auto facts = co_await facts_to_administer(desk, job.from());
  const bool live = desk->ports.chat.live();
  Conclusion work = [desk, live, who = job.from(), facts = std::move(facts)](Recorder& record) {
    return may_read(record, *desk, who, facts) ? status(record, *desk, live)
                                               : not_for_you(record, who, "status", facts);
  };
  co_return co_await conclude(desk, std::move(job), std::move(work));
}

Task<Result<Answered>> handle(SharedDesk desk, Job job, DebtIntent) {
  auto facts = co_await facts_to_administer(desk, job.from());
  Conclusion work = [desk, who = job.from(), facts = std::move(facts)](Recorder& record) {
    if (!may_read(record, *desk, who, facts)) return not_for_you(record, who, "debt", facts);
    return say(debt_answer(record.tx().overdue_entitlements(), record.now()));
  };
  co_return co_await conclude(desk, std::move(job), std::move(work));
}

Task<Result<Answered>> handle(SharedDesk desk, Job job, AbandonIntent intent) {
  auto facts = co_await facts_to_administer(desk, job.from());
  Conclusion work = [desk, intent, who = job.from(), facts = std::move(facts)](Recorder& record) {
    if (!may_administer(record, *desk, who, facts)) return not_for_you(record, who, "debt abandon", facts);
    return abandon_debt(record, intent, who);
  };
  co_return co_await conclude(desk, std::move(job), std::move(work));
}

}  // namespace jitbot

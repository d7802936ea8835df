#include "bot/desk/look.hpp"

#include "bot/policy/decide.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

// Looking: mine, pending, show, help.
namespace jitbot {

namespace {

Answered mine(Recorder& record, const PrincipalId& who) {
  std::vector<SubjectView> views;
  for (const Request& request : record.tx().pending_of(who)) {
    record.settle_request(request.id);
    const auto now = record.tx().request(request.id);
    if (now && now->state == RequestState::pending) views.push_back(record.view(*now));
  }
  for (const Grant& grant : record.tx().live_grants_of(who)) {
    record.settle_grant(grant.id);
    const auto request = record.tx().request(grant.id);
    if (request) views.push_back(record.view(*request));
  }
  return say(mine_answer(views));
}

Answered pending(Recorder& record, const DeskState& desk, const PrincipalId& who, const Facts& facts) {
  std::vector<SubjectView> views;
  const auto person = facts.person(who);
  if (!person) return say(person.error());
  if (const auto barred = bind_or_bar(record, *person); !barred.empty()) {
    return say(Error{ErrorKind::refused, barred, {}});
  }
  for (const Request& request : record.tx().pending_requests()) {
    if (request.times_out_at <= record.now()) continue;
    if (may_vote(request, *person, *desk.policy, facts).value_or(false))
      views.push_back(record.view(request));
  }
  const auto unknown = missing_fact(facts);
  if (views.empty() && unknown) return say(*unknown);
  Card card = pending_answer(views);
  if (unknown) card.footer.push_back(plain("There may be more. " + unknown->message));
  return say(std::move(card));
}

Answered show(Recorder& record, const DeskState& desk, const RequestId& id, const PrincipalId& who,
              const Facts& facts) {
  record.settle_request(id);
  record.settle_grant(id);
  const auto request = record.tx().request(id);
  const bool own = request && (who == request->asked.asker || who == request->asked.beneficiary);
  const auto person = facts.person(who);
  const auto barred = person && !own ? bind_or_bar(record, *person) : std::string();
  if (!barred.empty()) return say(Error{ErrorKind::refused, barred, {}});
  if (!request || !may_see(desk, *request, who, facts)) {
    // Said alike for ids that do not exist, so it tells nothing about those that do.
    if (const auto unknown = missing_fact(facts)) return say(*unknown);
    record.audit(who, "request.show_refused", to_string(id), nlohmann::json::object());
    return say(unknown_request(id));
  }
  constexpr int k_events = 40;
  return say(show_answer(record.view(*request), record.tx().audit_of(to_string(id), k_events)));
}

Task<Result<std::set<std::string>>> groups_of_pending(SharedDesk desk) {
  std::function<Result<std::vector<Request>>(Tx&)> work = [](Tx& tx) -> Result<std::vector<Request>> {
    return tx.pending_requests();
  };
  auto requests = co_await query<std::vector<Request>>(desk->ports.store, std::move(work));
  if (!requests) co_return tl::unexpected<Error>(requests.error());
  std::set<std::string> groups;
  for (const Request& request : *requests)
    groups.merge(live_groups_of(*desk->policy, voters_and_owners(request)));
  co_return groups;
}

}  // namespace

std::set<std::string> all_live_groups(const Policy& policy) {
  std::set<std::string> groups;
  for (const auto& [name, group] : policy.groups) {
    if (!group.from.empty()) groups.insert(group.from);
  }
  return groups;
}

FactsNeeded all_facts(const Policy& policy) {
  FactsNeeded needed;
  needed.groups = all_live_groups(policy);
  for (const auto& [name, resource] : policy.resources) {
    if (!resource.catalog.empty()) needed.catalogs.insert(resource.catalog);
  }
  return needed;
}

Task<Result<Answered>> handle(SharedDesk desk, Job job, MineIntent) {
  Conclusion work = [who = job.from()](Recorder& record) { return mine(record, who); };
  co_return co_await conclude(desk, std::move(job), std::move(work));
}

Task<Result<Answered>> handle(SharedDesk desk, Job job, PendingIntent) {
  auto groups = co_await groups_of_pending(desk);
  if (!groups) co_return tl::unexpected<Error>(groups.error());
  auto facts = co_await glance(desk, job.from(), std::move(*groups));
  Conclusion work = [desk, who = job.from(), facts = std::move(facts)](Recorder& record) {
    return pending(record, *desk, who, facts);
  };
  co_return co_await conclude(desk, std::move(job), std::move(work));
}

Task<Result<Answered>> handle(SharedDesk desk, Job job, ShowIntent intent) {
  auto request = co_await stored_request(desk, intent.id);
  if (!request) co_return tl::unexpected<Error>(request.error());
  std::set<std::string> groups;
  const bool own = *request && is_participant(**request, job.from());
  if (!own) {
    groups = *request ? groups_to_see(*desk, **request) : all_live_groups(*desk->policy);
    if (!*request) groups.merge(groups_to_see(*desk, Request{}));
  }
  auto facts = co_await glance(desk, job.from(), std::move(groups));
  Conclusion work = [desk, id = intent.id, who = job.from(), facts = std::move(facts)](Recorder& record) {
    return show(record, *desk, id, who, facts);
  };
  co_return co_await conclude(desk, std::move(job), std::move(work));
}

Task<Result<Answered>> handle(SharedDesk desk, Job job, HelpIntent intent) {
  auto answer = say(help_answer(intent.topic));
  co_return co_await conclude_with(std::move(desk), std::move(job), std::move(answer));
}

}  // namespace jitbot

#include "bot/desk/admin.hpp"
#include "bot/record/policy_in_force.hpp"

#include <nlohmann/json.hpp>

// The policy's life as administrators see it: what is in force, what the files would change, and putting
// those in force.
namespace jitbot {

namespace {

std::string shown(PolicyIntent::What what) {
  switch (what) {
    case PolicyIntent::What::show:
      return "policy show";
    case PolicyIntent::What::diff:
      return "policy diff";
    case PolicyIntent::What::reload:
      return "policy reload";
  }
  return "policy";
}

bool may(Recorder& record, const DeskState& desk, PolicyIntent::What what, const PrincipalId& who,
         const Facts& facts) {
  return what == PolicyIntent::What::reload ? may_administer(record, desk, who, facts)
                                            : may_read(record, desk, who, facts);
}

Answered show(Recorder& record, const DeskState& desk) {
  PolicyView view{desk.policy.get(), desk.settings.started, system_principal("app")};
  if (const auto recorded = recorded_policy(record.tx())) {
    view.since = recorded->since;
    view.by = recorded->by;
  }
  return say(policy_answer(view));
}

PolicyChangeView view_of(const PolicyLooked& looked) {
  PolicyChangeView view;
  view.in_force = looked.before->digest;
  view.problems = looked.problems;
  if (!looked.fresh || !looked.problems.empty()) return view;
  view.fresh = looked.fresh->digest;
  view.commit = looked.fresh->commit;
  view.changes = differences(*looked.before, *looked.fresh);
  return view;
}

enum class Allowed { yes, no, again };

// Decided and durable before the files are touched: what follows is no part of one transaction.
Task<Result<Allowed>> allowed(SharedDesk desk, PolicyIntent intent, PrincipalId who, Facts facts) {
  const Time now = desk->ports.clock.now();
  std::function<Result<Allowed>(Tx&)> ask = [desk, intent, who, facts, now](Tx& tx) -> Result<Allowed> {
    if (!is_in_force(tx, *desk->policy)) return Allowed::again;
    Recorder record(tx, desk->settings.record, now);
    return may(record, *desk, intent.what, who, facts) ? Allowed::yes : Allowed::no;
  };
  co_return co_await transact<Allowed>(desk->ports.store, std::move(ask));
}

Task<Result<Answered>> diff(SharedDesk desk, Job job) {
  auto looked = co_await desk->settings.policies.look();
  Conclusion work = [view = view_of(looked)](Recorder&) { return say(policy_diff_answer(view)); };
  co_return co_await conclude_under_any_policy(desk, std::move(job), std::move(work));
}

Task<Result<Answered>> reload(SharedDesk desk, Job job) {
  auto looked = co_await desk->settings.policies.reload(job.from());
  if (!looked) co_return tl::unexpected<Error>(looked.error());
  Conclusion work = [view = view_of(*looked)](Recorder&) { return say(policy_reload_answer(view)); };
  co_return co_await conclude_under_any_policy(desk, std::move(job), std::move(work));
}

}  // namespace

Task<Result<Answered>> handle(SharedDesk desk, Job job, PolicyIntent intent) {
  auto facts = co_await facts_to_administer(desk, job.from());
  auto may_go_on = co_await allowed(desk, intent, job.from(), facts);
  if (!may_go_on) co_return tl::unexpected<Error>(may_go_on.error());
  if (*may_go_on == Allowed::again) co_return again();
  if (*may_go_on == Allowed::yes && intent.what == PolicyIntent::What::diff)
    co_return co_await diff(std::move(desk), std::move(job));
  if (*may_go_on == Allowed::yes && intent.what == PolicyIntent::What::reload)
    co_return co_await reload(std::move(desk), std::move(job));
  Conclusion work = [desk, intent, who = job.from(), facts = std::move(facts)](Recorder& record) {
    if (!may(record, *desk, intent.what, who, facts))
      return not_for_you(record, who, shown(intent.what), facts);
    return show(record, *desk);
  };
  co_return co_await conclude(desk, std::move(job), std::move(work));
}

}  // namespace jitbot

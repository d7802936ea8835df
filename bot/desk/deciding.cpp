#include "bot/desk/deciding.hpp"

#include "bot/policy/decide.hpp"

#include <algorithm>

namespace jitbot {

namespace {

FactsWanted facts_about(const DeskState& desk, const Seen& seen) {
  FactsWanted wanted;
  for (const Vote& vote : seen.votes) {
    if (vote.approves(seen.request)) wanted.people.insert(vote.voter);
  }
  for (const Step& step : seen.request.asked.steps) {
    auto groups = live_groups_of(*desk.policy, step.from);
    wanted.groups.insert(groups.begin(), groups.end());
  }
  // Deny rules, and what the rule wants of approvers.
  auto needed = facts_to_vote(*desk.policy, seen.request.asked);
  wanted.groups.merge(needed.groups);
  wanted.catalogs.merge(needed.catalogs);
  if (needed.participants) wanted.people.insert({seen.request.asked.asker, seen.request.asked.beneficiary});
  return wanted;
}

// Who may decide nothing anyway is refused by what he is: no other fact is needed.
bool may_decide_nothing(const Facts& facts, const Request& request, const PrincipalId& voter) {
  const auto person = facts.person(voter);
  return !person || !may_decide_at_all(*person) || is_participant(request, voter);
}

// Typed without the id that it needs now: told which one, and shown what it means.
Answered look_again(Recorder& record, const RequestOutcome& outcome) {
  Card card = approval_card(record.view(outcome.request));
  card.facts.insert(card.facts.begin(), plain(outcome.refusal.message));
  return say(std::move(card));
}

Answered refusal(Recorder& record, const RequestOutcome& outcome, const DeskState& desk, const Job& job,
                 const Facts& facts) {
  const bool stale = outcome.happened == RequestCase::stale;
  const bool telling = stale || outcome.happened == RequestCase::may_not ||
                       outcome.happened == RequestCase::no_vote ||
                       outcome.request.state != RequestState::pending;
  if (telling && !knows_of(outcome.request, desk, job, facts))
    return say(unknown_request(outcome.request.id));
  if (outcome.request.state != RequestState::pending)
    return say(already_decided_answer(record.view(outcome.request)));
  if (stale && !job.from_card()) return look_again(record, outcome);
  return say(outcome.refusal);
}

}  // namespace

Task<Result<std::optional<Seen>>> look_at(Store& store, RequestId id) {
  std::function<Result<std::optional<Seen>>(Tx&)> work = [id](Tx& tx) -> Result<std::optional<Seen>> {
    auto request = tx.request(id);
    if (!request) return std::optional<Seen>();
    return std::optional<Seen>(Seen{std::move(*request), tx.votes(id)});
  };
  co_return co_await query<std::optional<Seen>>(store, std::move(work));
}

Task<Facts> facts_to_decide(SharedDesk desk, Seen seen, PrincipalId voter, FactsWanted more,
                            std::set<std::string> to_see) {
  FactsWanted himself{{voter}, {}};
  auto facts = co_await fetch_facts(desk, std::move(himself));
  if (may_decide_nothing(facts, seen.request, voter)) co_return facts;
  auto wanted = facts_about(*desk, seen);
  wanted.people.merge(more.people);
  wanted.groups.merge(more.groups);
  wanted.catalogs.merge(more.catalogs);
  auto others = co_await fetch_facts(desk, std::move(wanted));
  facts.now = others.now;
  facts.people.merge(others.people);
  facts.groups = std::move(others.groups);
  facts.catalogs = std::move(others.catalogs);
  std::erase_if(to_see, [&](const std::string& group) { return facts.groups.contains(group); });
  auto lately = co_await members_lately(desk, std::move(to_see));
  facts.groups.merge(lately);
  co_return facts;
}

bool is_covered(const Facts& facts, const std::string& seen_digest, const Request& request,
                const std::vector<Vote>& votes, const PrincipalId& voter) {
  if (request.state != RequestState::pending || may_decide_nothing(facts, request, voter)) return true;
  if (request.digest != seen_digest) return false;
  return std::ranges::all_of(
      votes, [&](const Vote& vote) { return !vote.approves(request) || facts.people.contains(vote.voter); });
}

std::set<PrincipalId> people_who_count(const std::vector<Vote>& votes, const PrincipalId& voter) {
  std::set<PrincipalId> people{voter};
  for (const Vote& vote : votes) people.insert(vote.voter);
  return people;
}

bool knows_of(const Request& request, const DeskState& desk, const Job& job, const Facts& facts) {
  return job.from_card() || may_see(desk, request, job.from(), facts);
}

std::optional<Answered> held_answer(const DeskState& desk, const Request& request, const Job& job,
                                    const Facts& facts) {
  const std::string held = desk.memory->held.get();
  if (held.empty()) return std::nullopt;
  if (!knows_of(request, desk, job, facts))
    return say(missing_fact(facts).value_or(unknown_request(request.id)));
  return say(Error{ErrorKind::unavailable, held + ". Nothing was decided; try again", {}});
}

Answered decision_answer(Recorder& record, const RequestOutcome& outcome, const DeskState& desk,
                         const Job& job, const Facts& facts) {
  if (!outcome.changed) return refusal(record, outcome, desk, job, facts);
  if (job.from_card()) return silent();
  return say(approval_card(record.view(*record.tx().request(outcome.request.id))));
}

}  // namespace jitbot

#include "bot/desk/state.hpp"
#include "bot/policy/decide.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

// A click, or its typed twin, becomes a vote.
namespace jitbot {

namespace {

struct Seen {
  Request request;
  std::vector<Vote> votes;
};

Task<Result<std::optional<Seen>>> look_at(Store& store, RequestId id) {
  std::function<Result<std::optional<Seen>>(Tx&)> work = [id](Tx& tx) -> Result<std::optional<Seen>> {
    auto request = tx.request(id);
    if (!request) return std::optional<Seen>();
    return std::optional<Seen>(Seen{std::move(*request), tx.votes(id)});
  };
  co_return co_await query<std::optional<Seen>>(store, std::move(work));
}

FactsWanted other_facts_for(const DeskState& desk, const Seen& seen) {
  FactsWanted wanted;
  for (const Vote& vote : seen.votes) {
    if (vote.counts()) wanted.people.insert(vote.voter);
  }
  for (const Step& step : seen.request.asked.steps) {
    auto groups = live_groups_of(*desk.policy, step.from);
    wanted.groups.insert(groups.begin(), groups.end());
  }
  return wanted;
}

// Who may decide nothing anyway is refused by what he is: no other fact is needed.
bool may_decide_nothing(const Facts& facts, const Request& request, const PrincipalId& voter) {
  const auto person = facts.person(voter);
  return !person || !may_decide_at_all(*person) || voter == request.asked.asker ||
         voter == request.asked.beneficiary;
}

// The voter first, so that nobody's idle clicks use up what the platform lets us ask about groups. `to_see`:
// what decides only how a refusal is worded.
Task<Facts> facts_for(SharedDesk desk, Seen seen, PrincipalId voter, std::set<std::string> to_see) {
  FactsWanted himself{{voter}, {}};
  auto facts = co_await fetch_facts(desk->ports.directory, desk->ports.clock, std::move(himself));
  if (may_decide_nothing(facts, seen.request, voter)) co_return facts;
  auto wanted = other_facts_for(*desk, seen);
  auto others = co_await fetch_facts(desk->ports.directory, desk->ports.clock, std::move(wanted));
  facts.now = others.now;
  facts.people.merge(others.people);
  facts.groups = std::move(others.groups);
  std::erase_if(to_see, [&](const std::string& group) { return facts.groups.contains(group); });
  auto lately = co_await seen_lately(desk, std::move(to_see));
  facts.groups.merge(lately);
  co_return facts;
}

bool covers(const Facts& facts, const std::vector<Vote>& votes) {
  return std::ranges::all_of(
      votes, [&](const Vote& vote) { return !vote.counts() || facts.people.contains(vote.voter); });
}

Answered voted(Recorder& record, const RequestOutcome& outcome, const Job& job) {
  if (job.from_card()) return silent();
  return say(approval_card(record.view(*record.tx().request(outcome.request.id))));
}

// Who types an id that is none of his business learns nothing about it; who pressed a button saw the card.
bool knows_of(const Request& request, const DeskState& desk, const Job& job, const Facts& facts) {
  return job.from_card() || may_see(desk, request, job.from(), facts);
}

Answered refusal(Recorder& record, const RequestOutcome& outcome, const DeskState& desk, const Job& job,
                 const Facts& facts) {
  const bool telling = outcome.happened == RequestCase::may_not || outcome.happened == RequestCase::no_vote ||
                       outcome.request.state != RequestState::pending;
  if (telling && !knows_of(outcome.request, desk, job, facts))
    return say(unknown_request(outcome.request.id));
  if (outcome.request.state == RequestState::pending) return say(outcome.refusal);
  return say(already_decided_answer(record.view(outcome.request)));
}

RequestEvent event_of(VoteIntent::Vote vote) {
  switch (vote) {
    case VoteIntent::Vote::approve:
      return RequestEvent::approve;
    case VoteIntent::Vote::deny:
      return RequestEvent::deny;
    case VoteIntent::Vote::withdraw:
      return RequestEvent::withdraw;
  }
  return RequestEvent::withdraw;
}

Answered vote(Recorder& record, const DeskState& desk, const VoteIntent& intent, const Job& job,
              const Facts& fetched) {
  record.settle_request(intent.id);
  const auto request = record.tx().request(intent.id);
  if (!request) return say(unknown_request(intent.id));
  const auto votes = record.tx().votes(intent.id);
  const bool complete = covers(fetched, votes) || may_decide_nothing(fetched, *request, job.from());
  if (request->state == RequestState::pending && !complete) return again();
  if (intent.revision && *intent.revision != request->revision) {
    record.audit(job.from(), "request.vote_refused", to_string(intent.id), {{"why", "another revision"}});
    if (!knows_of(*request, desk, job, fetched)) return say(unknown_request(intent.id));
    return say(Error{ErrorKind::conflict,
                     fmt::format("{}.{} is not what is asked now; look at it again: /jit show {}",
                                 to_string(intent.id), *intent.revision + 1, intent.id.value),
                     {}});
  }
  adopt_card(record, intent.id, job.inbound.reply);
  Facts facts = fetched;
  facts.now = record.now();
  RequestInput input;
  input.event = event_of(intent.vote);
  input.actor = job.from();
  input.seen_digest = intent.digest_prefix;
  input.reason = intent.reason;
  if (const auto person = facts.person(job.from())) input.barred = bind_or_bar(record, *person);
  if (input.barred.empty() && intent.vote == VoteIntent::Vote::approve && !desk.held.empty()) {
    if (!knows_of(*request, desk, job, facts))
      return say(missing_fact(facts).value_or(unknown_request(intent.id)));
    return say(Error{ErrorKind::unavailable, desk.held + ". Nothing was decided; try again", {}});
  }
  const auto outcome = apply(*request, votes, input, *desk.policy, facts);
  record.save(outcome);
  return outcome.changed ? voted(record, outcome, job) : refusal(record, outcome, desk, job, facts);
}

Answered cancel(Recorder& record, const DeskState& desk, const RequestId& id, const PrincipalId& who) {
  record.settle_request(id);
  const auto request = record.tx().request(id);
  const bool participant = request && (who == request->asked.asker || who == request->asked.beneficiary);
  if (!participant) {
    record.audit(who, "request.cancel_refused", to_string(id), {{"why", "neither asker nor beneficiary"}});
    return say(unknown_request(id));
  }
  Facts facts;
  facts.now = record.now();
  const RequestInput input{.event = RequestEvent::cancel, .actor = who};
  const auto outcome = apply(*request, record.tx().votes(id), input, *desk.policy, facts);
  record.save(outcome);
  if (outcome.changed) return say(to_string(id) + " is cancelled");
  if (request->state != RequestState::approved) return say(outcome.refusal);
  return say(Error{ErrorKind::conflict,
                   fmt::format("{} is approved already; /jit done {} gives it back", to_string(id), id.value),
                   {}});
}

}  // namespace

Task<Result<Answered>> handle(SharedDesk desk, Job job, VoteIntent intent) {
  auto seen = co_await look_at(desk->ports.store, intent.id);
  if (!seen) co_return tl::unexpected<Error>(seen.error());
  if (!*seen) {
    auto error = unknown_request(intent.id);
    auto about = to_string(intent.id);
    co_return co_await refuse(std::move(desk), std::move(job), "request.vote_refused", std::move(about),
                              std::move(error));
  }
  std::set<std::string> to_see;
  if (!job.from_card()) to_see = groups_to_see(*desk, (*seen)->request);
  auto facts = co_await facts_for(desk, std::move(**seen), job.from(), std::move(to_see));
  Conclusion work = [desk, intent = std::move(intent), job, facts = std::move(facts)](Recorder& record) {
    return vote(record, *desk, intent, job, facts);
  };
  co_return co_await conclude(desk, std::move(job), std::move(work));
}

Task<Result<Answered>> handle(SharedDesk desk, Job job, CancelIntent intent) {
  Conclusion work = [desk, id = intent.id, who = job.from()](Recorder& record) {
    return cancel(record, *desk, id, who);
  };
  co_return co_await conclude(desk, std::move(job), std::move(work));
}

}  // namespace jitbot

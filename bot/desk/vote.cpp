#include "bot/desk/deciding.hpp"
#include "bot/policy/decide.hpp"
#include "bot/record/activity.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

// A click, or its typed twin, becomes a vote.
namespace jitbot {

namespace {

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

Answered vote(Recorder& record, const DeskState& desk, const VoteIntent& said, const std::string& seen_digest,
              const Job& job, const Facts& fetched) {
  record.settle_request(said.id);
  const auto request = record.tx().request(said.id);
  if (!request) return say(unknown_request(said.id));
  const auto votes = record.tx().votes(said.id);
  if (!is_covered(fetched, seen_digest, *request, votes, job.from())) return again();
  adopt_card(record, said.id, job.inbound.reply);
  const bool names = said.digest_prefix.empty() && said.vote == VoteIntent::Vote::approve &&
                     request->asked.risk == Risk::high;
  const VoteIntent intent = names ? with_name(said, request->asked.resource) : said;
  Facts facts = fetched;
  facts.now = record.now();
  facts.channel = channel_of(request->asked);
  if (intent.vote == VoteIntent::Vote::approve)
    add_activity(record.tx(), *desk.policy, request->asked, people_who_count(votes, job.from()), facts);
  RequestInput input;
  input.event = event_of(intent.vote);
  input.actor = job.from();
  input.seen_digest = intent.digest_prefix;
  input.seen_revision = intent.revision;
  input.reason = intent.reason;
  input.confirmed = intent.confirmed;
  if (const auto person = facts.person(job.from())) input.barred = bind_or_bar(record, *person);
  if (input.barred.empty() && intent.vote == VoteIntent::Vote::approve) {
    if (auto held = held_answer(desk, *request, job, facts)) return *held;
  }
  const auto outcome = apply(*request, votes, input, *desk.policy, facts);
  record.save(outcome);
  return decision_answer(record, outcome, desk, job, facts);
}

Answered cancel(Recorder& record, const DeskState& desk, const RequestId& id, const PrincipalId& who) {
  record.settle_request(id);
  const auto request = record.tx().request(id);
  if (!request || !is_participant(*request, who)) {
    record.audit(who, "request.cancel_refused", to_string(id), {{"why", "neither asker nor beneficiary"}});
    return say(unknown_request(id));
  }
  // Approved, and not started yet: there is still something to cancel.
  if (const auto grant = record.tx().grant(id); grant && grant->state == GrantState::scheduled)
    return give_back(record, id, who);
  Facts facts;
  facts.now = record.now();
  const RequestInput input{.event = RequestEvent::cancel, .actor = who};
  const auto outcome = apply(*request, record.tx().votes(id), input, *desk.policy, facts);
  record.save(outcome);
  if (outcome.changed) return say(shown_id(*request) + " is cancelled");
  if (request->state != RequestState::approved) return say(outcome.refusal);
  return say(Error{ErrorKind::conflict,
                   fmt::format("{} is approved already; /jit done {} gives it back", shown_id(*request),
                               typed_id(*request)),
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
  auto digest = (*seen)->request.digest;
  FactsWanted no_more;
  auto facts =
      co_await facts_to_decide(desk, std::move(**seen), job.from(), std::move(no_more), std::move(to_see));
  Conclusion work = [desk, intent = std::move(intent), digest = std::move(digest), job,
                     facts = std::move(facts)](Recorder& record) {
    return vote(record, *desk, intent, digest, job, facts);
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

#include "bot/workflow/revise.hpp"

#include "bot/desk/asking.hpp"
#include "bot/desk/deciding.hpp"
#include "bot/policy/decide.hpp"
#include "bot/record/activity.hpp"

#include <fmt/format.h>

#include <algorithm>

// "Shorter…", or its typed twin: a vote for less than was asked.
namespace jitbot {

namespace {

// The rules as if the narrower terms were asked now, by whoever asked and for whom he asked.
Result<Asked> asked_afresh(Recorder& record, const DeskState& desk, const Request& request,
                           const LessTerms& to, const Facts& facts) {
  const Asked& asked = request.asked;
  if (asked.extends) {
    const auto grant = record.tx().grant(*asked.extends);
    const auto original = record.tx().request(*asked.extends);
    if (!grant || !original) return fail(ErrorKind::conflict, "what it would prolong is not there any more");
    return propose_extension(*grant, original->asked, to.duration, asked.reason, *desk.policy, facts);
  }
  Ask ask;
  ask.resource = asked.resource;
  ask.role = to.role;
  ask.duration = to.duration;
  ask.reason = asked.reason;
  ask.ticket = asked.ticket;
  if (asked.beneficiary != asked.asker) ask.for_whom = asked.beneficiary;
  ask.start = asked.start;
  ask.until = to.until;
  return propose(ask, asked.asker, *desk.policy, facts, desk.settings.terms_of);
}

// What only the state knows of another role: the same is asked already, or its account is somebody else's.
std::optional<Error> in_the_way(Recorder& record, const Request& request, const Asked& terms) {
  const Asked& asked = request.asked;
  const auto other = terms.role != asked.role ? same_pending(record, terms) : std::nullopt;
  if (other) {
    return Error{ErrorKind::conflict,
                 fmt::format("{}:{} is asked for already: {}", terms.resource, terms.role, shown_id(*other)),
                 {}};
  }
  if (terms.connector == asked.connector && terms.account == asked.account) return std::nullopt;
  return account_taken(record, terms);
}

Result<Asked> terms_for(Recorder& record, const DeskState& desk, const Request& request,
                        const Narrower& narrower, const Facts& facts) {
  const Afresh afresh = [&](const LessTerms& to) -> Result<Asked> {
    auto fresh = asked_afresh(record, desk, request, to, facts);
    if (fresh || fresh.error().kind == ErrorKind::unavailable) return fresh;
    return fail(fresh.error().kind,
                "As the rules are now, the requester may not ask for that: " + fresh.error().message);
  };
  auto terms = propose_revision(request, narrower, *desk.policy, facts.now, afresh);
  if (!terms) return terms;
  if (auto why = in_the_way(record, request, *terms)) return tl::unexpected<Error>(*why);
  return terms;
}

// What was said, its words told apart; or why they cannot be.
using ToldApart = Result<ReviseIntent>;

Answered revise(Recorder& record, const DeskState& desk, const ReviseIntent& typed, const ToldApart& said,
                const std::string& seen_digest, const Job& job, const Facts& fetched) {
  record.settle_request(typed.id);
  if (const auto asked = record.tx().request(typed.id); asked && asked->asked.extends)
    record.settle_grant(*asked->asked.extends);
  const auto request = record.tx().request(typed.id);
  if (!request) return say(unknown_request(typed.id));
  const auto votes = record.tx().votes(typed.id);
  if (!is_covered(fetched, seen_digest, *request, votes, job.from())) return again();
  adopt_card(record, typed.id, job.inbound.reply);
  Facts facts = fetched;
  facts.now = record.now();
  facts.channel = channel_of(request->asked);
  add_activity(record.tx(), *desk.policy, request->asked, people_who_count(votes, job.from()), facts);
  RequestInput input;
  input.event = RequestEvent::revise;
  input.actor = job.from();
  input.seen_digest = typed.digest_prefix;
  input.seen_revision = typed.revision;
  if (said) {
    input.reason = said->reason;
    input.confirmed = said->confirmed;
  }
  if (const auto person = facts.person(job.from())) input.barred = bind_or_bar(record, *person);
  if (input.barred.empty()) {
    if (auto held = held_answer(desk, *request, job, facts)) return *held;
  }
  input.revised = said ? terms_for(record, desk, *request, {said->duration, said->role}, facts)
                       : Result<Asked>(tl::unexpected<Error>(said.error()));
  const auto outcome = apply(*request, votes, input, *desk.policy, facts);
  record.save(outcome);
  return decision_answer(record, outcome, desk, job, facts);
}

std::vector<std::string> roles_of(const Policy& policy, const std::string& resource) {
  std::vector<std::string> roles;
  const Resource* found = find_resource(policy, resource);
  if (found == nullptr) return roles;
  for (const auto& [name, role] : found->roles) roles.push_back(name);
  return roles;
}

// What asking afresh reads: who asked and for whom, and the groups of every rule that may decide.
FactsWanted facts_to_ask_afresh(const Policy& policy, const Asked& asked, const ToldApart& said) {
  FactsWanted wanted;
  const std::string role = said && !said->role.empty() ? said->role : asked.role;
  if (const auto named = resolve(policy, asked.resource, role))
    wanted = wanted_by(facts_to_ask(policy, *named));
  wanted.people.insert({asked.asker, asked.beneficiary});
  return wanted;
}

}  // namespace

Task<Result<Answered>> handle(SharedDesk desk, Job job, ReviseIntent intent) {
  auto seen = co_await look_at(desk->ports.store, intent.id);
  if (!seen) co_return tl::unexpected<Error>(seen.error());
  if (!*seen) {
    auto error = unknown_request(intent.id);
    auto about = to_string(intent.id);
    co_return co_await refuse(std::move(desk), std::move(job), "request.revise_refused", std::move(about),
                              std::move(error));
  }
  const Asked& asked = (*seen)->request.asked;
  auto said = told_apart(intent, asked.resource, roles_of(*desk->policy, asked.resource));
  auto more = facts_to_ask_afresh(*desk->policy, asked, said);
  std::set<std::string> to_see;
  if (!job.from_card()) to_see = groups_to_see(*desk, (*seen)->request);
  auto digest = (*seen)->request.digest;
  auto facts =
      co_await facts_to_decide(desk, std::move(**seen), job.from(), std::move(more), std::move(to_see));
  Conclusion work = [desk, intent = std::move(intent), said = std::move(said), digest = std::move(digest),
                     job, facts = std::move(facts)](Recorder& record) {
    return revise(record, *desk, intent, said, digest, job, facts);
  };
  co_return co_await conclude(desk, std::move(job), std::move(work));
}

}  // namespace jitbot

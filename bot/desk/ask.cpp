#include "bot/desk/asking.hpp"
#include "bot/desk/look.hpp"
#include "bot/desk/who_votes.hpp"
#include "bot/desk/zones.hpp"
#include "bot/model/duration.hpp"
#include "bot/policy/decide.hpp"
#include "bot/record/activity.hpp"
#include "commands/words.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

// `/jit request`, `/jit ensure` and `/jit extend`: from what was asked to a frozen request.
namespace jitbot {

namespace {

// Drawn on the loop, tried in the transaction: four digits until they are full, then six, then eight.
std::vector<RequestId> fresh_ids(Random& random) {
  constexpr std::array<unsigned, 3> k_lengths{4, 6, 8};
  constexpr int k_draws = 4;
  std::vector<RequestId> ids;
  for (const unsigned digits : k_lengths) {
    for (int i = 0; i < k_draws; ++i)
      ids.push_back(make_request_id(random.below(std::uint64_t{1} << 63U), digits));
  }
  return ids;
}

Result<RequestId> unused(Tx& tx, const std::vector<RequestId>& ids) {
  for (const RequestId& id : ids) {
    if (!tx.request(id)) return id;
  }
  return fail(ErrorKind::internal, "no free id was found");
}

std::string access_of(const Asked& asked) {
  return asked.resource + ":" + asked.role;
}

// The same is pending already: the card that exists is shown, to whoever may see it.
std::optional<Answered> shown_pending(Recorder& record, const DeskState& desk, const Asked& asked,
                                      const Facts& facts) {
  const auto request = same_pending(record, asked);
  if (!request) return std::nullopt;
  if (may_see(desk, *request, asked.asker, facts)) {
    Card card = requester_card(record.view(*request), asked.asker);
    card.facts.insert(card.facts.begin(),
                      plain(fmt::format("Nothing new was asked: this waits already. For other terms, first "
                                        "/jit cancel {}",
                                        typed_id(*request))));
    return say(std::move(card));
  }
  return say(answer(Line{Mention{asked.beneficiary}, Plain{" waits for " + access_of(asked) + " already"}}));
}

std::optional<Answered> live_already(Recorder& record, const Asked& asked) {
  for (const Grant& grant : record.tx().live_grants_of(asked.beneficiary)) {
    const bool later = asked.start && grant.state == GrantState::scheduled;
    if ((!grant.wants_access() && !later) || grant.resource != asked.resource || grant.role != asked.role)
      continue;
    const auto request = record.tx().request(grant.id);
    if (!request) continue;
    const bool his_own = asked.asker == request->asked.asker || asked.asker == request->asked.beneficiary;
    if (his_own) return say(requester_card(record.view(*request), asked.asker));
    const std::string has = grant.wants_access() ? " has " : " is to have ";
    return say(answer(
        Line{Mention{asked.beneficiary}, Plain{has + access_of(asked) + " until "}, Moment{grant.end()}}));
  }
  return std::nullopt;
}

Answered refused(Recorder& record, const PrincipalId& who, const std::string& about, const Error& why,
                 nlohmann::json asked = nlohmann::json::object()) {
  asked["why"] = why.message;
  asked["kind"] = to_string(why.kind);
  if (!why.detail.empty()) asked["explanation"] = why.detail;
  record.audit(who, "request.refused", about, asked);
  return say(why);
}

// What was asked, as it is kept of a refusal: enough to ask another policy the same.
nlohmann::json question_detail(const Ask& question, const PrincipalId& asker, const Policy& policy,
                               const Facts& facts) {
  const PrincipalId whom = question.for_whom.value_or(asker);
  nlohmann::json detail{{"resource", question.resource},
                        {"role", question.role},
                        {"duration_ms", question.duration.count()},
                        {"reason", question.reason},
                        {"policy", policy.digest}};
  if (!policy.commit.id.empty()) detail["commit"] = to_string(policy.commit);
  if (!question.ticket.empty()) detail["ticket"] = question.ticket;
  if (question.start) detail["start"] = to_ms(*question.start);
  if (question.until) detail["until"] = to_ms(*question.until);
  if (whom != asker) detail["for"] = to_string(whom);
  const auto person = facts.person(whom);
  if (!person) return detail;
  if (const auto email = policy_name(*person)) detail["email"] = *email;
  const auto groups = live_memberships(policy, *person, facts);
  if (!groups.empty()) detail["was_in"] = groups;
  return detail;
}

// Steps whose possible voters are too few without those who may not decide about it.
std::vector<std::string> steps_nobody_can_serve(const Policy& policy, const Asked& asked,
                                                const Facts& facts) {
  std::vector<std::string> names;
  for (const Step& step : asked.steps) {
    auto people = people_of(policy, step.from, facts);
    if (!people) continue;  // unknown is not nobody
    remove_participants(*people, asked, facts);
    const auto possible = static_cast<int>(people->accounts.size() + people->emails.size());
    if (possible < step.count) names.push_back(step.name);
  }
  return names;
}

void tell_nobody_can(Recorder& record, const RequestId& id, const std::vector<std::string>& steps) {
  const auto filed = record.tx().request(id);
  if (steps.empty() || !filed || filed->state != RequestState::pending) return;
  std::map<std::string, std::string> why;
  for (const std::string& step : steps) why.emplace(step, "too few are named who do not ask themselves");
  record.nobody_can(*filed, why);
}

Answered file(Recorder& record, const DeskState& desk, const Asked& asked, const Facts& facts,
              const std::vector<RequestId>& ids, std::optional<Time> not_after) {
  const auto id = unused(record.tx(), ids);
  if (!id) return refused(record, asked.asker, access_of(asked), id.error());
  Request request = make_request(asked, *id, not_after);
  if (asked.automatic) request = approved_by_rule(request, record.now());
  record.ask(request);
  if (request.state == RequestState::pending) {
    tell_nobody_can(record, request.id, steps_nobody_can_serve(*desk.policy, asked, facts));
  }
  return say(asked_answer(record.view(request)));
}

// What was said, in instants; times of day are the asker's.
Result<Ask> question_of(const AskIntent& intent, const PrincipalId& asker, const DeskState& desk,
                        const Facts& facts) {
  Ask ask{intent.resource, intent.role, intent.duration, intent.reason, intent.ticket};
  if (!intent.for_user.empty()) ask.for_whom = mentioned_by(asker, intent.for_user);
  const auto person = facts.person(asker);
  const Zones zones{person ? person->timezone : std::string(), desk.settings.timezone};
  const auto instant = [&](const std::string& said, Meaning meaning) -> Result<std::optional<Time>> {
    if (said.empty()) return std::optional<Time>();
    const auto words = parse_time_words(said);
    const auto at = words ? instant_of(*words, meaning, zones, facts.now)
                          : Result<Time>(tl::unexpected<Error>(words.error()));
    if (at) return std::optional<Time>(*at);
    return fail(at.error().kind, grammar::echo(said) + " " + at.error().message);
  };
  const auto start = instant(intent.start, Meaning::start);
  if (!start) return tl::unexpected<Error>(start.error());
  const auto until = instant(intent.until, Meaning::end);
  if (!until) return tl::unexpected<Error>(until.error());
  ask.start = *start;
  ask.until = *until;
  return ask;
}

void settle_all_of(Recorder& record, const PrincipalId& who) {
  for (const Request& request : record.tx().pending_of(who)) record.settle_request(request.id);
  for (const Grant& grant : record.tx().live_grants_of(who)) {
    if (due_event(grant, record.now())) record.settle_grant(grant.id);
  }
}

Answered ask(Recorder& record, const DeskState& desk, const Ask& question, AskIntent::Mode mode,
             const PrincipalId& asker, const Facts& fetched, const std::vector<RequestId>& ids) {
  const PrincipalId whom = question.for_whom.value_or(asker);
  Facts facts = fetched;
  facts.now = record.now();
  add_activity(record.tx(), *desk.policy, {asker, whom}, facts);
  const std::string about = question.resource + (question.role.empty() ? "" : ":" + question.role);
  const auto refuse_it = [&](const Error& why) {
    auto detail = question_detail(question, asker, *desk.policy, facts);
    Answered answered = refused(record, asker, about, why, std::move(detail));
    answered.card = mentioning(std::move(answered.card), whom);
    return answered;
  };
  const auto asked = propose(question, asker, *desk.policy, facts, desk.settings.terms_of);
  if (!asked) return refuse_it(asked.error());
  settle_all_of(record, asker);
  if (whom != asker) settle_all_of(record, whom);
  if (auto shown = shown_pending(record, desk, *asked, facts)) return *shown;
  if (mode == AskIntent::Mode::ensure) {
    if (auto shown = live_already(record, *asked)) return *shown;
  }
  if (const auto why = against(record, desk, facts, *asked)) {
    // No rule refuses it, so the question is not kept for other policies to be asked.
    Answered answered = refused(record, asker, about, *why);
    answered.card = mentioning(std::move(answered.card), whom);
    return answered;
  }
  return file(record, desk, *asked, facts, ids, std::nullopt);
}

Answered extend(Recorder& record, const DeskState& desk, const ExtendIntent& intent, const PrincipalId& asker,
                const Facts& fetched, const std::vector<RequestId>& ids) {
  record.settle_grant(intent.id);
  const auto grant = record.tx().grant(intent.id);
  const auto original = record.tx().request(intent.id);
  if (grant && original && grant->asker == asker && grant->beneficiary != asker) {
    const Error why{
        ErrorKind::refused, called_in_errors(grant->beneficiary) + " has it, and can prolong it", {}};
    Answered answered = refused(record, asker, to_string(intent.id), why);
    answered.card = mentioning(std::move(answered.card), grant->beneficiary);
    return answered;
  }
  if (!grant || !original || grant->beneficiary != asker) {
    return refused(record, asker, to_string(intent.id), unknown_request(intent.id));
  }
  record.settle_request(intent.id);
  if (const auto waiting = record.tx().pending_extension(intent.id)) {
    record.settle_request(waiting->id);
    if (const auto still = record.tx().pending_extension(intent.id))
      return say(requester_card(record.view(*still)));
  }
  Facts facts = fetched;
  facts.now = record.now();
  add_activity(record.tx(), *desk.policy, {asker}, facts);
  const auto asked =
      propose_extension(*grant, original->asked, intent.duration, intent.reason, *desk.policy, facts);
  if (!asked) return refused(record, asker, to_string(intent.id), asked.error());
  if (const auto why = against(record, desk, facts, *asked)) {
    return refused(record, asker, to_string(intent.id), *why);
  }
  return file(record, desk, *asked, facts, ids, grant->end());
}

// The nearest name is one that he may ask for; who may ask for nothing at all is told that, whatever he
// typed.
Task<Error> why_not_named(SharedDesk desk, PrincipalId who, AskIntent intent, Error error) {
  std::set<std::string> none;
  auto facts = co_await glance(desk, who, std::move(none));
  const auto person = facts.person(who);
  if (!person) co_return person.error();
  if (const auto name = may_ask_at_all(*person); !name) co_return name.error();
  if (find_resource(*desk->policy, intent.resource) != nullptr) co_return error;
  co_return co_await unknown_resource(desk, who, std::move(facts), intent.resource);
}

Task<Result<Answered>> try_out(SharedDesk desk, Job job, Ask question, Facts facts) {
  const PrincipalId who = job.from();
  std::set<PrincipalId> people{who, question.for_whom.value_or(who)};
  facts = co_await with_activity(desk, std::move(people), std::move(facts));
  std::vector<StepView> voters;
  const auto asked = propose(question, who, *desk->policy, facts, desk->settings.terms_of);
  if (asked) {
    std::set<PrincipalId> participants{asked->asker, asked->beneficiary};
    voters = co_await who_could_vote(desk, asked->steps, std::move(participants));
  }
  Conclusion work = [desk, question = std::move(question), who, fetched = std::move(facts),
                     voters = std::move(voters)](Recorder& record) {
    Facts now = fetched;
    now.now = record.now();
    add_activity(record.tx(), *desk->policy, {who, question.for_whom.value_or(who)}, now);
    return dry_run(record, *desk, question, who, now, voters);
  };
  co_return co_await conclude(desk, std::move(job), std::move(work));
}

}  // namespace

Task<Result<Answered>> handle(SharedDesk desk, Job job, AskIntent intent) {
  const auto named = resolve(*desk->policy, intent.resource, intent.role);
  const bool dry = intent.mode == AskIntent::Mode::dry_run;
  std::optional<Error> wrong;
  if (!named) wrong = co_await why_not_named(desk, job.from(), intent, named.error());
  std::set<PrincipalId> people{job.from()};
  if (!intent.for_user.empty()) people.insert(mentioned_by(job.from(), intent.for_user));
  Facts facts;
  if (!wrong) {
    std::optional<Named> about(*named);
    facts = co_await facts_of_asking(desk, job, std::move(about), std::move(people));
  }
  Ask question;
  if (!wrong) {
    auto said = question_of(intent, job.from(), *desk, facts);
    if (said) question = std::move(*said);
    if (!said) wrong = said.error();
  }
  if (wrong && dry) {
    auto answered = say(*wrong);
    co_return co_await conclude_with(std::move(desk), std::move(job), std::move(answered));
  }
  if (wrong) {
    auto about = intent.resource;
    co_return co_await refuse(std::move(desk), std::move(job), "request.refused", std::move(about),
                              std::move(*wrong));
  }
  if (dry) co_return co_await try_out(std::move(desk), std::move(job), std::move(question), std::move(facts));
  auto ids = fresh_ids(desk->ports.random);
  Conclusion work = [desk, question = std::move(question), mode = intent.mode, who = job.from(),
                     facts = std::move(facts), ids = std::move(ids)](Recorder& record) {
    return ask(record, *desk, question, mode, who, facts, ids);
  };
  co_return co_await conclude(desk, std::move(job), std::move(work));
}

Task<Result<Answered>> handle(SharedDesk desk, Job job, ExtendIntent intent) {
  auto original = co_await stored_request(desk, intent.id);
  if (!original) co_return tl::unexpected<Error>(original.error());
  std::optional<Named> about;
  if (*original) {
    auto named = resolve(*desk->policy, (*original)->asked.resource, (*original)->asked.role);
    if (named) about = std::move(*named);
  }
  std::set<PrincipalId> people{job.from()};
  auto facts = co_await facts_of_asking(desk, job, std::move(about), std::move(people));
  auto ids = fresh_ids(desk->ports.random);
  Conclusion work = [desk, intent = std::move(intent), who = job.from(), facts = std::move(facts),
                     ids = std::move(ids)](Recorder& record) {
    return extend(record, *desk, intent, who, facts, ids);
  };
  co_return co_await conclude(desk, std::move(job), std::move(work));
}

}  // namespace jitbot

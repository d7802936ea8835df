#include "bot/desk/look.hpp"
#include "bot/model/duration.hpp"
#include "bot/policy/decide.hpp"

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

// The same is pending already: the card that exists is shown.
std::optional<Answered> same_pending(Recorder& record, const Asked& asked,
                                     const std::vector<Request>& pending) {
  for (const Request& request : pending) {
    if (request.asked.kind != RequestKind::access || request.asked.beneficiary != asked.beneficiary) continue;
    if (request.asked.resource != asked.resource || request.asked.role != asked.role) continue;
    return say(requester_card(record.view(request)));
  }
  return std::nullopt;
}

std::optional<Answered> live_already(Recorder& record, const Asked& asked) {
  for (const Grant& grant : record.tx().live_grants_of(asked.beneficiary)) {
    if (!grant.wants_access() || grant.resource != asked.resource || grant.role != asked.role) continue;
    const auto request = record.tx().request(grant.id);
    if (request) return say(requester_card(record.view(*request)));
  }
  return std::nullopt;
}

Answered refused(Recorder& record, const PrincipalId& who, const std::string& about, const Error& why) {
  record.audit(who, "request.refused", about, {{"why", why.message}, {"kind", to_string(why.kind)}});
  return say(why);
}

// Steps whose possible voters are too few without the one who asks.
std::vector<std::string> steps_nobody_can_serve(const Policy& policy, const Asked& asked,
                                                const Facts& facts) {
  std::vector<std::string> names;
  for (const Step& step : asked.steps) {
    auto people = people_of(policy, step.from, facts);
    if (!people) continue;  // unknown is not nobody
    people->accounts.erase(asked.beneficiary);
    people->emails.erase(asked.beneficiary_email);
    const auto possible = static_cast<int>(people->accounts.size() + people->emails.size());
    if (possible < step.count) names.push_back(step.name);
  }
  return names;
}

Line who_is_asked(const Request& request) {
  Line line = plain(fmt::format("{} asked: {} for {}", to_string(request.id), access_of(request.asked),
                                format_duration(request.asked.duration)));
  std::string steps;
  for (const Step& step : request.asked.steps) {
    steps += fmt::format("{}{} ({})", steps.empty() ? "" : ", ", step.name, step.count);
  }
  if (!steps.empty()) {
    line.emplace_back(Plain{fmt::format(". Rule {} needs {}; times out at ", request.asked.rule, steps)});
    line.emplace_back(Moment{request.times_out_at});
  }
  return line;
}

Answered asked_answer(const Request& request) {
  Card card = answer(who_is_asked(request));
  if (request.state == RequestState::approved && request.asked.extends) {
    card = answer(fmt::format("{}: {} goes on for {} longer, by rule {}", to_string(request.id),
                              to_string(*request.asked.extends), format_duration(request.asked.duration),
                              request.asked.rule));
  } else if (request.state == RequestState::approved) {
    card = answer(fmt::format("{}: {} for {} is granted by rule {}; I tell you when it works",
                              to_string(request.id), access_of(request.asked),
                              format_duration(request.asked.duration), request.asked.rule));
  }
  return say(std::move(card));
}

void tell_nobody_can(Recorder& record, const Request& request, const std::vector<std::string>& steps) {
  for (const std::string& step : steps) {
    const std::string key = to_string(request.id) + "/nobody/" + step;
    const nlohmann::json args{{"step", step}};
    record.notice(NoticeKind::nobody_can_approve, key, direct(request.asked.asker), request.id, args, 24h);
    record.notice_admins(NoticeKind::nobody_can_approve, key, request.id, args);
  }
}

Answered file(Recorder& record, const DeskState& desk, const Asked& asked, const Facts& facts,
              const std::vector<RequestId>& ids, std::optional<Time> not_after) {
  const auto id = unused(record.tx(), ids);
  if (!id) return refused(record, asked.asker, access_of(asked), id.error());
  Request request = make_request(asked, *id, not_after);
  if (asked.automatic) request = approved_by_rule(request, record.now());
  record.ask(request);
  if (request.state == RequestState::pending) {
    tell_nobody_can(record, request, steps_nobody_can_serve(*desk.policy, asked, facts));
  }
  return asked_answer(request);
}

// Everything that only the state knows: identity, what is pending, limits, whose account it is.
std::optional<Error> against(Recorder& record, const DeskState& desk, const Person& person,
                             const Asked& asked, const std::vector<Request>& pending) {
  const std::string barred = bind_or_bar(record, person);
  if (!barred.empty()) return Error{ErrorKind::refused, barred, {}};
  if (!desk.held.empty()) return Error{ErrorKind::unavailable, desk.held, {}};
  // An extension has its own limit: one pending per grant.
  const bool counted = asked.kind == RequestKind::access;
  if (counted && static_cast<int>(pending.size()) >= desk.settings.pending_per_person) {
    return Error{
        ErrorKind::refused,
        fmt::format("You have {} requests waiting, which is the limit. /jit mine shows them, /jit cancel "
                    "withdraws one",
                    pending.size()),
        {}};
  }
  for (const PrincipalId& holder : record.tx().holders(asked.connector, asked.account)) {
    if (holder == asked.beneficiary) continue;
    return Error{
        ErrorKind::refused,
        fmt::format("The account {} at {} is in use by somebody else; ask an administrator to look at the "
                    "account mapping",
                    asked.account, asked.connector),
        {}};
  }
  return std::nullopt;
}

Answered ask(Recorder& record, const DeskState& desk, const AskIntent& intent, const PrincipalId& asker,
             const Facts& fetched, const std::vector<RequestId>& ids) {
  Facts facts = fetched;
  facts.now = record.now();
  const std::string about = intent.resource + (intent.role.empty() ? "" : ":" + intent.role);
  const Ask question{intent.resource, intent.role, intent.duration, intent.reason};
  const auto asked = propose(question, asker, *desk.policy, facts, desk.settings.terms_of);
  if (!asked) return refused(record, asker, about, asked.error());
  for (const Request& request : record.tx().pending_of(asker)) record.settle_request(request.id);
  for (const Grant& grant : record.tx().live_grants_of(asker)) record.settle_grant(grant.id);
  const auto pending = record.tx().pending_of(asker);
  if (auto shown = same_pending(record, *asked, pending)) return *shown;
  if (intent.mode == AskIntent::Mode::ensure) {
    if (auto shown = live_already(record, *asked)) return *shown;
  }
  const auto person = facts.person(asker);
  if (const auto why = against(record, desk, *person, *asked, pending))
    return refused(record, asker, about, *why);
  return file(record, desk, *asked, facts, ids, std::nullopt);
}

Answered extend(Recorder& record, const DeskState& desk, const ExtendIntent& intent, const PrincipalId& asker,
                const Facts& fetched, const std::vector<RequestId>& ids) {
  record.settle_grant(intent.id);
  const auto grant = record.tx().grant(intent.id);
  const auto original = record.tx().request(intent.id);
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
  const auto asked =
      propose_extension(*grant, original->asked, intent.duration, intent.reason, *desk.policy, facts);
  if (!asked) return refused(record, asker, to_string(intent.id), asked.error());
  const auto person = facts.person(asker);
  const auto pending = record.tx().pending_of(asker);
  if (const auto why = against(record, desk, *person, *asked, pending)) {
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

}  // namespace

Task<Result<Answered>> handle(SharedDesk desk, Job job, AskIntent intent) {
  const auto named = resolve(*desk->policy, intent.resource, intent.role);
  if (!named) {
    auto error = co_await why_not_named(desk, job.from(), intent, named.error());
    auto about = intent.resource;
    co_return co_await refuse(std::move(desk), std::move(job), "request.refused", std::move(about),
                              std::move(error));
  }
  FactsWanted wanted{{job.from()}, live_groups_for(*desk->policy, *named)};
  auto facts = co_await fetch_facts(desk->ports.directory, desk->ports.clock, std::move(wanted));
  auto ids = fresh_ids(desk->ports.random);
  Conclusion work = [desk, intent = std::move(intent), who = job.from(), facts = std::move(facts),
                     ids = std::move(ids)](Recorder& record) {
    return ask(record, *desk, intent, who, facts, ids);
  };
  co_return co_await conclude(desk, std::move(job), std::move(work));
}

Task<Result<Answered>> handle(SharedDesk desk, Job job, ExtendIntent intent) {
  std::function<Result<std::optional<Request>>(Tx&)> find =
      [id = intent.id](Tx& tx) -> Result<std::optional<Request>> { return tx.request(id); };
  auto original = co_await query<std::optional<Request>>(desk->ports.store, std::move(find));
  if (!original) co_return tl::unexpected<Error>(original.error());
  FactsWanted wanted{{job.from()}, {}};
  if (*original) {
    const auto named = resolve(*desk->policy, (*original)->asked.resource, (*original)->asked.role);
    if (named) wanted.groups = live_groups_for(*desk->policy, *named);
  }
  auto facts = co_await fetch_facts(desk->ports.directory, desk->ports.clock, std::move(wanted));
  auto ids = fresh_ids(desk->ports.random);
  Conclusion work = [desk, intent = std::move(intent), who = job.from(), facts = std::move(facts),
                     ids = std::move(ids)](Recorder& record) {
    return extend(record, *desk, intent, who, facts, ids);
  };
  co_return co_await conclude(desk, std::move(job), std::move(work));
}

}  // namespace jitbot

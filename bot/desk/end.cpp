#include "bot/cards/phrases.hpp"
#include "bot/desk/state.hpp"
#include "bot/policy/decide.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

// Giving back and taking away: done, revoke, and the button that is one or the other.
namespace jitbot {

namespace {

// What remains to be said of a grant that cannot be ended any more, or not yet.
Answered nothing_to_end(Recorder& record, const Request& request, const PrincipalId& who) {
  if (request.state == RequestState::pending) {
    return say(Error{ErrorKind::conflict,
                     fmt::format("{} is not granted yet; /jit cancel {} withdraws it", shown_id(request),
                                 typed_id(request)),
                     {}});
  }
  return say(requester_card(record.view(request), who));
}

Answered end_grant(Recorder& record, const RequestId& id, GrantEvent event, const PrincipalId& who,
                   const std::string& reason) {
  const auto access = record.access_of(id);
  const auto request = record.tx().request(id);
  if (!request) return say(unknown_request(id));
  if (!access) return nothing_to_end(record, *request, who);
  const GrantInput input{.event = event, .actor = who, .now = record.now(), .text = reason};
  const auto outcome = grant_event(*access, id, input);
  record.save(outcome);
  const bool ended = std::ranges::any_of(outcome.changes, [&](const GrantChange& change) {
    return change.event == event && change.after.id == id;
  });
  if (!ended) return nothing_to_end(record, *request, who);
  // Nothing is left to be removed: another grant keeps the access, or it was there before.
  if (const auto over = record.tx().grant(id); over && over->state == GrantState::ended) {
    Line line = plain(shown_id(*request) + " has ended: ");
    line += ended_line(*over);
    return say(answer(std::move(line)));
  }
  const bool told = is_participant(*request, who);
  return say(fmt::format("{} is ending; {} when it is proven gone", shown_id(*request),
                         told ? "I tell you" : "the card says"));
}

Answered done(Recorder& record, const DoneIntent& intent, const PrincipalId& who) {
  if (intent.id) return give_back(record, *intent.id, who);
  std::vector<Grant> mine;
  for (const Grant& grant : record.tx().live_grants_of(who)) {
    record.settle_grant(grant.id);
    const auto now = record.tx().grant(grant.id);
    if (now && now->can_be_ended()) mine.push_back(*now);
  }
  // What has not started yet is meant only where there is nothing else.
  const auto begun = std::ranges::count_if(mine, [](const Grant& grant) { return grant.wants_access(); });
  if (begun > 0) std::erase_if(mine, [](const Grant& grant) { return !grant.wants_access(); });
  if (mine.empty()) return say("You have no access to give back");
  if (mine.size() == 1) return give_back(record, mine.front().id, who);
  std::string ids;
  for (const Grant& grant : mine) {
    ids += fmt::format("{}{} ({}:{})", ids.empty() ? "" : ", ", grant.id.value, grant.resource, grant.role);
  }
  return say(Error{ErrorKind::invalid, "Which one? /jit done <id>: " + ids, {}});
}

// Resource owners, the rule's voters, administrators.
bool may_revoke(const DeskState& desk, const Request& request, const PrincipalId& who, const Facts& facts) {
  const auto person = facts.person(who);
  if (!person || !may_decide_at_all(*person)) return false;
  return is_one_of(*desk.policy, voters_and_owners(request), *person, facts).value_or(false) ||
         is_administrator(desk, *person, facts);
}

Answered revoke(Recorder& record, const DeskState& desk, const RevokeIntent& intent, const PrincipalId& who,
                const Facts& facts) {
  record.settle_grant(intent.id);
  const auto request = record.tx().request(intent.id);
  const auto person = facts.person(who);
  const bool barred = person && !bind_or_bar(record, *person).empty();
  if (!request || barred || !may_revoke(desk, *request, who, facts)) {
    if (const auto unknown = missing_fact(facts)) return say(*unknown);
    record.audit(who, "grant.revoke_refused", to_string(intent.id),
                 {{"why", "neither owner, voter nor administrator"}});
    return say(unknown_request(intent.id));
  }
  if (intent.reason.empty()) {
    return say(
        Error{ErrorKind::invalid, fmt::format("Say why: /jit revoke {} <reason>", typed_id(*request)), {}});
  }
  return end_grant(record, intent.id, GrantEvent::revoked, who, intent.reason);
}

Task<Result<FactsWanted>> facts_to_revoke(SharedDesk desk, RequestId id, PrincipalId who) {
  auto request = co_await stored_request(desk, id);
  if (!request) co_return tl::unexpected<Error>(request.error());
  FactsWanted wanted{{who}, live_groups_of(*desk->policy, desk->settings.admins)};
  if (*request) wanted.groups.merge(live_groups_of(*desk->policy, voters_and_owners(**request)));
  co_return wanted;
}

}  // namespace

Answered give_back(Recorder& record, const RequestId& id, const PrincipalId& who) {
  record.settle_grant(id);
  const auto request = record.tx().request(id);
  if (!request || !is_participant(*request, who)) {
    record.audit(who, "grant.done_refused", to_string(id), {{"why", "neither beneficiary nor asker"}});
    return say(unknown_request(id));
  }
  return end_grant(record, id, GrantEvent::done, who, "");
}

Task<Result<Answered>> handle(SharedDesk desk, Job job, DoneIntent intent) {
  Conclusion work = [intent, who = job.from()](Recorder& record) { return done(record, intent, who); };
  co_return co_await conclude(desk, std::move(job), std::move(work));
}

Task<Result<Answered>> handle(SharedDesk desk, Job job, RevokeIntent intent) {
  auto wanted = co_await facts_to_revoke(desk, intent.id, job.from());
  if (!wanted) co_return tl::unexpected<Error>(wanted.error());
  auto facts = co_await fetch_facts(desk, std::move(*wanted));
  Conclusion work = [desk, intent, who = job.from(), facts = std::move(facts)](Recorder& record) {
    return revoke(record, *desk, intent, who, facts);
  };
  co_return co_await conclude(desk, std::move(job), std::move(work));
}

Task<Result<Answered>> handle(SharedDesk desk, Job job, EndIntent intent) {
  auto wanted = co_await facts_to_revoke(desk, intent.id, job.from());
  if (!wanted) co_return tl::unexpected<Error>(wanted.error());
  auto facts = co_await fetch_facts(desk, std::move(*wanted));
  Conclusion work = [desk, intent, job, facts = std::move(facts)](Recorder& record) {
    const PrincipalId& who = job.from();
    adopt_card(record, intent.id, job.inbound.reply);
    const auto request = record.tx().request(intent.id);
    if (request && is_participant(*request, who)) return give_back(record, intent.id, who);
    return revoke(record, *desk, RevokeIntent{intent.id, intent.reason}, who, facts);
  };
  co_return co_await conclude(desk, std::move(job), std::move(work));
}

}  // namespace jitbot

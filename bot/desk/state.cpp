#include "bot/desk/state.hpp"

#include "bot/desk/identity.hpp"
#include "bot/policy/decide.hpp"
#include "bot/record/policy_in_force.hpp"

#include <nlohmann/json.hpp>

namespace jitbot {

void begun(DeskState& desk) {
  ++desk.memory->working;
}

void finished(DeskState& desk) {
  if (--desk.memory->working > 0) return;
  for (auto& waiting : desk.memory->waiting_for_quiet) waiting->poke();
}

Answered say(Card card) {
  card.buttons.clear();
  return {Answered::How::say, std::move(card)};
}
Answered say(std::string text) {
  return say(answer(std::move(text)));
}
Answered say(const Error& error) {
  return say(error_answer(error));
}
Answered silent() {
  return {Answered::How::silent, {}};
}
Answered again() {
  return {Answered::How::again, {}};
}

Task<Result<std::optional<Request>>> stored_request(SharedDesk desk, RequestId id) {
  std::function<Result<std::optional<Request>>(Tx&)> find = [id](Tx& tx) -> Result<std::optional<Request>> {
    return tx.request(id);
  };
  co_return co_await query<std::optional<Request>>(desk->ports.store, std::move(find));
}

Task<Result<Answered>> conclude(SharedDesk desk, Job job, Conclusion work) {
  Conclusion unless_replaced = [policy = desk->policy, work = std::move(work)](Recorder& record) {
    return is_in_force(record.tx(), *policy) ? work(record) : again();
  };
  co_return co_await conclude_under_any_policy(std::move(desk), std::move(job), std::move(unless_replaced));
}

Task<Result<Answered>> conclude_under_any_policy(SharedDesk desk, Job job, Conclusion work) {
  const Time now = desk->ports.clock.now();
  auto out = std::make_shared<Answered>();
  auto news = std::make_shared<std::vector<std::string>>();
  Store::Work run = [desk, now, out, news, row = job.row, work = std::move(work)](Tx& tx) -> Result<void> {
    Recorder record(tx, desk->settings.record, now);
    *out = work(record);
    *news = record.news();
    if (out->how == Answered::How::again)
      return fail(ErrorKind::conflict, "the facts are older than the state");
    InboxRow done = row;
    done.outcome = "done";
    tx.put(done);
    tx.put_meta("high_water", std::to_string(to_ms(now)));
    return {};
  };
  auto done = co_await desk->ports.store.write(std::move(run));
  if (!done && out->how != Answered::How::again) co_return tl::unexpected<Error>(done.error());
  if (done) log_news(*news);
  co_return std::move(*out);
}

Task<Facts> glance(SharedDesk desk, PrincipalId who, std::set<std::string> groups) {
  FactsWanted himself{{who}, {}};
  auto facts = co_await fetch_facts(desk, std::move(himself));
  const auto person = facts.person(who);
  if (!person || !may_decide_at_all(*person)) co_return facts;
  facts.groups = co_await members_lately(desk, std::move(groups));
  facts.now = desk->ports.clock.now();
  co_return facts;
}

namespace {

constexpr Millis k_fresh = 60s;  // for showing

}  // namespace

Task<SeenLately> seen_lately(SharedDesk desk, std::set<std::string> groups, std::set<std::string> catalogs) {
  const Millis now = desk->ports.clock.clock().steady();
  const auto is_fresh = [now](const auto& remembered, const std::string& name) {
    const auto known = remembered.find(name);
    return known != remembered.end() && now - known->second.at < k_fresh;
  };
  SeenLately seen;
  FactsWanted older;
  for (const std::string& group : groups) {
    if (is_fresh(desk->memory->glances, group)) {
      seen.members.insert_or_assign(group, desk->memory->glances.at(group).members);
    } else {
      older.groups.insert(group);
    }
  }
  for (const std::string& name : catalogs) {
    if (is_fresh(desk->memory->catalogs_seen, name)) {
      seen.listed.insert_or_assign(name, desk->memory->catalogs_seen.at(name).names);
    } else {
      older.catalogs.insert(name);
    }
  }
  auto asked = co_await fetch_facts(desk, std::move(older));
  for (const auto& [group, found] : asked.groups) {
    if (found) desk->memory->glances.insert_or_assign(group, DeskMemory::Glance{now, *found});
  }
  seen.members.merge(asked.groups);
  seen.listed.merge(asked.catalogs);
  co_return seen;
}

Task<Members> members_lately(SharedDesk desk, std::set<std::string> groups) {
  std::set<std::string> no_catalogs;
  auto seen = co_await seen_lately(std::move(desk), std::move(groups), std::move(no_catalogs));
  co_return std::move(seen.members);
}

Task<Facts> fetch_facts(SharedDesk desk, FactsWanted wanted) {
  const FactSources sources{desk->ports.directory, desk->ports.catalogs, desk->ports.clock};
  const Millis begun = desk->ports.clock.clock().steady();
  auto facts = co_await fetch_facts(sources, std::move(wanted));
  for (const auto& [name, listed] : facts.catalogs) {
    if (listed) desk->memory->catalogs_seen.insert_or_assign(name, DeskMemory::CatalogGlance{begun, *listed});
  }
  co_return facts;
}

Task<Result<Answered>> conclude_with(SharedDesk desk, Job job, Answered answer) {
  Conclusion work = [answer = std::move(answer)](Recorder&) { return answer; };
  co_return co_await conclude(std::move(desk), std::move(job), std::move(work));
}

Task<Result<Answered>> refuse(SharedDesk desk, Job job, std::string action, std::string subject,
                              Error error) {
  const PrincipalId who = job.from();
  Conclusion work = [who, action, subject, error](Recorder& record) {
    record.audit(who, action, subject, {{"why", error.message}, {"kind", to_string(error.kind)}});
    return say(error);
  };
  co_return co_await conclude(std::move(desk), std::move(job), std::move(work));
}

std::string bind_or_bar(Recorder& record, const Person& person) {
  const auto email = policy_name(person);
  if (!email) return "";
  const auto mine = record.tx().binding(person.id);
  if (mine && mine->email == *email) return "";
  const auto theirs = record.tx().binding_of_email(*email);
  if (!mine && !theirs) {
    record.tx().put(Binding{person.id, *email, record.now()});
    record.audit(person.id, "principal.bound", to_string(person.id), {{"email", *email}});
    return "";
  }
  if (!mine && platform_of(theirs->principal) != platform_of(person.id)) {
    record.audit(person.id, "principal.unlinked", to_string(person.id),
                 {{"email", *email}, {"with", to_string(theirs->principal)}});
    return not_linked_with(theirs->principal);
  }
  const std::string what = mine ? to_string(person.id) + " was " + mine->email + " and is now " + *email
                                : *email + " belongs to " + to_string(theirs->principal) +
                                      " and is now claimed by " + to_string(person.id);
  record.audit(person.id, "principal.conflict", to_string(person.id), {{"what", what}});
  record.notice_admins(NoticeKind::identity_conflict, "identity/" + to_string(person.id) + "/" + *email, {},
                       {{"detail", what}});
  return "Your chat account and its e-mail do not match what I know. The administrators were told";
}

namespace {

bool is_named(const DeskState& desk, const std::vector<Subject>& subjects, const Person& person,
              const Facts& facts) {
  if (!may_decide_at_all(person)) return false;
  return is_one_of(*desk.policy, subjects, person, facts).value_or(false);
}

}  // namespace

bool is_administrator(const DeskState& desk, const Person& person, const Facts& facts) {
  return is_named(desk, desk.settings.admins, person, facts);
}

bool is_auditor(const DeskState& desk, const Person& person, const Facts& facts) {
  return is_named(desk, desk.settings.auditors, person, facts);
}

std::vector<Subject> voters_and_owners(const Request& request) {
  std::vector<Subject> named = request.asked.owners;
  for (const Step& step : request.asked.steps) named.insert(named.end(), step.from.begin(), step.from.end());
  return named;
}

bool may_see(const DeskState& desk, const Request& request, const PrincipalId& who, const Facts& facts) {
  if (is_participant(request, who)) return true;
  const auto person = facts.person(who);
  if (!person || !may_decide_at_all(*person)) return false;
  return is_one_of(*desk.policy, voters_and_owners(request), *person, facts).value_or(false) ||
         is_administrator(desk, *person, facts) || is_auditor(desk, *person, facts);
}

std::set<std::string> groups_to_see(const DeskState& desk, const Request& request) {
  auto groups = live_groups_of(*desk.policy, voters_and_owners(request));
  groups.merge(live_groups_of(*desk.policy, desk.settings.admins));
  groups.merge(live_groups_of(*desk.policy, desk.settings.auditors));
  return groups;
}

Error unknown_request(const RequestId& id) {
  return {ErrorKind::not_found, "I know no request " + to_string(id) + ". See /jit mine", {}};
}

}  // namespace jitbot

#include "bot/desk/look.hpp"
#include "bot/desk/who_votes.hpp"
#include "bot/policy/catalog.hpp"
#include "bot/policy/membership.hpp"
#include "commands/answers.hpp"

#include <algorithm>

// Looking at many: active, who, history.
namespace jitbot {

namespace {

constexpr int k_looked_at = 500;  // rows of others that one look goes through, newest first
constexpr int k_own = 200;

// What the store has for a list, before it is known who may see it.
struct Seen {
  std::vector<Grant> grants;
  std::vector<Request> requests;  // of those grants; or the list itself
  std::vector<Request> waiting;
  Reach reach = Reach::all;
};

const Request* request_of(const Seen& seen, const RequestId& id) {
  const auto found = std::ranges::find(seen.requests, id, &Request::id);
  return found == seen.requests.end() ? nullptr : &*found;
}

template <class Row>
void merge(std::vector<Row>& rows, std::vector<Row> more) {
  for (Row& row : more) {
    if (std::ranges::find(rows, row.id, &Row::id) == rows.end()) rows.push_back(std::move(row));
  }
}

Reach reach_of(std::size_t rows) {
  return rows < static_cast<std::size_t>(k_looked_at) ? Reach::all : Reach::newest;
}

// His own first: they are shown however many others there are.
Seen live_rows(Tx& tx, const std::string& resource, const PrincipalId& who) {
  Seen seen;
  seen.grants = tx.newest_live_grants({resource, who}, k_own);
  auto others = tx.newest_live_grants({resource, std::nullopt}, k_looked_at);
  seen.reach = reach_of(others.size());
  merge(seen.grants, std::move(others));
  for (const Grant& grant : seen.grants) {
    if (auto request = tx.request(grant.id)) seen.requests.push_back(std::move(*request));
  }
  return seen;
}

Seen rows_on(Tx& tx, const std::string& resource, const PrincipalId& who) {
  Seen seen = live_rows(tx, resource, who);
  for (Request& request : tx.pending_requests()) {
    if (request.asked.resource == resource) seen.waiting.push_back(std::move(request));
  }
  return seen;
}

Seen decided_rows(Tx& tx, const Narrowed& to, Time since, const PrincipalId& who) {
  Seen seen;
  seen.requests = tx.decided_requests({to.resource, who}, since, k_own);
  if (to.concerns) {
    std::erase_if(seen.requests,
                  [&](const Request& request) { return !is_participant(request, *to.concerns); });
  }
  auto others = tx.decided_requests(to, since, k_looked_at);
  seen.reach = reach_of(others.size());
  merge(seen.requests, std::move(others));
  const auto newer = [](const Request& a, const Request& b) {
    return std::pair(a.decided_at, a.id) > std::pair(b.decided_at, b.id);
  };
  std::ranges::sort(seen.requests, newer);
  return seen;
}

std::set<std::string> groups_to_see_all(const DeskState& desk, const Seen& seen, const PrincipalId& who) {
  std::set<std::string> groups;
  const auto add = [&](const std::vector<Request>& requests) {
    for (const Request& request : requests) {
      if (!is_participant(request, who)) groups.merge(groups_to_see(desk, request));
    }
  };
  add(seen.requests);
  add(seen.waiting);
  return groups;
}

// Who looks, and what he may look at.
class Sight {
 public:
  Sight(const DeskState& desk, PrincipalId who, const Facts& facts)
      : desk_(desk), who_(std::move(who)), facts_(facts) {
    const auto person = facts_.person(who_);
    if (person) person_ = *person;
    everything_ = person_ && sees_everything(desk_, *person_, facts_);
  }

  bool everything() const { return everything_; }
  bool all_of(const Request& request) const { return everything_ || may_see(desk_, request, who_, facts_); }
  bool owns(const Resource& resource) const {
    if (everything_) return true;
    if (!person_ || !may_decide_at_all(*person_)) return false;
    return is_one_of(*desk_.policy, resource.owners, *person_, facts_).value_or(false);
  }
  Offer offer(const Resource& resource, const std::string& name) const {
    if (!person_) return {&resource, {}};
    return offer_of(*desk_.policy, resource, *person_, facts_, name);
  }

 private:
  const DeskState& desk_;
  PrincipalId who_;
  const Facts& facts_;
  std::optional<Person> person_;
  bool everything_ = false;
};

// In full for those who may see the request; for those who may ask for the same: who, what and until when.
enum class Others { hidden, shown };
std::vector<AccessRow> access_rows(const Seen& seen, const Sight& sight, Others others) {
  std::vector<AccessRow> rows;
  for (const Grant& grant : seen.grants) {
    const Request* request = request_of(seen, grant.id);
    const bool full = sight.everything() || (request != nullptr && sight.all_of(*request));
    if (!full && others == Others::hidden) continue;
    rows.push_back({grant.beneficiary, grant.resource, grant.role, grant.state, grant.start(), grant.end(),
                    std::nullopt});
    if (full) rows.back().request = grant.id;
  }
  return rows;
}

std::vector<WayRow> ways_of(const Policy& policy, const Resource& resource, const Offer& offer, bool owns) {
  std::vector<WayRow> ways;
  if (!owns) {
    for (const OfferedRole& offered : offer.roles)
      ways.push_back({offered.role->name, offered.rule, how_decided(*offered.rule, resource)});
    return ways;
  }
  for (const auto& [name, role] : resource.roles) {
    for (const Rule* rule : candidate_rules(policy, {&resource, &role, offer.name}))
      ways.push_back({name, rule, how_decided(*rule, resource)});
  }
  return ways;
}

// Each rule once, whatever roles it is for.
Task<std::vector<WhoView::RuleVoters>> voters_of(SharedDesk desk, const Resource* resource,
                                                 std::vector<WayRow> ways) {
  std::vector<WhoView::RuleVoters> all;
  std::vector<std::vector<Step>> rules;
  for (const WayRow& way : ways) {
    if (way.rule->automatic ||
        std::ranges::find(all, way.rule->name, &WhoView::RuleVoters::rule) != all.end())
      continue;
    std::vector<Step> steps;
    for (const Step& step : way.rule->steps)
      steps.push_back({step.name, with_owners(step.from, *resource), step.count});
    all.push_back({way.rule->name, {}});
    rules.push_back(std::move(steps));
  }
  std::set<PrincipalId> nobody;
  auto voters = co_await who_could_vote(desk, std::move(rules), std::move(nobody));
  for (std::size_t i = 0; i < all.size(); ++i) all[i].steps = std::move(voters[i]);
  co_return all;
}

FactsNeeded facts_about(const DeskState& desk, const Resource& resource, const std::string& typed) {
  FactsNeeded needed;
  needed.groups = live_groups_of(*desk.policy, resource.owners);
  const std::string name = resource.catalog.empty() ? std::string() : typed;
  for (const auto& [role_name, role] : resource.roles)
    needed.merge(facts_to_ask(*desk.policy, {&resource, &role, name}));
  return needed;
}

// The resource that is meant, and what it is called there.
struct Meant {
  const Resource* resource = nullptr;  // null: there is none
  std::string name;
};
Meant meant_by(const Policy& policy, const std::string& typed) {
  const Resource* resource = find_resource(policy, typed);
  return {resource, resource == nullptr ? typed : called(*resource, typed)};
}

// Why there is nothing to tell of a resource of a catalog, to whoever may ask for such ones; nothing: it is
// there.
std::optional<Error> not_there(const Meant& meant, const Facts& facts) {
  if (meant.resource == nullptr) return std::nullopt;
  const auto there = exists({meant.resource, nullptr, meant.name}, facts);
  return there ? std::nullopt : std::optional(there.error());
}

// First who he is; the groups of the rows only where that does not settle it.
Task<Facts> facts_to_see(SharedDesk desk, PrincipalId who, FactsNeeded needed) {
  auto overseers = groups_of_overseers(*desk);
  auto facts = co_await glance(desk, who, std::move(overseers));
  const auto person = facts.person(who);
  if (!person) co_return facts;
  if (sees_everything(*desk, *person, facts)) needed.groups.clear();
  co_return co_await glance_further(desk, std::move(facts), who, std::move(needed));
}

using Rows = Seen (*)(Tx& tx, const std::string& resource, const PrincipalId& who);
using Looked = std::pair<Seen, Facts>;

// The rows about one resource, of all where it has no name, and what tells who may see them.
Task<Result<Looked>> look_at(SharedDesk desk, PrincipalId who, std::string name, Rows rows) {
  std::function<Result<Seen>(Tx&)> work = [name, who, rows](Tx& tx) -> Result<Seen> {
    return rows(tx, name, who);
  };
  auto seen = co_await query<Seen>(desk->ports.store, std::move(work));
  if (!seen) co_return tl::unexpected<Error>(seen.error());
  FactsNeeded needed;
  needed.groups = groups_to_see_all(*desk, *seen, who);
  const Resource* resource = find_resource(*desk->policy, name);
  if (resource != nullptr) needed.merge(facts_about(*desk, *resource, name));
  auto facts = co_await facts_to_see(desk, who, std::move(needed));
  co_return Looked(std::move(*seen), std::move(facts));
}

Task<Result<Answered>> show_error(SharedDesk desk, Job job, Facts facts, Error error) {
  auto card = error_answer(error);
  co_return co_await show_list(desk, std::move(job), known_people(facts), std::move(card));
}

Task<Result<Answered>> show_unknown(SharedDesk desk, Job job, Facts facts, std::string typed) {
  auto error = co_await unknown_resource(desk, job.from(), facts, std::move(typed));
  co_return co_await show_error(desk, std::move(job), std::move(facts), std::move(error));
}

}  // namespace

Task<Result<Answered>> handle(SharedDesk desk, Job job, ActiveIntent intent) {
  const PrincipalId who = job.from();
  const Meant meant = meant_by(*desk->policy, intent.resource);
  const auto& [resource, name] = meant;
  auto looked = co_await look_at(desk, who, name, &live_rows);
  if (!looked) co_return tl::unexpected<Error>(std::move(looked).error());
  auto& [seen, facts] = *looked;
  const Sight sight(*desk, who, facts);
  const bool may_ask = resource != nullptr && !sight.offer(*resource, name).roles.empty();
  ActiveView view{name, access_rows(seen, sight, may_ask ? Others::shown : Others::hidden), seen.reach,
                  desk->ports.clock.now()};
  const bool known = may_ask || (resource != nullptr && sight.owns(*resource)) || name.empty();
  if (view.rows.empty() && !known) {
    co_return co_await show_unknown(desk, std::move(job), std::move(facts), intent.resource);
  }
  if (const auto why = view.rows.empty() ? not_there(meant, facts) : std::nullopt)
    co_return co_await show_error(desk, std::move(job), std::move(facts), *why);
  auto card = active_answer(view);
  co_return co_await show_list(desk, std::move(job), std::move(facts), std::move(card));
}

Task<Result<Answered>> handle(SharedDesk desk, Job job, WhoIntent intent) {
  const PrincipalId who = job.from();
  const Meant meant = meant_by(*desk->policy, intent.resource);
  const auto& [resource, name] = meant;
  auto looked = co_await look_at(desk, who, name, &rows_on);
  if (!looked) co_return tl::unexpected<Error>(std::move(looked).error());
  auto& [seen, facts] = *looked;
  const Sight sight(*desk, who, facts);
  const Offer offer = resource == nullptr ? Offer{} : sight.offer(*resource, name);
  const bool owns = resource != nullptr && sight.owns(*resource);
  WhoView view;
  view.resource = name;
  view.reach = seen.reach;
  view.now = desk->ports.clock.now();
  view.has = access_rows(seen, sight, offer.roles.empty() ? Others::hidden : Others::shown);
  for (const Request& request : seen.waiting) {
    if (sight.all_of(request)) view.waiting.push_back(request);
  }
  if (resource != nullptr) view.ways = ways_of(*desk->policy, *resource, offer, owns);
  const bool known = owns || !offer.roles.empty() || !view.has.empty() || !view.waiting.empty();
  if (!known) {
    co_return co_await show_unknown(desk, std::move(job), std::move(facts), intent.resource);
  }
  const bool empty = view.has.empty() && view.waiting.empty();
  if (const auto why = empty ? not_there(meant, facts) : std::nullopt)
    co_return co_await show_error(desk, std::move(job), std::move(facts), *why);
  if (resource != nullptr) view.voters = co_await voters_of(desk, resource, view.ways);
  auto card = who_answer(view);
  co_return co_await show_list(desk, std::move(job), std::move(facts), std::move(card));
}

namespace {

Answered history(Recorder& record, const std::vector<Request>& rows, HistoryView view) {
  const std::size_t shown = std::min(rows.size(), k_most_history);
  for (std::size_t i = 0; i < shown; ++i) view.rows.push_back(record.view(rows[i]));
  view.more = rows.size() - shown;
  return say(history_answer(view));
}

}  // namespace

Task<Result<Answered>> handle(SharedDesk desk, Job job, HistoryIntent intent) {
  const PrincipalId who = job.from();
  const auto [resource, name] = meant_by(*desk->policy, intent.resource);
  Narrowed to{name, std::nullopt};
  if (!intent.user.empty()) to.concerns = mentioned_by(who, intent.user);
  const Time now = desk->ports.clock.now();
  const Time since = intent.since ? now - *intent.since : Time{};
  std::function<Result<Seen>(Tx&)> work = [to, since, who](Tx& tx) -> Result<Seen> {
    return decided_rows(tx, to, since, who);
  };
  auto seen = co_await query<Seen>(desk->ports.store, std::move(work));
  if (!seen) co_return tl::unexpected<Error>(seen.error());
  FactsNeeded needed;
  needed.groups = groups_to_see_all(*desk, *seen, who);
  if (resource != nullptr) needed.merge(facts_about(*desk, *resource, name));
  auto facts = co_await facts_to_see(desk, who, std::move(needed));
  const Sight sight(*desk, who, facts);
  std::erase_if(seen->requests, [&](const Request& request) { return !sight.all_of(request); });
  const bool known =
      resource != nullptr && (sight.owns(*resource) || !sight.offer(*resource, name).roles.empty());
  if (seen->requests.empty() && !intent.resource.empty() && !known) {
    co_return co_await show_unknown(desk, std::move(job), std::move(facts), intent.resource);
  }
  HistoryView view;
  view.reach = seen->reach;
  if (intent.since) view.since = since;
  Conclusion conclusion = [facts, who, view, rows = std::move(seen->requests)](Recorder& record) {
    const auto person = facts.person(who);
    const auto barred = person ? bind_or_bar(record, *person) : std::string();
    if (!barred.empty()) return say(Error{ErrorKind::refused, barred, {}});
    Answered answered = history(record, rows, view);
    if (const auto unknown = missing_fact(facts))
      answered.card.footer.push_back(plain("There may be more. " + unknown->message));
    return answered;
  };
  co_return co_await conclude(desk, std::move(job), std::move(conclusion));
}

}  // namespace jitbot

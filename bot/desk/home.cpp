#include "bot/desk/home.hpp"

#include "bot/desk/identity.hpp"
#include "bot/desk/look.hpp"
#include "bot/desk/shelf.hpp"
#include "bot/policy/decide.hpp"
#include "bot/workflow/ask.hpp"

#include <algorithm>

// What one person sees in one place.
namespace jitbot {

namespace {

constexpr Millis k_patience = 8s;  // for the directory; the rest is shown without it
constexpr Millis k_patience_for_account = 3s;
constexpr std::size_t k_most_rows = 200;  // of one kind that are counted

constexpr const char* k_not_by_email =
    "What waits for people whom rules name by e-mail is not shown to you, and you cannot decide it, until "
    "your "
    "chat account shows a confirmed e-mail";

std::vector<Request> still_waiting(Tx& tx, Time now) {
  auto requests = tx.pending_requests();
  std::erase_if(requests, [now](const Request& request) { return request.times_out_at <= now; });
  if (requests.size() > k_most_rows * 5) requests.resize(k_most_rows * 5);
  return requests;
}

Task<Result<std::vector<Request>>> pending_now(SharedDesk desk) {
  std::function<Result<std::vector<Request>>(Tx&)> work =
      [now = desk->ports.clock.now()](Tx& tx) -> Result<std::vector<Request>> {
    return still_waiting(tx, now);
  };
  co_return co_await query<std::vector<Request>>(desk->ports.store, std::move(work));
}

bool has_voted(const SubjectView& view, const PrincipalId& who) {
  return std::ranges::any_of(view.votes, [&](const Vote& vote) {
    return vote.voter == who && (vote.approves(view.request) || vote.denies(view.request));
  });
}

void add_own(HomeView& home, Recorder& record, const PrincipalId& who) {
  for (const Grant& grant : record.tx().live_grants_of(who)) {
    const auto request = record.tx().request(grant.id);
    if (request) home.has.push_back(record.view(*request));
  }
  for (const Request& request : record.tx().pending_of(who)) {
    if (request.times_out_at > record.now()) home.asked.push_back(record.view(request));
  }
}

// What is still pending of those that he may vote on and did not yet.
void add_waiting(HomeView& home, Recorder& record, const std::vector<RequestId>& may_decide,
                 const PrincipalId& who) {
  for (const RequestId& id : may_decide) {
    const auto request = record.tx().request(id);
    if (!request || request->state != RequestState::pending) continue;
    auto view = record.view(*request);
    if (!has_voted(view, who)) home.waiting.push_back(std::move(view));
    if (home.waiting.size() == k_most_rows) return;
  }
}

void add_offers(HomeView& home, const Offers& offers) {
  home.all_offers = offers.offers.size();
  for (const Offer& offer : offers.offers) {
    if (home.offers.size() == k_home_offers) break;
    HomeOffer one{offer.shown(), offer.resource->description, {}};
    for (const OfferedRole& role : offer.roles)
      one.ways.push_back(
          {role.role->name, how_decided(*role.rule, *offer.resource), role.rule->max_duration});
    home.offers.push_back(std::move(one));
  }
  if (offers.unknown)
    home.unknown.push_back("There may be more that you may ask for: " + offers.unknown->message);
}

// Who he is decides whether he may ask at all. Empty pages say why they are. False: he may not ask.
bool add_standing(HomeView& home, const Shelf* shelf) {
  if (shelf == nullptr || (!shelf->person && shelf->person.error().kind != ErrorKind::not_found)) {
    home.unknown.emplace_back(
        "The chat's directory cannot be asked now: what waits for you and what you may ask for is not shown. "
        "Open this page again in a minute");
    return false;
  }
  if (!shelf->person) {
    home.nothing = "The chat's directory does not know you, so there is nothing you may ask for or decide.";
  } else if (const auto may = may_ask_at_all(*shelf->person); !may) {
    home.nothing = may.error().message + ".";
  } else if (!shelf->barred.empty()) {
    home.nothing = shelf->barred + ".";
  }
  return home.nothing.empty();
}

Task<std::vector<RequestId>> decidable(SharedDesk desk, Person person, std::vector<Request> pending,
                                       std::vector<std::string>* unknown) {
  std::set<std::string> groups;
  for (const Request& request : pending)
    groups.merge(live_groups_of(*desk->policy, voters_and_owners(request)));
  Facts facts;
  facts.people.insert_or_assign(person.id, person);
  facts.groups = co_await members_lately(desk, std::move(groups));
  facts.now = desk->ports.clock.now();
  std::vector<RequestId> ids;
  for (const Request& request : pending) {
    if (may_vote(request, person, *desk->policy, facts).value_or(false)) ids.push_back(request.id);
  }
  if (const auto missing = missing_fact(facts))
    unknown->push_back("More may wait for you: " + missing->message);
  co_return ids;
}

}  // namespace

Task<Result<Home>> home_for(SharedDesk desk, PrincipalId account) {
  const auto barred = co_await recognised_lately(desk, account, k_patience_for_account);
  // For what is not believed to speak for somebody, nothing of his is shown.
  const PrincipalId who = barred ? account : desk->ports.aliases.person_of(account);
  auto pending = co_await pending_now(desk);
  if (!pending) co_return tl::unexpected<Error>(std::move(pending).error());
  HomeView view;
  view.reader = who;
  std::vector<RequestId> may_decide;
  std::shared_ptr<const Shelf> shelf;
  if (barred) {
    view.nothing = barred->why.message + ".";
  } else {
    shelf = co_await shelf_of(desk, who, k_patience);
    if (add_standing(view, shelf.get())) add_offers(view, shelf->offers);
  }
  // Groups name people by their accounts: whoever shows no e-mail may decide, though he may not ask.
  const bool may = shelf && shelf->person && may_decide_at_all(*shelf->person) && shelf->barred.empty();
  if (may) {
    may_decide = co_await decidable(desk, *shelf->person, std::move(*pending), &view.unknown);
    if (!policy_name(*shelf->person)) view.unknown.emplace_back(k_not_by_email);
  }
  std::function<Result<HomeView>(Tx&)> work = [desk, who, view, may_decide,
                                               now = desk->ports.clock.now()](Tx& tx) -> Result<HomeView> {
    Recorder record(tx, desk->settings.record, now);
    HomeView whole = view;
    add_own(whole, record, who);
    add_waiting(whole, record, may_decide, who);
    return whole;
  };
  auto whole = co_await query<HomeView>(desk->ports.store, std::move(work));
  if (!whole) co_return tl::unexpected<Error>(std::move(whole).error());
  co_return home_of(*whole);
}

}  // namespace jitbot

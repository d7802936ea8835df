#include "bot/desk/shelf.hpp"

#include "bot/desk/identity.hpp"
#include "bot/desk/look.hpp"
#include "bot/record/binding.hpp"
#include "bot/workflow/ask.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cctype>

namespace jitbot {

namespace {

constexpr Millis k_fresh = 60s;
constexpr Millis k_fresh_in_part = 5s;  // when a fact was missing: it may be there the next time
constexpr Millis k_kept = 1h;           // how long a form may lie open
constexpr std::size_t k_most_shelves = 32;

Millis steady(const DeskState& desk) {
  return desk.ports.clock.clock().steady();
}

Task<std::string> barred(SharedDesk desk, Person person) {
  std::function<Result<std::string>(Tx&)> work = [person](Tx& tx) -> Result<std::string> {
    return barred_by_binding(tx, person);
  };
  auto why = co_await query<std::string>(desk->ports.store, std::move(work));
  co_return why ? std::move(*why) : std::string("I cannot look up your account now");
}

Task<std::shared_ptr<const Shelf>> make_shelf(SharedDesk desk, PrincipalId who) {
  std::set<std::string> none;
  auto facts = co_await glance(desk, who, std::move(none));
  auto shelf = std::make_shared<Shelf>(Shelf{{}, desk->policy, facts.person(who), {}, {}});
  bool whole = shelf->person.has_value();
  if (shelf->person && may_ask_at_all(*shelf->person)) {
    shelf->barred = co_await barred(desk, *shelf->person);
    auto needed = facts_to_offer(*shelf->policy, *shelf->person);
    // What he has changes faster than a shelf: what depends on it is offered, and decided when he asks.
    needed.activity = false;
    facts = co_await glance_further(desk, std::move(facts), who, std::move(needed));
    if (shelf->barred.empty()) shelf->offers = offers_for(*shelf->policy, *shelf->person, facts);
    whole = !shelf->offers.unknown;
  }
  shelf->until = steady(*desk) + (whole ? k_fresh : k_fresh_in_part);
  co_return shelf;
}

void make_room(DeskState& desk) {
  const Millis now = steady(desk);
  std::erase_if(desk.shelves, [now](const auto& entry) {
    const auto& place = entry.second;
    return !place.filling && (!place.shelf || now - place.shelf->until > k_kept);
  });
  while (desk.shelves.size() >= k_most_shelves) {
    const auto older = [](const auto& a, const auto& b) {
      if (a.second.filling != b.second.filling) return b.second.filling;
      return a.second.used < b.second.used;
    };
    const auto oldest = std::ranges::min_element(desk.shelves, older);
    if (oldest->second.filling) return;
    desk.shelves.erase(oldest);
  }
}

Task<void> fill(SharedDesk desk, PrincipalId who) {
  std::shared_ptr<const Shelf> made;
  try {
    made = co_await make_shelf(desk, who);
  } catch (const std::exception& problem) {
    spdlog::debug("event=catalog_look_failed detail=\"{}\"", problem.what());
  }
  auto& place = desk->shelves[who];
  if (made && place.stale == ShelfPlace::Stale::no) place.shelf = made;
  place.filling = false;
  for (const auto& timer : std::exchange(place.waiting, {})) timer->poke();
  finished(*desk);
}

void start_filling(const SharedDesk& desk, const PrincipalId& who) {
  make_room(*desk);
  auto& place = desk->shelves[who];
  place.filling = true;
  place.stale = ShelfPlace::Stale::no;
  begun(*desk);
  boost::asio::co_spawn(desk->ports.executor, fill(desk, who), boost::asio::detached);
}

}  // namespace

std::shared_ptr<const Shelf> remembered_shelf(const DeskState& desk, const PrincipalId& who, Age age) {
  const auto found = desk.shelves.find(who);
  if (found == desk.shelves.end() || !found->second.shelf) return nullptr;
  const auto& shelf = found->second.shelf;
  if (age == Age::fresh && steady(desk) > shelf->until) return nullptr;
  return shelf;
}

Task<std::shared_ptr<const Shelf>> shelf_of(SharedDesk desk, PrincipalId who, Millis patience) {
  auto known = remembered_shelf(*desk, who, Age::fresh);
  if (known) {
    desk->shelves[who].used = steady(*desk);
    co_return known;
  }
  const auto found = desk->shelves.find(who);
  if (found == desk->shelves.end() || !found->second.filling) start_filling(desk, who);
  auto& place = desk->shelves[who];
  place.used = steady(*desk);
  const std::shared_ptr<Timer> timer = desk->ports.clock.clock().make_timer();
  place.waiting.push_back(timer);
  co_await timer->wait(patience);
  const auto after = desk->shelves.find(who);
  if (after != desk->shelves.end()) std::erase(after->second.waiting, timer);
  co_return remembered_shelf(*desk, who, Age::fresh);
}

const CatalogSearch& catalog_search(DeskState& desk) {
  if (!desk.search) desk.search = std::make_shared<const CatalogSearch>(*desk.policy);
  return *desk.search;
}

const Offer* find_offer(const Shelf& shelf, const std::string& typed) {
  const Resource* resource = find_resource(*shelf.policy, typed);
  if (resource == nullptr) return nullptr;
  const auto meant = [&](const Offer& offer) {
    if (offer.resource != resource) return false;
    return offer.name.empty() || std::ranges::equal(offer.name, typed, [](char a, char b) {
             return std::tolower(static_cast<unsigned char>(a)) ==
                    std::tolower(static_cast<unsigned char>(b));
           });
  };
  const auto found = std::ranges::find_if(shelf.offers.offers, meant);
  return found == shelf.offers.offers.end() ? nullptr : &*found;
}

void forget_shelf(DeskState& desk, const PrincipalId& who) {
  const auto found = desk.shelves.find(who);
  if (found == desk.shelves.end()) return;
  found->second.shelf.reset();
  found->second.stale = ShelfPlace::Stale::yes;
}

std::string barred_by_binding(Tx& tx, const Person& person) {
  if (!is_bound_otherwise(tx, person)) return "";
  const auto email = policy_name(person);
  const auto theirs = email ? tx.binding_of_email(*email) : std::nullopt;
  const bool unlinked =
      theirs && !tx.binding(person.id) && platform_of(theirs->principal) != platform_of(person.id);
  if (unlinked) return not_linked_with(theirs->principal);
  return "Your chat account and its e-mail do not match what I know. Ask an administrator";
}

}  // namespace jitbot

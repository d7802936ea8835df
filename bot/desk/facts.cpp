#include "bot/desk/facts.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>

#include <memory>

namespace jitbot {

namespace {

// Long enough for the platform's pace: a decision that waits for its turn is better than one that must be
// repeated.
constexpr Millis k_deadline = 20s;

// Shared with the questions under way: one that answers after the deadline writes where nobody reads any
// more.
struct Gathering {
  Facts facts;
  std::size_t open = 0;
  std::unique_ptr<Timer> all_answered;

  void answered() {
    if (--open == 0) all_answered->poke();
  }
};

Task<void> ask_person(Directory& directory, PrincipalId id, std::shared_ptr<Gathering> gathering) {
  try {
    auto person = co_await directory.person(id);
    gathering->facts.people.insert_or_assign(id, std::move(person));
  } catch (const std::exception& failure) {
    gathering->facts.people.insert_or_assign(
        id, fail(ErrorKind::internal, "the directory cannot be asked", failure.what()));
  }
  gathering->answered();
}

Task<void> ask_group(Directory& directory, std::string group, std::shared_ptr<Gathering> gathering) {
  try {
    auto members = co_await directory.members(group);
    gathering->facts.groups.insert_or_assign(group, std::move(members));
  } catch (const std::exception& failure) {
    gathering->facts.groups.insert_or_assign(
        group, fail(ErrorKind::internal, "the directory cannot be asked", failure.what()));
  }
  gathering->answered();
}

Error not_listed(const std::string& name) {
  return {ErrorKind::unavailable, "what the catalog " + name + " lists could not be read", {}};
}

Task<void> ask_catalog(std::shared_ptr<Catalog> catalog, std::string name,
                       std::shared_ptr<Gathering> gathering) {
  try {
    auto listed = co_await catalog->list();
    gathering->facts.catalogs.insert_or_assign(name, std::move(listed));
  } catch (const std::exception& failure) {
    gathering->facts.catalogs.insert_or_assign(
        name, fail(ErrorKind::internal, not_listed(name).message, failure.what()));
  }
  gathering->answered();
}

}  // namespace

FactsWanted wanted_by(const FactsNeeded& needed) {
  return {{}, needed.groups, needed.catalogs};
}

Task<Facts> fetch_facts(FactSources sources, FactsWanted wanted) {
  auto executor = co_await boost::asio::this_coro::executor;
  auto gathering = std::make_shared<Gathering>();
  gathering->all_answered = sources.clock.clock().make_timer();
  gathering->open = wanted.people.size() + wanted.groups.size();
  for (const PrincipalId& id : wanted.people) {
    boost::asio::co_spawn(executor, ask_person(sources.directory, id, gathering), boost::asio::detached);
  }
  for (const std::string& group : wanted.groups) {
    boost::asio::co_spawn(executor, ask_group(sources.directory, group, gathering), boost::asio::detached);
  }
  for (const std::string& name : wanted.catalogs) {
    const auto catalog = sources.catalogs.find(name);
    if (catalog == sources.catalogs.end()) continue;  // one that is not configured lists nothing we know of
    ++gathering->open;
    boost::asio::co_spawn(executor, ask_catalog(catalog->second, name, gathering), boost::asio::detached);
  }
  if (gathering->open > 0) co_await gathering->all_answered->wait(k_deadline);
  Facts facts = gathering->facts;
  for (const PrincipalId& id : wanted.people) {
    facts.people.try_emplace(id, fail(ErrorKind::unavailable, "I cannot check " + id.user + " now"));
  }
  for (const std::string& group : wanted.groups) {
    facts.groups.try_emplace(group,
                             fail(ErrorKind::unavailable, "the members of " + group + " could not be read"));
  }
  for (const std::string& name : wanted.catalogs)
    facts.catalogs.try_emplace(name, tl::unexpected<Error>(not_listed(name)));
  facts.now = sources.clock.now();
  co_return facts;
}

std::optional<Error> missing_fact(const Facts& facts) {
  for (const auto& [id, person] : facts.people) {
    if (!person) return person.error();
  }
  for (const auto& [name, members] : facts.groups) {
    if (!members) {
      return Error{ErrorKind::unavailable,
                   "I cannot check now who may see this: " + members.error().message + ". Try again",
                   members.error().detail};
    }
  }
  for (const auto& [name, listed] : facts.catalogs) {
    if (!listed) {
      return Error{ErrorKind::unavailable,
                   "I cannot check now what exists: " + listed.error().message + ". Try again",
                   listed.error().detail};
    }
  }
  return std::nullopt;
}

}  // namespace jitbot

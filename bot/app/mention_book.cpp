#include "bot/app/mention_book.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>
#include <vector>

namespace jitbot {

namespace {

constexpr Millis k_patience = 2s;  // a card waits no longer for a name
constexpr Millis k_fresh = 5min;
constexpr Millis k_ask_again = 15s;  // where nobody answered

}  // namespace

void MentionBook::note(Pages& pages, const PrincipalId& who, const Result<Person>& person, Millis now) {
  auto& known = pages.known;
  if (known.size() >= k_most_known && !known.contains(who)) {
    std::erase_if(known, [now](const auto& entry) { return entry.second.until <= now; });
    if (known.size() >= k_most_known) known.erase(known.begin());
  }
  // An older name is better than none.
  if (person) {
    known.insert_or_assign(who, Entry{person->email, now + k_fresh});
  } else {
    known.try_emplace(who).first->second.until = now + k_ask_again;
  }
}

Task<void> MentionBook::ask(std::shared_ptr<Platform> platform, PrincipalId who, std::shared_ptr<Pages> pages,
                            Clock& clock) {
  Result<Person> person = fail(ErrorKind::internal, "not asked");
  try {
    person = co_await platform->person(who);
  } catch (const std::exception& failure) {
    spdlog::debug("event=name_not_found detail=\"{}\"", failure.what());
  }
  note(*pages, who, person, clock.steady());
  const auto asked = pages->asked.extract(who);
  if (asked.empty()) co_return;
  for (const auto& waiting : asked.mapped()) waiting->poke();
}

Task<std::map<PrincipalId, std::string>> MentionBook::called(std::set<PrincipalId> people,
                                                             PlatformOf platform_of) {
  const auto pages = pages_;
  const std::shared_ptr<Timer> answered = clock_.make_timer();
  const Millis deadline = clock_.steady() + k_patience;
  std::vector<PrincipalId> open;
  for (const PrincipalId& who : people) {
    const auto known = pages->known.find(who);
    if (known != pages->known.end() && known->second.until > clock_.steady()) continue;
    const auto platform = platform_of(who);
    if (!platform) continue;
    open.push_back(who);
    const bool under_way = pages->asked.contains(who);
    pages->asked[who].insert(answered);
    if (!under_way)
      boost::asio::co_spawn(executor_, ask(platform, who, pages, clock_), boost::asio::detached);
  }
  const auto still_asked = [&] {
    return std::ranges::any_of(open, [&](const PrincipalId& who) { return pages->asked.contains(who); });
  };
  while (still_asked() && clock_.steady() < deadline) co_await answered->wait(deadline - clock_.steady());
  for (auto& [who, waiting] : pages->asked) waiting.erase(answered);
  std::map<PrincipalId, std::string> names;
  for (const PrincipalId& who : people) {
    const auto known = pages->known.find(who);
    const bool shown = known != pages->known.end() && !known->second.name.empty();
    names.emplace(who, shown ? known->second.name : to_string(who));
  }
  co_return names;
}

}  // namespace jitbot

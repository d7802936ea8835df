#pragma once

#include "bot/model/ids.hpp"
#include "bot/ports/clock.hpp"
#include "bot/ports/platform.hpp"
#include "bot/ports/task.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

namespace jitbot {

// What people are called where they cannot be mentioned: by their e-mail. For showing alone, so it may be
// some minutes old, and who cannot be looked up in time is called by his id. Belongs to the loop.
class MentionBook {
 public:
  MentionBook(Executor executor, Clock& clock)
      : executor_(std::move(executor)), clock_(clock), pages_(std::make_shared<Pages>()) {}

  // Whose platform it is; null: none of ours.
  using PlatformOf = std::function<std::shared_ptr<Platform>(const PrincipalId&)>;
  // All of them, looked up at the same time where they are not known, within two seconds.
  Task<std::map<PrincipalId, std::string>> called(std::set<PrincipalId> people, PlatformOf platform_of);

  std::size_t known() const { return pages_->known.size(); }
  static constexpr std::size_t k_most_known = 1000;

 private:
  struct Entry {
    std::string name;  // empty: he shows none
    Millis until;      // monotonic
  };
  // Shared with the questions under way: what comes too late is known the next time.
  struct Pages {
    std::map<PrincipalId, Entry> known;
    std::map<PrincipalId, std::set<std::shared_ptr<Timer>>> asked;  // and who waits for it
  };
  static Task<void> ask(std::shared_ptr<Platform> platform, PrincipalId who, std::shared_ptr<Pages> pages,
                        Clock& clock);
  static void note(Pages& pages, const PrincipalId& who, const Result<Person>& person, Millis now);

  Executor executor_;
  Clock& clock_;
  std::shared_ptr<Pages> pages_;
};

}  // namespace jitbot

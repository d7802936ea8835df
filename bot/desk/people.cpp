#include "bot/desk/shelf.hpp"
#include "bot/desk/state.hpp"

#include <nlohmann/json.hpp>

// Events of the directory only refresh: the truth is asked again.
namespace jitbot {

Task<Result<Answered>> handle(SharedDesk desk, Job job, PersonChanged changed) {
  forget_shelf(*desk, changed.who);
  auto person = co_await desk->ports.directory.person(changed.who);
  const bool gone = person && person->deactivated;
  Conclusion work = [gone, who = changed.who](Recorder& record) {
    if (gone && record.deactivate(who) > 0) {
      record.audit(system_principal("directory"), "principal.deactivated", to_string(who),
                   nlohmann::json::object());
    }
    return silent();
  };
  co_return co_await conclude(desk, std::move(job), std::move(work));
}

Task<Result<Answered>> handle(SharedDesk desk, Job job, GroupChanged) {
  // Members are asked afresh at each vote; nothing is remembered that could be old.
  auto nothing = silent();
  co_return co_await conclude_with(std::move(desk), std::move(job), std::move(nothing));
}

Task<Result<Answered>> handle(SharedDesk desk, Job job, ChannelChanged changed) {
  Conclusion work = [changed](Recorder& record) {
    record.audit(system_principal("directory"), "channel.changed", changed.channel, {{"what", changed.what}});
    return silent();
  };
  co_return co_await conclude(desk, std::move(job), std::move(work));
}

}  // namespace jitbot

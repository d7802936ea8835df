#include "bot/desk/look.hpp"
#include "bot/desk/shelf.hpp"
#include "bot/desk/state.hpp"
#include "bot/model/channel.hpp"

#include <nlohmann/json.hpp>

// Events of the directory only refresh: the truth is asked again.
namespace jitbot {

Task<Result<Answered>> handle(SharedDesk desk, Job job, PersonChanged changed) {
  forget_shelf(*desk, changed.who);
  desk->memory->recognised.clear();
  auto person = co_await desk->ports.directory.person(changed.who);
  const bool gone = person && person->deactivated;
  // Profiles change all day; who may still decide need not be looked at for that.
  const bool decides_nothing = person && !may_decide_at_all(*person);
  Conclusion work = [gone, decides_nothing, who = changed.who](Recorder& record) {
    if (decides_nothing) record.nudge({.what = NudgeTask::What::voters});
    if (gone && record.deactivate(who) > 0) {
      record.audit(system_principal("directory"), "principal.deactivated", to_string(who),
                   nlohmann::json::object());
    }
    return silent();
  };
  co_return co_await conclude(desk, std::move(job), std::move(work));
}

namespace {

// Members are asked afresh at each vote; what is shown may be a minute old. True: the policy names that
// group.
bool forget_group(DeskState& desk, const std::string& source) {
  if (!all_live_groups(*desk.policy).contains(source)) return false;
  for (const auto& [who, place] : desk.shelves) forget_shelf(desk, who);
  return true;
}

}  // namespace

Task<Result<Answered>> handle(SharedDesk desk, Job job, GroupChanged changed) {
  const bool named = forget_group(*desk, changed.source);
  Conclusion work = [named](Recorder& record) {
    if (named) record.nudge({.what = NudgeTask::What::voters});
    return silent();
  };
  co_return co_await conclude(desk, std::move(job), std::move(work));
}

Task<Result<Answered>> handle(SharedDesk desk, Job job, ChannelChanged changed) {
  if (desk->memory->channel_changed) desk->memory->channel_changed(changed.channel);
  // One that is archived, shared or not ours any more names nobody, if it was a group.
  const bool named = forget_group(*desk, channel_group(changed.channel));
  Conclusion work = [changed, named](Recorder& record) {
    if (named) record.nudge({.what = NudgeTask::What::voters});
    record.audit(system_principal("directory"), "channel.changed", changed.channel, {{"what", changed.what}});
    record.nudge({.what = NudgeTask::What::channel, .channel = changed.channel});
    return silent();
  };
  co_return co_await conclude(desk, std::move(job), std::move(work));
}

}  // namespace jitbot

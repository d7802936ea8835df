#pragma once

#include "bot/policy/in_force.hpp"
#include "bot/ports/random.hpp"
#include "bot/reconcile/channel_book.hpp"
#include "bot/reconcile/loop.hpp"
#include "bot/record/roll_call.hpp"

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace jitbot {

// What a nudge task works with.
struct NudgePorts {
  LoopPorts loop;
  Directory& directory;
  ChannelBook& channels;
  std::shared_ptr<const Policy> policy;  // one for the length of a task
};

// Tells people of requests that wait: whom it concerns is asked of the directory and the chat, which may be
// silent, so each task is durable and is tried until it is done or the request is decided. Everything that is
// told is written with the end of its task, so nobody is told twice.
class NudgeLoop {
 public:
  struct Ports {
    LoopPorts loop;
    Directory& directory;
    ChannelBook& channels;
    const PolicyInForce& policy;
  };
  NudgeLoop(Ports ports, Random& random);

  Task<void> run();
  void poke();
  void stop();

 private:
  Task<Result<void>> start_due();
  Task<void> pursue(Due due);
  Task<Result<void>> work_off(NudgeTask task, Time claimed);
  Task<void> later(Due due);

  Ports ports_;
  Random& random_;
  std::unique_ptr<Timer> timer_;
  Running running_;
  std::set<std::string> under_way_;
  std::map<std::string, int> failures_;
  // What was found out for a task that could not be finished, for its next try.
  struct Kept {
    std::shared_ptr<RollCall> roll;
    Time since;
  };
  std::map<std::string, Kept> kept_;
  bool stopping_ = false;
};

// The end of a task, in the transaction that did what it was for, unless it is to be looked at once more
// because something changed since it was claimed.
void end_task(Recorder& record, const NudgeTask& task, Time claimed);
// The same in a transaction of its own, where there is nothing else to write.
Task<Result<void>> finish(NudgePorts ports, NudgeTask task, Time claimed);

// One task each. An error: not known now, try again.
Task<Result<void>> tell_approvers(NudgePorts ports, NudgeTask task, std::shared_ptr<RollCall> roll,
                                  Time claimed);
Task<Result<void>> escalate(NudgePorts ports, NudgeTask task, std::shared_ptr<RollCall> roll, Time claimed);
Task<Result<void>> check_voters(NudgePorts ports, NudgeTask task, Time claimed);
Task<Result<void>> watch_channel(NudgePorts ports, NudgeTask task, Time claimed);
Task<Result<void>> watch_channels(NudgePorts ports, NudgeTask task, Time claimed);

}  // namespace jitbot

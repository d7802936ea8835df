#pragma once

#include "bot/reconcile/loop.hpp"

#include <functional>

namespace jitbot {

// Applies what is due: request time-outs, warnings, windows, ends, overdue alarms. Every transition applies
// it by itself too; this loop is for what nobody touches.
class TimeLoop {
 public:
  explicit TimeLoop(LoopPorts ports);
  Task<void> run();                          // until cancelled or stopped
  void due_at(Time at) { agenda_.add(at); }  // a commit set a due time
  void poke();
  void stop();

 private:
  Task<Result<int>> apply_batch();
  Task<void> note_step();

  LoopPorts ports_;
  Agenda agenda_;
  bool stopping_ = false;
};

}  // namespace jitbot

#pragma once

#include "bot/ports/chat.hpp"
#include "bot/reconcile/access_loop.hpp"
#include "bot/reconcile/loop.hpp"

namespace jitbot {

// What is looked at again and again although nothing told us to: deactivated beneficiaries, requests that
// nobody can approve any more, channels, access at the targets that nobody asked for, old inbox rows.
class SweepLoop {
 public:
  SweepLoop(LoopPorts ports, Directory& directory, const Connectors& connectors);
  Task<void> run();
  void stop();

  Task<void> sweep_people();
  Task<void> look_around();
  Task<void> sweep_targets();
  // One target; an error: it did not answer.
  Task<Result<void>> sweep_target(std::string name, Connector& connector);
  // Something is at a target that no live entitlement of ours explains.
  Task<void> found(EntitlementKey key, Connector& connector);

 private:
  Task<void> purge();

  LoopPorts ports_;
  Directory& directory_;
  const Connectors& connectors_;
  std::unique_ptr<Timer> timer_;
  bool stopping_ = false;
};

}  // namespace jitbot

#pragma once

#include "bot/ports/connector.hpp"
#include "bot/ports/random.hpp"
#include "bot/reconcile/loop.hpp"

#include <atomic>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace jitbot {

struct ConnectorPort {
  std::shared_ptr<Connector> connector;
  int concurrency = 4;
  Millis drift{5min};
};
using Connectors = std::map<std::string, ConnectorPort>;

// Makes access at the targets match the store: each entitlement by itself, ends before starts, one call at a
// time under a durable lease. Tries for ever.
class AccessLoop {
 public:
  AccessLoop(LoopPorts ports, const Connectors& connectors, Random& random,
             std::shared_ptr<std::atomic<bool>> starts_held);

  // After a start: calls of before are over, what has no connector any more is overdue with that reason.
  Task<Result<void>> recover();
  Task<void> run();
  void due_at(Time at) { agenda_.add(at); }  // a commit made a call due
  void poke();
  void stop();
  // While held, no call that gives access is started; looking and removing go on.
  void hold_starts() { *starts_held_ = true; }
  void release_starts() { *starts_held_ = false; }
  Task<void> drain();  // calls under way end by their own time-outs

 private:
  struct Step;
  struct DueCall;
  Task<Result<std::optional<Time>>> start_due();
  Task<void> begin(std::vector<DueCall> calls);
  Task<void> pursue(DueCall due, Step first);
  Task<Result<std::optional<Step>>> lease(DueCall due);
  Task<Result<std::map<EntitlementId, Step>>> lease_all(std::vector<DueCall> calls);
  std::optional<Step> lease_in(Recorder& record, const DueCall& due);
  Task<Result<std::optional<Step>>> finish(Step step, Result<Observation> outcome);
  Task<Result<Observation>> call(Step step);
  std::optional<Step> next_step(Recorder& record, Access access) const;
  void over(const DueCall& due);
  Timing timing(const std::string& connector);

  LoopPorts ports_;
  const Connectors& connectors_;
  Random& random_;
  Agenda agenda_;
  Running running_;
  std::set<EntitlementId> pursued_;
  std::map<std::string, int> busy_;
  const std::shared_ptr<std::atomic<bool>> starts_held_;  // read on the store's thread
  bool stopping_ = false;
  bool crowded_ = false;  // something due waits for a free place
};

}  // namespace jitbot

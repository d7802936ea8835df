#pragma once

#include "tests/bench/rig.hpp"

#include <map>

namespace jitbot::bench {

// People at a Rig who ask for access, and an approver who says yes to everything. A workflow is over when the
// person is told that his access works.
class WorkflowDriver {
 public:
  explicit WorkflowDriver(Rig& rig);

  struct Run {
    int asked = 0;
    double seconds = 0;        // until the last one was told
    double quiet_seconds = 0;  // … and until every card shows it
    double cpu_seconds = 0;    // of this process in quiet_seconds
    double most_resident_mb = 0;
    Waits acks;   // commands and clicks
    Waits whole;  // from the command to the message that it works
    std::int64_t commits = 0;
  };
  // So many at once, as fast as it goes.
  Run at_full_speed(int workflows, int at_once);
  // A new one each `every`, whatever becomes of the others.
  Run at_a_pace(int workflows, std::chrono::microseconds every);

 private:
  void ask();
  Task<void> accept(Inbound inbound);
  Task<void> pace(std::chrono::microseconds every);
  void approve(const ButtonValue& button, const MessageRef& card);
  void told(const PrincipalId& who, const std::string& key);
  Run finish(std::chrono::steady_clock::time_point start, double cpu, std::int64_t commits);
  std::int64_t commits() const;

  Rig& rig_;
  int number_ = 0;  // of the next workflow
  int left_ = 0;
  int under_way_ = 0;
  bool endless_ = false;  // the next begins when one is over
  std::map<PrincipalId, Steady::time_point> asked_;
  Run run_;
};

}  // namespace jitbot::bench

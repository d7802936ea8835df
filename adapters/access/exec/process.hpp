#pragma once

#include "adapters/access/exec/child.hpp"
#include "adapters/access/worker_pool.hpp"
#include "bot/model/result.hpp"

#include <cstddef>
#include <string>

namespace jitbot::access {

struct ProcessLimits {
  Millis grace{2000};                // between SIGTERM and SIGKILL, taken from the end of the patience
  std::size_t output = 64UL * 1024;  // of stdout and of stderr each; what is more is read and dropped
};

struct ProcessEnd {
  enum class How { exited, killed, timed_out };
  How how = How::exited;
  int code = 0;  // exit code, or the signal
  std::string out;
  std::string err;
  bool out_cut = false;  // there was more than the limit
};

// Runs a program to its end, at the latest until `patience` is over. When it ends, or has to, whatever is
// left of its process group is killed. Blocking; for pool threads. unavailable: it never ran.
Result<ProcessEnd> run_process(const ChildSpec& spec, ProcessLimits limits, const Patience& patience);

}  // namespace jitbot::access

#pragma once

#include <chrono>
#include <sys/types.h>
#include <vector>

namespace jitbot::bench {

using Steady = std::chrono::steady_clock;

double seconds_since(Steady::time_point start);
// The value below which `share` (0 … 1) of the samples are; 0 where there are none.
double percentile(std::vector<double> samples, double share);

// Of this process so far, user and kernel.
double cpu_seconds();
// Of another process of ours, as the kernel counts it (in hundredths of a second).
double cpu_seconds_of(pid_t process);
double resident_mb();
double resident_mb_of(pid_t process);

// Samples of one kind of waiting, in milliseconds.
class Waits {
 public:
  void add(Steady::time_point since) { add_ms(seconds_since(since) * 1000); }
  void add_ms(double ms) { samples_.push_back(ms); }
  double p50() const { return percentile(samples_, 0.50); }
  double p99() const { return percentile(samples_, 0.99); }
  double longest() const { return percentile(samples_, 1.0); }
  std::size_t count() const { return samples_.size(); }

 private:
  std::vector<double> samples_;
};

}  // namespace jitbot::bench

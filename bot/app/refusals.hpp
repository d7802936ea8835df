#pragma once

#include "bot/model/time.hpp"

#include <cstdint>
#include <optional>

namespace jitbot {

// How many of the callbacks that were refused are put into the audit log: whoever reaches the port could fill
// it otherwise. What was left out is counted, and told with the next one.
class RefusalMeter {
 public:
  // `now` is monotonic. Nothing: it is only counted; else how many were left out since the last one.
  std::optional<std::uint64_t> take(Millis now);

 private:
  static constexpr int k_most = 20;         // in one go
  static constexpr Millis k_one_more = 6s;  // and then one each

  int left_ = k_most;
  std::optional<Millis> counted_at_;
  std::uint64_t left_out_ = 0;
};

}  // namespace jitbot

#pragma once

#include <chrono>
#include <cstdint>

// Time as the whole program knows it: UTC, to the millisecond. Nothing in the core asks a clock; times arrive
// as values. In the store and on the wire a Time is its number of milliseconds since 1970 (an integer).
namespace jitbot {

using Millis = std::chrono::milliseconds;
using Time = std::chrono::sys_time<Millis>;

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""h;

inline std::int64_t to_ms(Time time) {
  return time.time_since_epoch().count();
}
inline Time time_from_ms(std::int64_t ms) {
  return Time{Millis{ms}};
}

}  // namespace jitbot

#pragma once

#include "bot/model/time.hpp"
#include "bot/model/time_words.hpp"

#include <string>

namespace jitbot {

// What the time is for: where a clock is put back and a time of day comes twice, or is put forward and it
// does not come at all, nobody gets more than he meant.
enum class Meaning {
  start,  // of two the later
  end,    // of two the earlier that is still to come
};

// By IANA names, the first that this machine knows; UTC where it knows neither.
struct Zones {
  std::string own;        // the asker's; empty: unknown
  std::string otherwise;  // the configuration's
};

// The instant behind `now` that was said. A time of day that has passed today is tomorrow's; one that the
// clock jumps over is the next instant that exists. invalid: it has passed; the error goes on behind what
// was said.
Result<Time> instant_of(const TimeWords& words, Meaning meaning, const Zones& zones, Time now);

}  // namespace jitbot

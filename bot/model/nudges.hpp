#pragma once

#include "bot/model/request.hpp"

#include <cstddef>
#include <optional>
#include <vector>

// When people are told again of a request that still waits. Pure: whom it reaches is found out when it is
// due.
namespace jitbot {

struct Nudge {
  Time at;
  std::optional<std::size_t> escalation;  // which of Asked::escalate; none: the reminder
  bool operator==(const Nudge&) const = default;
};

// All that the rule has, in the order of their times; the reminder before an escalation of the same moment.
std::vector<Nudge> nudges_of(const Asked& asked);
// The first that is not behind a pending request and comes before its time-out; none: nothing is left.
std::optional<Nudge> next_nudge(const Request& request);
std::optional<Nudge> next_escalation(const Request& request);
// When a pending request needs attention by itself: the next nudge, or its time-out.
Time next_due(const Request& request);

}  // namespace jitbot

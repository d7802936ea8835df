#include "bot/model/nudges.hpp"

#include <algorithm>
#include <tuple>

namespace jitbot {

namespace {

// Approvers who are to be told directly hear of it at once where the rule names no time.
bool reminds(const Asked& asked) {
  return asked.remind > Millis{0} || asked.remind_where == RemindWhere::direct;
}

// Those that are still to come, soonest first.
std::vector<Nudge> left(const Request& request) {
  if (request.state != RequestState::pending) return {};
  auto all = nudges_of(request.asked);
  const auto behind = std::min(static_cast<std::size_t>(std::max(request.nudges, 0)), all.size());
  all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(behind));
  std::erase_if(all, [&](const Nudge& nudge) { return nudge.at >= request.times_out_at; });
  return all;
}

}  // namespace

std::vector<Nudge> nudges_of(const Asked& asked) {
  std::vector<Nudge> all;
  if (reminds(asked)) all.push_back({asked.asked_at + asked.remind, std::nullopt});
  for (std::size_t i = 0; i < asked.escalate.size(); ++i)
    all.push_back({asked.asked_at + asked.escalate[i].after, i});
  std::ranges::sort(all, {}, [](const Nudge& nudge) { return std::tuple(nudge.at, nudge.escalation); });
  return all;
}

std::optional<Nudge> next_nudge(const Request& request) {
  const auto nudges = left(request);
  return nudges.empty() ? std::nullopt : std::optional(nudges.front());
}

std::optional<Nudge> next_escalation(const Request& request) {
  for (const Nudge& nudge : left(request)) {
    if (nudge.escalation) return nudge;
  }
  return std::nullopt;
}

Time next_due(const Request& request) {
  const auto nudge = next_nudge(request);
  return nudge ? nudge->at : request.times_out_at;
}

}  // namespace jitbot

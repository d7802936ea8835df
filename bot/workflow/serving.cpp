#include "bot/workflow/serving.hpp"

#include "bot/policy/decide.hpp"

#include <algorithm>

namespace jitbot {

bool is_participant(const Request& request, const PrincipalId& who) {
  return who == request.asked.asker || who == request.asked.beneficiary;
}

std::vector<int> step_counts(const Request& request, const std::vector<Vote>& votes) {
  std::vector<int> counts(request.asked.steps.size(), 0);
  for (const Vote& vote : votes) {
    if (vote.approves(request) && vote.step >= 0 && static_cast<std::size_t>(vote.step) < counts.size()) {
      ++counts[static_cast<std::size_t>(vote.step)];
    }
  }
  return counts;
}

std::string bar(const Request& request, const Person& person) {
  if (is_participant(request, person.id)) return "nobody decides about a request of his own";
  if (person.deactivated) return "this account is deactivated";
  if (person.bot) return "bots decide nothing";
  if (person.outsider) return "people of other organisations decide nothing here";
  if (person.guest) return "guests decide nothing";
  return "";
}

Result<int> step_for(const Request& request, const std::vector<Vote>& votes, const Person& person,
                     const Policy& policy, const Facts& facts) {
  auto others = votes;
  std::erase_if(others, [&](const Vote& vote) { return vote.voter == person.id; });
  const auto counts = step_counts(request, others);
  int closed = -1;
  for (std::size_t i = 0; i < request.asked.steps.size(); ++i) {
    auto serves = is_one_of(policy, request.asked.steps[i].from, person, facts);
    if (!serves) return tl::unexpected<Error>(serves.error());
    if (!*serves) continue;
    if (counts[i] < request.asked.steps[i].count) return static_cast<int>(i);
    if (closed < 0) closed = static_cast<int>(i);
  }
  // Every step that he may serve has its count: his approval is recorded with the first of them.
  return closed;
}

bool all_steps_met(const Request& request, const std::vector<Vote>& votes) {
  const auto counts = step_counts(request, votes);
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] < request.asked.steps[i].count) return false;
  }
  return true;
}

Result<bool> may_vote(const Request& request, const Person& person, const Policy& policy,
                      const Facts& facts) {
  if (!bar(request, person).empty()) return false;
  std::vector<Subject> from;
  for (const Step& step : request.asked.steps) from.insert(from.end(), step.from.begin(), step.from.end());
  auto named = is_one_of(policy, from, person, facts);
  if (!named || !*named) return named;
  const auto fits = may_approve_by_condition(policy, request.asked, person, facts);
  // What the condition reads may not be known where things are only listed.
  return fits || fits.error().kind == ErrorKind::unavailable;
}

}  // namespace jitbot

#include "bot/workflow/voters.hpp"

#include <map>

namespace jitbot {

namespace {

// Bipartite matching by augmenting paths: a step that lacks somebody takes him from another step that can
// take somebody else.
class Matching {
 public:
  explicit Matching(const std::vector<StepVoters>& steps) : steps_(steps) {}

  bool serve(std::size_t step) {
    std::set<PrincipalId> tried;
    return find_somebody(step, tried);
  }

 private:
  bool find_somebody(std::size_t step, std::set<PrincipalId>& tried) {
    for (const PrincipalId& person : steps_[step].people) {
      if (!tried.insert(person).second) continue;
      const auto taken = serves_.find(person);
      if (taken != serves_.end() && !find_somebody(taken->second, tried)) continue;
      serves_[person] = step;
      return true;
    }
    return false;
  }

  const std::vector<StepVoters>& steps_;
  std::map<PrincipalId, std::size_t> serves_;
};

}  // namespace

std::vector<std::size_t> steps_left_over(const std::vector<StepVoters>& steps) {
  Matching matching(steps);
  std::vector<std::size_t> left;
  for (std::size_t step = 0; step < steps.size(); ++step) {
    for (int i = 0; i < steps[step].needed; ++i) {
      if (matching.serve(step)) continue;
      left.push_back(step);
      break;
    }
  }
  return left;
}

}  // namespace jitbot

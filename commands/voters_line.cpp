#include "commands/voters_line.hpp"

#include <fmt/format.h>

namespace jitbot {

Line voters_line(const StepView& step) {
  Line line{Plain{step.name + ": "}};
  if (!step.unknown.empty()) {
    line.emplace_back(Plain{"who could agree now is not known: " + step.unknown});
    return line;
  }
  for (const PrincipalId& who : step.people) {
    if (line.size() > 1) line.emplace_back(Plain{", "});
    line.emplace_back(Mention{who});
  }
  // Whoever was not looked at may turn out to decide nothing.
  if (step.more > 0) {
    line.emplace_back(Plain{step.people.empty() ? fmt::format("up to {}, not looked at", step.more)
                                                : fmt::format(" and up to {} more", step.more)});
  }
  const std::size_t all = step.people.size() + step.more;
  if (all == 0) line.emplace_back(Plain{"nobody"});
  if (all < static_cast<std::size_t>(step.count)) line.emplace_back(Plain{" — too few to approve it now"});
  return line;
}

}  // namespace jitbot

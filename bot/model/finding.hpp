#pragma once

#include <string>
#include <vector>

namespace jitbot {

// What a look at one part of the set-up found, in words for whoever runs jitbot. Never holds a secret.
struct Finding {
  enum class Level { fine, warning, failed };
  Level level = Level::fine;
  std::string what;    // the part: "channel #prod-approvals (rule production)"
  std::string words;   // how it is
  std::string advice;  // what to do; empty: nothing
};
using Findings = std::vector<Finding>;

}  // namespace jitbot

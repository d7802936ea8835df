#pragma once

#include "bot/policy/policy.hpp"

#include <string>
#include <vector>

namespace jitbot {

// One difference between two policies, in words.
struct Change {
  enum class Of { rule, group, resource, connector, tests };
  Of of = Of::rule;
  enum class What { added, removed, changed, moved };
  What what = What::changed;
  std::string name;   // of the rule, group, resource or connector
  std::string words;  // whole: "rule production: at most 4h → 8h"
  bool operator==(const Change&) const = default;
};

// What `fresh` says otherwise than `old`: rules first, in the order of `fresh`, then what they stand on. Two
// policies with different digests and no differences are written differently and say the same.
std::vector<Change> differences(const Policy& old, const Policy& fresh);

}  // namespace jitbot

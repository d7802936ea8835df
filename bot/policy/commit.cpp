#include "bot/policy/policy.hpp"

namespace jitbot {

std::string to_string(const PolicyCommit& commit) {
  constexpr std::size_t k_shown = 12;
  if (commit.id.empty()) return "";
  return commit.id.substr(0, k_shown) + (commit.changed ? " with changes" : "");
}

}  // namespace jitbot

#pragma once

#include <string>
#include <vector>

namespace jitbot {

// The nearest of `candidates` to what was typed, or empty when nothing is near.
std::string nearest(const std::string& typed, const std::vector<std::string>& candidates);

}  // namespace jitbot

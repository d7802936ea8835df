#include "bot/model/nearest.hpp"

#include <algorithm>
#include <cctype>
#include <cstddef>

namespace jitbot {

namespace {

constexpr std::size_t k_longest = 64;

std::string lower(const std::string& text) {
  std::string low = text.substr(0, k_longest);
  std::ranges::transform(low, low.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return low;
}

// Optimal string alignment: insertions, deletions, replacements and neighbours swapped, 1 each.
std::size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

}  // namespace

std::string nearest(const std::string& typed, const std::vector<std::string>& candidates) {
  const std::string said = lower(typed);
  if (said.empty()) return "";
  std::string best;
  std::size_t best_distance = said.size() <= 3 ? 2 : 2 + said.size() / 4;  // below this counts as near
  for (const std::string& candidate : candidates) {
    const std::string word = lower(candidate);
    std::size_t away = distance(said, word);
    // A beginning of three letters or more is meant, however much is missing ("prod" for "prod-db").
    if (said.size() >= 3 && word.starts_with(said)) away = std::min<std::size_t>(away, 1);
    if (away < best_distance) {
      best = candidate;
      best_distance = away;
    }
  }
  return best;
}

}  // namespace jitbot

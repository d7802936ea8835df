#pragma once

#include "bot/policy/catalog.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace jitbot {

// Finds resources of a catalog by what somebody types, case-blind. Made once for a policy, which outlives it;
// asked at each letter.
class CatalogSearch {
 public:
  explicit CatalogSearch(const Policy& policy);

  // At most `most` of the offers, best first: the name itself, names that begin so, names with a word that
  // begins so, names that hold it, then descriptions and tags; alike ones by name. Of several words each must
  // be found. Nothing typed: all. Nothing found: the nearest name, if one is near.
  std::vector<const Offer*> find(const std::vector<Offer>& offers, std::string_view typed,
                                 std::size_t most) const;

 private:
  struct Texts {
    std::string name;  // in lower case
    std::string rest;  // description and tags, in lower case, a line each
  };
  static int rank(const Texts& texts, std::string_view word);
  static int rank(const Texts& texts, const std::vector<std::string>& words);
  int rank(const Offer& offer, const std::vector<std::string>& words) const;

  std::unordered_map<const Resource*, Texts> texts_;
};

}  // namespace jitbot

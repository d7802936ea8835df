#pragma once

#include "bot/ports/catalog.hpp"

#include <set>
#include <string>
#include <vector>

namespace jitbot::testing {

// A catalog in memory. It outlives the bots that ask it. Belongs to the loop's thread.
class TestCatalog : public Catalog {
 public:
  std::set<std::string> names;
  std::string failing;  // why it cannot be read; empty: it can
  int glitches = 0;     // so many lists more are empty by mistake
  int asked = 0;
  Millis look_every{1min};

  Task<Result<std::set<std::string>>> list() override {
    ++asked;
    if (!failing.empty()) co_return fail(ErrorKind::unavailable, failing);
    if (glitches > 0) {
      --glitches;
      co_return std::set<std::string>();
    }
    co_return names;
  }
  Millis every() const override { return look_every; }
  Task<std::vector<std::string>> check() override { co_return std::vector<std::string>(); }
};

}  // namespace jitbot::testing

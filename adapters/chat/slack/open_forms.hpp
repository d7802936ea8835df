#pragma once

#include "adapters/chat/slack/decode.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace jitbot::slack {

// Forms that are being reshaped: one change after the other, only the newest that waits, and each on top of
// what we made of the form last, whatever the person had on the screen when he chose. Belongs to the loop.
class OpenForms {
 public:
  struct Entry {
    std::optional<FormChanged> waiting;
    std::string hash;  // after our last update; empty: none yet
    bool at_work = false;
    std::uint64_t used = 0;
  };

  Entry& entry(const std::string& view);  // those not used for the longest make room
  Entry* find(const std::string& view);

 private:
  std::map<std::string, Entry> entries_;
  std::uint64_t uses_ = 0;
};

}  // namespace jitbot::slack

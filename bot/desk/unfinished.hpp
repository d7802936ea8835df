#pragma once

#include "bot/desk/state.hpp"

#include <string>
#include <vector>

namespace jitbot {

// What was taken before a restart and not worked on to its end.
struct Unfinished {
  InboxRow row;
  Result<Inbound> inbound;  // an error: the row cannot be read
};

// From now on `chat` answers. What can be worked on with the chats that do, taken from what waits: it takes
// the one in which it was said, and that of the person whose account it was said by.
std::vector<Unfinished> take_unfinished(DeskState& desk, std::string chat);

}  // namespace jitbot

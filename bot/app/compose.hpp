#pragma once

#include "bot/app/parts.hpp"

// How the pieces of an App are put together, each from those before it: chat, connectors, desk, loops, door.
namespace jitbot {

void make_chat(App::Parts& parts);
Result<void> make_connectors(App::Parts& parts);
void make_desk(App::Parts& parts);
void make_loops(App::Parts& parts);
Result<void> open_door(App::Parts& parts);  // none where the configuration has none

}  // namespace jitbot

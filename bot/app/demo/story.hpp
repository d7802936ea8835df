#pragma once

#include "bot/app/demo/stage.hpp"

// The story that `jitbot demo --once` plays, in chapters; each sees with its own eyes what it tells.
namespace jitbot::story {

// The chapters one after the other. An error: the first thing that was expected and not seen.
Task<Told> play(Stage& stage);

}  // namespace jitbot::story

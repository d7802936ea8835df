#pragma once

#include "commands/answers.hpp"

namespace jitbot {

// "owners: @carol, @dave and up to 3 more"
Line voters_line(const StepView& step);

}  // namespace jitbot

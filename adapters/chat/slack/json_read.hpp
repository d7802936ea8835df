#pragma once

#include "adapters/chat/read/json_read.hpp"

namespace jitbot::slack {

using chat::flag_at;
using chat::member;
using chat::number_at;
using chat::text_at;

}  // namespace jitbot::slack

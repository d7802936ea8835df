#pragma once

#include <string>
#include <string_view>

namespace jitbot::cel {

// Answers one line of `jitbot policy eval`: {"expr": …, "bindings": {name: typed value}, "no_check": true?}
// with
// {"value": typed value} or {"error": text}, both JSON on one line. The bindings declare the variables'
// types. Whatever the line is, there is an answer.
std::string answer_line(std::string_view line);

}  // namespace jitbot::cel

#pragma once

#include "adapters/access/exec/child.hpp"
#include "adapters/access/exec/process.hpp"
#include "bot/model/secret.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

// What all programs of the configuration have in common: what they are given, and how it is said what became
// of them.
namespace jitbot::access {

// PATH and LANG=C, which the configuration may replace, and nothing else of our own environment.
ChildSpec child_spec(const std::map<std::string, Secret>& env, const std::string& directory);

// Whether that program is there and may be run, by a path or on the PATH that it would be given.
bool is_runnable(const std::string& program, const std::map<std::string, Secret>& env,
                 const std::string& directory);

// The first line that says something, in printable ASCII and whatever is beyond it, cut to a readable length.
std::string first_line(const std::string& text);

// "the list command ended with exit code 3: no such host"
std::string how_it_ended(const ProcessEnd& end, std::string_view command);

}  // namespace jitbot::access

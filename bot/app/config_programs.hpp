#pragma once

#include "bot/app/config_values.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

// Programs that the configuration names: their arguments, their environment, and how long they may take.
namespace jitbot {

// An argument list; `known` are the template names that it may hold. A program with a '/' in its name is
// found from the configuration's folder, wherever the bot was started.
std::vector<std::string> read_arguments(const ConfigReader& reader, const yaml::MapReader& map,
                                        std::string_view key, const std::vector<std::string_view>& known);

// `env`; a secret that stands there itself is a warning.
std::map<std::string, Secret> read_program_env(const ConfigReader& reader, const yaml::MapReader& map);

// A duration from `least` to `most`, which `allowed` says in words.
std::optional<Millis> read_span(const yaml::MapReader& map, std::string_view key, Millis least, Millis most,
                                std::string_view allowed);

}  // namespace jitbot

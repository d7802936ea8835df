#pragma once

#include <CLI/CLI.hpp>

#include <string>

// What whoever typed a wrong command line reads.
namespace jitbot {

// A folder that is there; what else was named is said in words.
CLI::Validator policy_folder();

// For CLI::App::failure_message: which commands there are, where one is missing or unknown.
std::string failure_in_words(const CLI::App* program, const CLI::Error& error);

}  // namespace jitbot

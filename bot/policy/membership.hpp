#pragma once

#include "bot/policy/policy.hpp"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace jitbot {

// Does the match fit this resource and role?
bool matches(const Match& match, const Resource& resource, const Role& role);
// The first reason why not, in plain words; nothing: it fits.
std::optional<std::string> match_problem(const Match& match, const Resource& resource, const Role& role);

// `owners` replaced by the resource's owners, nobody twice.
std::vector<Subject> with_owners(const std::vector<Subject>& subjects, const Resource& resource);

// The different people and accounts that the subjects name when no live group is among them.
std::optional<std::set<std::string>> static_people(const Policy& policy,
                                                   const std::vector<Subject>& subjects);

}  // namespace jitbot

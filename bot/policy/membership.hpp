#pragma once

#include "bot/model/person.hpp"
#include "bot/policy/policy.hpp"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace jitbot {

struct Named;

// Whoever left, belongs elsewhere or is a program is nobody to a policy, whatever a list still says.
bool is_somebody(const Person& person);

// '*' stands for any characters, none included.
bool is_pattern(std::string_view text);
bool fits_pattern(std::string_view pattern, std::string_view text);

// Whether some text fits both.
bool patterns_meet(std::string_view a, std::string_view b);
// As matches(), where a resource of a catalog may have any name of its form.
bool may_match(const Match& match, const Named& named);

// Does the match fit this resource and role?
bool matches(const Match& match, const Named& named);
// The first reason why not, in plain words; nothing: it fits.
std::optional<std::string> match_problem(const Match& match, const Named& named);

// `owners` replaced by the resource's owners, nobody twice.
std::vector<Subject> with_owners(const std::vector<Subject>& subjects, const Resource& resource);

// The different people and accounts that the subjects name when no live group is among them.
std::optional<std::set<std::string>> static_people(const Policy& policy,
                                                   const std::vector<Subject>& subjects);

}  // namespace jitbot

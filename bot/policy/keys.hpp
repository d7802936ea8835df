#pragma once

#include "bot/policy/yaml/decode.hpp"

#include <vector>

// The words of policy files, version jit/v1.
namespace jitbot::policy_keys {

extern const yaml::KeyTable k_file;
extern const yaml::KeyTable k_group;
extern const yaml::KeyTable k_resource;
extern const yaml::KeyTable k_role;
extern const yaml::KeyTable k_rule;
extern const yaml::KeyTable k_match;
extern const yaml::KeyTable k_reason;
extern const yaml::KeyTable k_ticket;
extern const yaml::KeyTable k_step;
extern const yaml::KeyTable k_escalation;
extern const yaml::KeyTable k_extend;

// All of them, for the test that holds the shipped schema against them.
std::vector<const yaml::KeyTable*> all();

}  // namespace jitbot::policy_keys

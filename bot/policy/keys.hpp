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
extern const yaml::KeyTable k_test;
extern const yaml::KeyTable k_given;
extern const yaml::KeyTable k_expect;
extern const yaml::KeyTable k_test_person;
extern const yaml::KeyTable k_asked_in;
extern const yaml::KeyTable k_action;
extern const yaml::KeyTable k_param;
extern const yaml::KeyTable k_run;
extern const yaml::KeyTable k_incident;
extern const yaml::KeyTable k_incident_grant;
extern const yaml::KeyTable k_review;

// All of them, for the test that holds the shipped schema against them.
std::vector<const yaml::KeyTable*> all();

}  // namespace jitbot::policy_keys

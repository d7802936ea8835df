#pragma once

#include "bot/policy/yaml/decode.hpp"

#include <vector>

// The words of `jitbot.yaml`.
namespace jitbot::config_keys {

extern const yaml::KeyTable k_file;
extern const yaml::KeyTable k_chat;
extern const yaml::KeyTable k_slack;
extern const yaml::KeyTable k_mattermost;
extern const yaml::KeyTable k_callbacks;
extern const yaml::KeyTable k_store;
extern const yaml::KeyTable k_policy;
extern const yaml::KeyTable k_audit;
extern const yaml::KeyTable k_limits;
extern const yaml::KeyTable k_auditors;
extern const yaml::KeyTable k_admins;
extern const yaml::KeyTable k_http;
extern const yaml::KeyTable k_log;
extern const yaml::KeyTable k_account;
extern const yaml::KeyTable k_postgres;
extern const yaml::KeyTable k_exec;
extern const yaml::KeyTable k_lookup;
extern const yaml::KeyTable k_catalog;

// All of them, for the test that holds the shipped schema against them.
std::vector<const yaml::KeyTable*> all();

}  // namespace jitbot::config_keys

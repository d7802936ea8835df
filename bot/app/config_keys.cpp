#include "bot/app/config_keys.hpp"

#include <array>

namespace jitbot::config_keys {

namespace {

using yaml::Key;
using Use = yaml::Key::Use;

constexpr std::array k_file_keys = {
    Key{"chat", Use::required},
    Key{"store"},
    Key{"policy", Use::required},
    Key{"audit"},
    Key{"timezone"},
    Key{"limits"},
    Key{"auditors"},
    Key{"connectors", Use::required},
    Key{"admins", Use::required},
    Key{"http"},
    Key{"log"},
};
constexpr std::array k_chat_keys = {Key{"slack", Use::required}, Key{"mattermost", Use::later}};
constexpr std::array k_slack_keys = {Key{"app_token", Use::required}, Key{"bot_token", Use::required},
                                     Key{"api_url"}, Key{"connections"}};
constexpr std::array k_store_keys = {Key{"url"}};
constexpr std::array k_policy_keys = {Key{"path", Use::required}};
constexpr std::array k_audit_keys = {Key{"key"}, Key{"head"}};
constexpr std::array k_limits_keys = {Key{"pending_per_person"}};
constexpr std::array k_auditors_keys = {Key{"members"}};
constexpr std::array k_admins_keys = {Key{"channel", Use::required}, Key{"members", Use::required}};
constexpr std::array k_http_keys = {Key{"listen", Use::required}, Key{"lookup_token"}};
constexpr std::array k_log_keys = {Key{"level"}, Key{"format"}};
constexpr std::array k_account_keys = {Key{"claim"}, Key{"domains"}, Key{"map"}};
constexpr std::array k_postgres_keys = {
    Key{"type", Use::required}, Key{"account"}, Key{"on_existing"},        Key{"timeout"},
    Key{"concurrency"},         Key{"drift"},   Key{"url", Use::required}, Key{"enforce"},
};
constexpr std::array k_exec_keys = {
    Key{"type", Use::required},
    Key{"account"},
    Key{"on_existing"},
    Key{"timeout"},
    Key{"concurrency"},
    Key{"drift"},
    Key{"present", Use::required},
    Key{"absent", Use::required},
    Key{"observe", Use::required},
    Key{"env"},
};
constexpr std::array k_lookup_keys = {
    Key{"type", Use::required}, Key{"account"}, Key{"on_existing"}, Key{"timeout"},
    Key{"concurrency"},         Key{"drift"},
};

}  // namespace

const yaml::KeyTable k_file{"a configuration", "#", k_file_keys};
const yaml::KeyTable k_chat{"a chat", "#/$defs/chat", k_chat_keys};
const yaml::KeyTable k_slack{"slack", "#/$defs/slack", k_slack_keys};
const yaml::KeyTable k_store{"store", "#/$defs/store", k_store_keys};
const yaml::KeyTable k_policy{"policy", "#/$defs/policy", k_policy_keys};
const yaml::KeyTable k_audit{"audit", "#/$defs/audit", k_audit_keys};
const yaml::KeyTable k_limits{"limits", "#/$defs/limits", k_limits_keys};
const yaml::KeyTable k_auditors{"auditors", "#/$defs/auditors", k_auditors_keys};
const yaml::KeyTable k_admins{"admins", "#/$defs/admins", k_admins_keys};
const yaml::KeyTable k_http{"http", "#/$defs/http", k_http_keys};
const yaml::KeyTable k_log{"log", "#/$defs/log", k_log_keys};
const yaml::KeyTable k_account{"account", "#/$defs/account", k_account_keys};
const yaml::KeyTable k_postgres{"a postgres connector", "#/$defs/postgres", k_postgres_keys};
const yaml::KeyTable k_exec{"an exec connector", "#/$defs/exec", k_exec_keys};
const yaml::KeyTable k_lookup{"a lookup connector", "#/$defs/lookup", k_lookup_keys};

std::vector<const yaml::KeyTable*> all() {
  return {&k_file,   &k_chat, &k_slack, &k_store,   &k_policy,   &k_audit, &k_limits, &k_auditors,
          &k_admins, &k_http, &k_log,   &k_account, &k_postgres, &k_exec,  &k_lookup};
}

}  // namespace jitbot::config_keys

#include "bot/app/config_keys.hpp"

namespace jitbot::config_keys {

namespace {

using yaml::Key;
using Use = yaml::Key::Use;

// What every connector has, then its own.
std::vector<Key> connector_keys(std::vector<Key> own) {
  std::vector<Key> keys{Key{"type", Use::required}, Key{"account"}, Key{"on_existing"}, Key{"timeout"},
                        Key{"concurrency"},         Key{"drift"}};
  keys.insert(keys.end(), own.begin(), own.end());
  return keys;
}

}  // namespace

const yaml::KeyTable k_file{"a configuration",
                            "#",
                            {
                                Key{"chat", Use::required},
                                Key{"store"},
                                Key{"policy", Use::required},
                                Key{"audit"},
                                Key{"timezone"},
                                Key{"limits"},
                                Key{"auditors"},
                                Key{"connectors", Use::required},
                                Key{"catalogs"},
                                Key{"admins", Use::required},
                                Key{"identity"},
                                Key{"http"},
                                Key{"log"},
                            }};
const yaml::KeyTable k_chat{"a chat", "#/$defs/chat", {Key{"slack"}, Key{"mattermost"}}};
const yaml::KeyTable k_slack{"slack",
                             "#/$defs/slack",
                             {Key{"app_token", Use::required}, Key{"bot_token", Use::required},
                              Key{"api_url"}, Key{"connections"}, Key{"ca_file"}}};
const yaml::KeyTable k_mattermost{
    "mattermost",
    "#/$defs/mattermost",
    {Key{"url", Use::required}, Key{"token", Use::required}, Key{"team", Use::required}, Key{"callbacks"},
     Key{"command_token"}, Key{"ca_file"}}};
const yaml::KeyTable k_callbacks{
    "callbacks", "#/$defs/callbacks", {Key{"listen", Use::required}, Key{"url", Use::required}, Key{"from"}}};
const yaml::KeyTable k_store{"store", "#/$defs/store", {Key{"url"}}};
const yaml::KeyTable k_policy{"policy", "#/$defs/policy", {Key{"path", Use::required}}};
const yaml::KeyTable k_audit{"audit", "#/$defs/audit", {Key{"key"}, Key{"head"}}};
const yaml::KeyTable k_limits{"limits", "#/$defs/limits", {Key{"pending_per_person"}}};
const yaml::KeyTable k_auditors{"auditors", "#/$defs/auditors", {Key{"members"}}};
const yaml::KeyTable k_admins{
    "admins", "#/$defs/admins", {Key{"channel", Use::required}, Key{"members", Use::required}}};
const yaml::KeyTable k_http{"http", "#/$defs/http", {Key{"listen", Use::required}, Key{"lookup_token"}}};
const yaml::KeyTable k_log{"log", "#/$defs/log", {Key{"level"}, Key{"format"}}};
const yaml::KeyTable k_account{"account", "#/$defs/account", {Key{"claim"}, Key{"domains"}, Key{"map"}}};
const yaml::KeyTable k_postgres{"a postgres connector", "#/$defs/postgres",
                                connector_keys({Key{"url", Use::required}, Key{"enforce"}})};
const yaml::KeyTable k_exec{"an exec connector", "#/$defs/exec",
                            connector_keys({Key{"present", Use::required}, Key{"absent", Use::required},
                                            Key{"observe", Use::required}, Key{"env"}})};
const yaml::KeyTable k_lookup{"a lookup connector", "#/$defs/lookup", connector_keys({})};
const yaml::KeyTable k_catalog{
    "a catalog",
    "#/$defs/catalog",
    {Key{"type", Use::required}, Key{"list", Use::required}, Key{"env"}, Key{"timeout"}, Key{"every"}}};

std::vector<const yaml::KeyTable*> all() {
  return {&k_file,   &k_chat,    &k_slack,    &k_mattermost, &k_callbacks, &k_store,
          &k_policy, &k_audit,   &k_limits,   &k_auditors,   &k_admins,    &k_http,
          &k_log,    &k_account, &k_postgres, &k_exec,       &k_lookup,    &k_catalog};
}

}  // namespace jitbot::config_keys

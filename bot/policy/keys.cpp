#include "bot/policy/keys.hpp"

#include <array>

namespace jitbot::policy_keys {

namespace {

using yaml::Key;
using Use = yaml::Key::Use;

constexpr std::array k_file_keys = {
    Key{"apiVersion", Use::required},
    Key{"groups"},
    Key{"resources"},
    Key{"rules"},
    Key{"actions", Use::later},
    Key{"incidents", Use::later},
    Key{"tests", Use::later},
};
constexpr std::array k_group_keys = {Key{"members"}, Key{"from"}};
constexpr std::array k_resource_keys = {
    Key{"description"},         Key{"tags"},  Key{"owners"},
    Key{"default_role"},        Key{"howto"}, Key{"roles", Use::required},
    Key{"catalog", Use::later},
};
constexpr std::array k_role_keys = {
    Key{"connector", Use::required},
    Key{"grants", Use::required},
    Key{"risk"},
    Key{"description"},
    Key{"includes"},
};
constexpr std::array k_rule_keys = {
    Key{"name", Use::required},
    Key{"effect"},
    Key{"match"},
    Key{"requesters", Use::required},
    Key{"max_duration", Use::required},
    Key{"reason"},
    Key{"approval", Use::required},
    Key{"deny_threshold"},
    Key{"post_to"},
    Key{"pending_timeout"},
    Key{"extend"},
    Key{"warn_before"},
    Key{"when", Use::later},
    Key{"message", Use::later},
    Key{"approve_when", Use::later},
    Key{"notify", Use::later},
    Key{"remind", Use::later},
    Key{"escalate", Use::later},
    Key{"break_glass", Use::later},
    Key{"review", Use::later},
    Key{"for_others", Use::later},
};
constexpr std::array k_match_keys = {Key{"resource"}, Key{"role"}, Key{"tags"}};
constexpr std::array k_reason_keys = {Key{"min_length"}, Key{"contains"}, Key{"hint"}};
constexpr std::array k_step_keys = {Key{"name", Use::required}, Key{"from", Use::required}, Key{"count"},
                                    Key{"when", Use::later}};
constexpr std::array k_extend_keys = {Key{"max", Use::required}, Key{"total"}, Key{"approval"}};

}  // namespace

const yaml::KeyTable k_file{"a policy file", "#", k_file_keys};
const yaml::KeyTable k_group{"a group", "#/$defs/group", k_group_keys};
const yaml::KeyTable k_resource{"a resource", "#/$defs/resource", k_resource_keys};
const yaml::KeyTable k_role{"a role", "#/$defs/role", k_role_keys};
const yaml::KeyTable k_rule{"a rule", "#/$defs/rule", k_rule_keys};
const yaml::KeyTable k_match{"a match", "#/$defs/match", k_match_keys};
const yaml::KeyTable k_reason{"a reason rule", "#/$defs/reason", k_reason_keys};
const yaml::KeyTable k_step{"a step", "#/$defs/step", k_step_keys};
const yaml::KeyTable k_extend{"an extend rule", "#/$defs/extend", k_extend_keys};

std::vector<const yaml::KeyTable*> all() {
  return {&k_file, &k_group, &k_resource, &k_role, &k_rule, &k_match, &k_reason, &k_step, &k_extend};
}

}  // namespace jitbot::policy_keys

#include "bot/policy/keys.hpp"

namespace jitbot::policy_keys {

namespace {

using yaml::Key;
using Use = yaml::Key::Use;

}  // namespace

const yaml::KeyTable k_file{"a policy file",
                            "#",
                            {
                                Key{"apiVersion", Use::required},
                                Key{"groups"},
                                Key{"resources"},
                                Key{"rules"},
                                Key{"actions", Use::later},
                                Key{"incidents", Use::later},
                                Key{"tests"},
                            }};
const yaml::KeyTable k_group{"a group", "#/$defs/group", {Key{"members"}, Key{"from"}}};
const yaml::KeyTable k_resource{"a resource",
                                "#/$defs/resource",
                                {
                                    Key{"description"},
                                    Key{"tags"},
                                    Key{"owners"},
                                    Key{"default_role"},
                                    Key{"howto"},
                                    Key{"roles", Use::required},
                                    Key{"catalog"},
                                }};
const yaml::KeyTable k_role{"a role",
                            "#/$defs/role",
                            {
                                Key{"connector", Use::required},
                                Key{"grants", Use::required},
                                Key{"risk"},
                                Key{"description"},
                                Key{"includes"},
                            }};
const yaml::KeyTable k_rule{"a rule",
                            "#/$defs/rule",
                            {
                                Key{"name", Use::required},
                                Key{"effect"},
                                Key{"match"},
                                Key{"requesters"},
                                Key{"max_duration"},
                                Key{"reason"},
                                Key{"ticket"},
                                Key{"approval"},
                                Key{"deny_threshold"},
                                Key{"post_to"},
                                Key{"pending_timeout"},
                                Key{"notify"},
                                Key{"remind"},
                                Key{"escalate"},
                                Key{"extend"},
                                Key{"warn_before"},
                                Key{"when"},
                                Key{"message"},
                                Key{"approve_when"},
                                Key{"break_glass", Use::later},
                                Key{"review", Use::later},
                                Key{"for_others"},
                            }};
const yaml::KeyTable k_match{"a match", "#/$defs/match", {Key{"resource"}, Key{"role"}, Key{"tags"}}};
const yaml::KeyTable k_reason{
    "a reason rule", "#/$defs/reason", {Key{"min_length"}, Key{"contains"}, Key{"hint"}}};
const yaml::KeyTable k_ticket{
    "a ticket rule", "#/$defs/ticket", {Key{"pattern"}, Key{"required"}, Key{"hint"}}};
const yaml::KeyTable k_step{
    "a step",
    "#/$defs/step",
    {Key{"name", Use::required}, Key{"from", Use::required}, Key{"count"}, Key{"when"}}};
const yaml::KeyTable k_escalation{
    "an escalation", "#/$defs/escalation", {Key{"after", Use::required}, Key{"to", Use::required}}};
const yaml::KeyTable k_extend{
    "an extend rule", "#/$defs/extend", {Key{"max", Use::required}, Key{"total"}, Key{"approval"}}};

std::vector<const yaml::KeyTable*> all() {
  return {&k_file,   &k_group,  &k_resource, &k_role,       &k_rule,  &k_match,
          &k_reason, &k_ticket, &k_step,     &k_escalation, &k_extend};
}

}  // namespace jitbot::policy_keys

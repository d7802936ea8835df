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
                                    Key{"max_duration"},
                                }};
const yaml::KeyTable k_role{"a role",
                            "#/$defs/role",
                            {
                                Key{"connector", Use::required},
                                Key{"grants", Use::required},
                                Key{"risk"},
                                Key{"description"},
                                Key{"includes"},
                                Key{"max_duration"},
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

const yaml::KeyTable k_test{
    "a test",
    "#/$defs/test",
    {Key{"name", Use::required}, Key{"given", Use::required}, Key{"expect", Use::required}}};
const yaml::KeyTable k_given{"what a test gives",
                             "#/$defs/given",
                             {
                                 Key{"requester", Use::required},
                                 Key{"asked_by"},
                                 Key{"resource", Use::required},
                                 Key{"role"},
                                 Key{"duration"},
                                 Key{"reason"},
                                 Key{"ticket"},
                                 Key{"now"},
                                 Key{"start"},
                                 Key{"extension"},
                                 Key{"channel"},
                                 Key{"groups"},
                                 Key{"catalogs"},
                                 Key{"approvers"},
                             }};
const yaml::KeyTable k_expect{"what a test expects",
                              "#/$defs/expect",
                              {Key{"decision"}, Key{"rule"}, Key{"message"}, Key{"steps"}, Key{"approvers"}}};
const yaml::KeyTable k_test_person{"a person of a test",
                                   "#/$defs/test_person",
                                   {
                                       Key{"email", Use::required},
                                       Key{"account"},
                                       Key{"name"},
                                       Key{"guest"},
                                       Key{"bot"},
                                       Key{"external"},
                                       Key{"timezone"},
                                       Key{"active_grants"},
                                       Key{"denied_24h"},
                                   }};
const yaml::KeyTable k_asked_in{"a channel that is asked in",
                                "#/$defs/asked_in",
                                {Key{"name", Use::required}, Key{"private"}, Key{"external"}}};

const yaml::KeyTable k_action{"an action",
                              "#/$defs/action",
                              {
                                  Key{"description"},
                                  Key{"params"},
                                  Key{"connector", Use::required},
                                  Key{"run", Use::required},
                              }};
const yaml::KeyTable k_param{
    "a parameter", "#/$defs/param", {Key{"pattern", Use::required}, Key{"description"}}};
const yaml::KeyTable k_run{"what an action runs", "#/$defs/run", {Key{"command", Use::required}}};
const yaml::KeyTable k_incident{"an incident",
                                "#/$defs/incident",
                                {
                                    Key{"name", Use::required},
                                    Key{"channels"},
                                    Key{"opened_by", Use::required},
                                    Key{"oncall"},
                                    Key{"grants"},
                                    Key{"when_opened"},
                                    Key{"handover_grace"},
                                    Key{"when_closed"},
                                }};
const yaml::KeyTable k_incident_grant{
    "a grant of an incident",
    "#/$defs/incident_grant",
    {Key{"resource", Use::required}, Key{"role"}, Key{"duration", Use::required}}};
const yaml::KeyTable k_review{
    "a review", "#/$defs/review", {Key{"by", Use::required}, Key{"within", Use::required}}};

std::vector<const yaml::KeyTable*> all() {
  return {&k_file,   &k_group,    &k_resource,       &k_role,       &k_rule,   &k_match,
          &k_reason, &k_ticket,   &k_step,           &k_escalation, &k_extend, &k_test,
          &k_given,  &k_expect,   &k_test_person,    &k_asked_in,   &k_action, &k_param,
          &k_run,    &k_incident, &k_incident_grant, &k_review};
}

}  // namespace jitbot::policy_keys

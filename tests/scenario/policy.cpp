#include "tests/scenario/harness.hpp"

namespace jitbot::scenario {

// staging: one approver. prod: an owner and somebody of security. play: nobody. strict: nobody, but not where
// access is already. bridge, lonely: for their channels and voters.
std::string usual_policy() {
  std::string policy = R"(apiVersion: jit/v1
groups:
  engineering: {members: [alice@example.com, bob@example.com, carol@example.com, dave@example.com,
                          erin@example.com, gina@partner.example, dan@example.com, alicia@example.com,
                          alice@corp.example]}
  approvers: {from: "APPROVERS"}
  security: {members: [erin@example.com, bob@example.com]}
resources:
  staging:
    owners: [dave@example.com]
    default_role: viewer
    roles:
      viewer: {connector: staging-db, grants: {role: staging_ro}}
      admin: {connector: staging-db, grants: {role: staging_rw}}
    howto: psql "host=staging"
  prod:
    owners: [group:approvers]
    default_role: viewer
    roles: {viewer: {connector: prod-db, grants: {role: prod_ro}}}
  play:
    owners: [dave@example.com]
    default_role: user
    roles: {user: {connector: play-db, grants: {role: play}}}
  strict:
    owners: [dave@example.com]
    default_role: user
    roles: {user: {connector: strict-db, grants: {role: strict}}}
rules:
  - name: staging
    match: {resource: staging}
    requesters: [group:engineering]
    max_duration: 2h
    approval: [{name: approvers, from: [group:approvers, gina@partner.example, dan@example.com]}]
    post_to: ["#staging-approvals"]
    pending_timeout: 4h
    extend: {max: 1h, total: 3h}
    warn_before: 10m
  - name: production
    match: {resource: prod}
    requesters: [group:engineering]
    max_duration: 4h
    reason: {min_length: 10, contains: 'INC-[0-9]+', hint: "name the incident"}
    approval:
      - {name: owners, from: [owners]}
      - {name: security, from: [group:security]}
    deny_threshold: 2
    post_to: ["#prod-approvals"]
    pending_timeout: 1h
  - name: self-service
    match: {resource: [play, strict]}
    requesters: [group:engineering]
    max_duration: 2h
    approval: auto
    extend: {max: 2h, total: 3h, approval: auto}
)";
  replace_all(policy, "APPROVERS", approvers_source());
  return policy;
}

std::string usual_config() {
  return R"(limits: {pending_per_person: 3}
admins: {channel: "#jit-admins", members: [erin@example.com]}
auditors: {members: [bob@example.com]}
connectors:
  staging-db: {type: exec, present: ["true"], absent: ["true"], observe: ["true"],
               account: {claim: email_local, domains: [example.com, corp.example]}, concurrency: 2}
  prod-db: {type: exec, present: ["true"], absent: ["true"], observe: ["true"],
            account: {claim: email_local, domains: [example.com]}}
  play-db: {type: exec, present: ["true"], absent: ["true"], observe: ["true"],
            account: {map: {alice@example.com: ally, bob@example.com: bobby, carol@example.com: caro,
                            erin@example.com: erin}}}
  strict-db: {type: exec, present: ["true"], absent: ["true"], observe: ["true"], on_existing: refuse,
              account: {claim: email_local, domains: [example.com]}}
)";
}

}  // namespace jitbot::scenario

#pragma once

#include "bot/model/approval.hpp"
#include "bot/model/ids.hpp"
#include "bot/model/person.hpp"
#include "bot/model/time.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace jitbot {

enum class RequestKind { access, extension };
enum class RequestState { pending, approved, denied, cancelled, timed_out };

// Everything of a request that is frozen when it is asked. Who is in a group, and deny rules, are not here:
// they are asked at each vote.
struct Asked {
  RequestKind kind = RequestKind::access;
  std::optional<RequestId> extends;  // the grant, for an extension

  PrincipalId asker;
  PrincipalId beneficiary;
  std::string beneficiary_email;  // the name in policies, bound
  std::string account;            // the name at the target

  std::string resource;
  std::string role;
  Risk risk = Risk::low;
  std::string connector;
  std::map<std::string, std::string> params;  // the role's `grants`, templates resolved

  Millis duration{0};         // what was asked; with `until`, what was left of it when asked
  std::optional<Time> until;  // absolute end: moves for nothing
  std::optional<Time> start;  // not before; none: as soon as it is approved
  std::string reason;         // valid UTF-8, cleaned at the adapter
  bool needs_reason = false;  // the rule takes none without
  std::string ticket;

  std::string rule;
  bool automatic = false;                 // approval: auto
  std::vector<Step> steps;                // `owners` already replaced by the resource's owners
  std::vector<std::string> approve_when;  // expressions that must hold of each approver
  int deny_threshold = 1;
  std::vector<Subject> owners;
  std::vector<std::string> post_to;  // channels as the policy names them
  Millis pending_timeout{0};
  Millis remind{0};  // since it was asked; 0: not reminded, or told at once where remind_where is direct
  RemindWhere remind_where = RemindWhere::thread;
  std::vector<Escalation> escalate;  // soonest first
  std::vector<Millis> warn_before;   // longest first
  ExtendTerms extend;
  OnExisting on_existing = OnExisting::keep;
  std::string howto;
  std::map<std::string, std::string> tags;  // of the resource
  std::string catalog;                      // that must list the resource; empty: it always exists
  std::optional<AskedIn> asked_in;          // where the rules read it

  // Live groups of the policy that were looked at for the beneficiary, and whether he was in them then.
  std::map<std::string, bool> was_in;
  std::string policy_digest;
  std::string policy_commit;             // of the Git checkout that the policy was read from; empty: none
  std::vector<std::string> explanation;  // why this rule, in plain words
  Time asked_at;

  bool operator==(const Asked&) const = default;
};

struct Request {
  RequestId id;
  Asked asked;
  std::string digest;  // of `asked` and the revision: what a vote is for
  int revision = 0;
  int nudges = 0;                  // how many of nudges_of(asked) are behind it
  std::vector<std::string> stuck;  // steps that nobody could satisfy when that was last looked at; told

  RequestState state = RequestState::pending;
  Time times_out_at;
  std::optional<Time> decided_at;
  PrincipalId decided_by;  // the last voter, the canceller, or system
  std::string decision_reason;
  bool operator==(const Request&) const = default;
};

std::string_view to_string(RequestState state);
std::string_view to_string(RequestKind kind);
std::optional<RequestState> parse_request_state(std::string_view text);
std::optional<RequestKind> parse_request_kind(std::string_view text);

// SHA-256 (lower-case hex) over the canonical JSON of what is frozen. Buttons carry its first 12 digits.
std::string digest_of(const Asked& asked, int revision);
std::string digest_prefix(const Request& request);

// What people read and type: "JIT-7K3F" and "7K3F"; after the first revision "JIT-7K3F.2" and "7K3F.2".
std::string shown_id(const Request& request);
std::string typed_id(const Request& request);

}  // namespace jitbot

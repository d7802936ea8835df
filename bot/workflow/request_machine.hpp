#pragma once

#include "bot/model/audit_event.hpp"
#include "bot/model/person.hpp"
#include "bot/model/request.hpp"
#include "bot/model/result.hpp"
#include "bot/model/vote.hpp"
#include "bot/policy/policy.hpp"
#include "bot/workflow/table.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

// What was asked: pending → approved | denied | cancelled | timed_out.
namespace jitbot {

enum class RequestEvent {
  approve,
  deny,
  withdraw,
  revise,
  cancel,
  remind,
  escalate,
  time_out,
  beneficiary_deactivated
};

// The circumstance that picks the row.
enum class RequestCase {
  always,
  counted,       // an approval that counts, more are needed
  deciding,      // the approval that completes every step
  earlier_lost,  // it would, but an earlier voter lost the right: that vote is void
  below_threshold,
  threshold_reached,
  repeated,      // the same vote again
  no_reason,     // a deny or a revision without a reason
  may_not,       // no right to do this
  fact_missing,  // it cannot be checked now
  stale,         // another digest or revision than the present one was seen or meant
  unconfirmed,   // of high risk, and the resource's name was not typed
  denied_now,    // it would count, but a deny rule fits by now
  unfit,         // a revision that is not narrower, or that the policy refuses
  has_vote,
  no_vote,
};

using RequestRow = Row<RequestState, RequestEvent, RequestCase>;
std::span<const RequestRow> request_table();

struct RequestInput {
  RequestEvent event = RequestEvent::time_out;
  PrincipalId actor = {};
  std::string seen_digest = {};  // prefix; empty: typed
  // Typed behind the id; none: as it was asked. What a digest was seen of needs none.
  std::optional<int> seen_revision = {};
  std::string reason = {};
  std::string barred =
      {};  // why this actor may do nothing at all (an identity conflict); empty: nothing against him
  std::string confirmed = {};  // the resource's name as the voter typed it, for roles of high risk
  // revise: the narrower terms, made by propose_revision(), or why there are none.
  std::optional<Result<Asked>> revised = {};
};

struct RequestOutcome {
  RequestCase happened = RequestCase::always;
  bool changed = false;  // request or votes differ from before
  Request request;
  std::vector<Vote> votes;          // all, as they stand now
  std::vector<PrincipalId> voided;  // whose votes were just voided
  std::vector<AuditEvent> audit;
  Error refusal;  // for people, where nothing changed
};

// The one function that applies the table. Facts must hold the actor, every earlier voter and the live groups
// of the steps; what is missing closes the decision.
RequestOutcome apply(const Request& request, const std::vector<Vote>& votes, const RequestInput& input,
                     const Policy& policy, const Facts& facts);

// Whoever asked, or for whom: he decides nothing about it, and may withdraw it or give it back.
bool is_participant(const Request& request, const PrincipalId& who);

// "already approved by @bob at 14:04"
Error already_decided(const Request& request);

// May this person vote on the request now (approve or deny)? For listing what waits for somebody.
Result<bool> may_vote(const Request& request, const Person& person, const Policy& policy, const Facts& facts);

// Whether this is the resource's name, as somebody types it: case-blind, blanks around it do not count.
bool names_resource(const std::string& typed, const std::string& resource);

// Approvals of the request as it stands, per step.
std::vector<int> step_counts(const Request& request, const std::vector<Vote>& votes);

}  // namespace jitbot

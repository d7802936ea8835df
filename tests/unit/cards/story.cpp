#include "tests/unit/cards/story.hpp"

#include <chrono>

namespace jitbot::story {

namespace {

constexpr std::string_view k_digest = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

Asked asked() {
  Asked asked;
  asked.asker = who("ALICE");
  asked.beneficiary = who("ALICE");
  asked.beneficiary_email = "alice@example.com";
  asked.account = "alice_db";
  asked.resource = "prod-db";
  asked.role = "viewer";
  asked.connector = "prod";
  asked.duration = 1h;
  asked.reason = "INC-42 slow checkout queries";
  asked.rule = "production";
  asked.steps = {{"owners", {{Subject::Kind::group, "dba"}, {Subject::Kind::email, "carol@example.com"}}, 1},
                 {"security", {{Subject::Kind::group, "security"}}, 2}};
  asked.post_to = {"#prod-approvals"};
  asked.pending_timeout = 1h;
  asked.extend = {2h, 6h, false};
  asked.howto = "psql service=prod";
  asked.asked_at = at(14, 0);
  return asked;
}

Vote vote(std::string user, VoteKind kind, int step, Time when, std::string reason = {}) {
  return {RequestId{"7K3F"}, who(std::move(user)),  kind, step,
          std::move(reason), std::string(k_digest), when, false};
}

SubjectView approved() {
  SubjectView view = waiting();
  view.request.state = RequestState::approved;
  view.request.decided_at = at(14, 4, 2);
  view.request.decided_by = who("EVE");
  view.votes = {vote("CAROL", VoteKind::approve, 0, at(14, 2)), vote("DAVE", VoteKind::approve, 1, at(14, 3)),
                vote("EVE", VoteKind::approve, 1, at(14, 4, 2))};
  view.now = at(14, 4, 2);
  return view;
}

}  // namespace

Time at(int hour, int minute, int second) {
  using namespace std::chrono;
  return Time{sys_days{year{2026} / March / 1} + hours{hour} + minutes{minute} + seconds{second}};
}

SubjectView waiting() {
  SubjectView view;
  view.request.id = RequestId{"7K3F"};
  view.request.asked = asked();
  view.request.digest = k_digest;
  view.request.times_out_at = at(15, 0);
  view.now = at(14, 0);
  return view;
}

SubjectView half_approved() {
  SubjectView view = waiting();
  view.votes = {vote("CAROL", VoteKind::approve, 0, at(14, 2), "fine by me"),
                vote("DAVE", VoteKind::approve, 1, at(14, 3))};
  return view;
}

SubjectView activating() {
  SubjectView view = approved();
  Grant grant;
  grant.id = view.request.id;
  grant.entitlement = EntitlementId{12};
  grant.asker = view.request.asked.asker;
  grant.beneficiary = view.request.asked.beneficiary;
  grant.resource = "prod-db";
  grant.role = "viewer";
  grant.created = at(14, 4, 2);
  grant.window_end = at(14, 19, 2);
  grant.duration = 1h;
  grant.latest_end = at(15, 19, 2);
  grant.warn_before = {10min};
  view.grant = grant;
  Entitlement entitlement;
  entitlement.id = EntitlementId{12};
  entitlement.key = {"prod", {{"role", "prod_ro"}}, "alice_db"};
  entitlement.resource = "prod-db";
  entitlement.role = "viewer";
  entitlement.state = EntitlementState::ours;
  entitlement.next_at = at(14, 4, 10);
  view.entitlement = entitlement;
  return view;
}

SubjectView active() {
  SubjectView view = activating();
  view.grant->state = GrantState::active;
  view.grant->confirmed = at(14, 4, 7);
  view.now = at(14, 4, 7);
  return view;
}

SubjectView ending() {
  SubjectView view = active();
  view.grant->state = GrantState::ending;
  view.grant->cause = EndCause::due;
  view.grant->ended_by = system_principal("clock");
  view.grant->end_wanted_at = at(15, 4, 7);
  view.entitlement->state = EntitlementState::removing;
  view.entitlement->removal_wanted = at(15, 4, 7);
  view.now = at(15, 4, 7);
  return view;
}

SubjectView overdue() {
  SubjectView view = ending();
  view.entitlement->overdue_since = at(15, 5, 7);
  view.entitlement->tries = 4;
  view.entitlement->next_at = at(15, 6, 1);
  view.entitlement->last_error = "connection refused";
  view.now = at(15, 5, 30);
  return view;
}

SubjectView ended(EndedAs as) {
  SubjectView view = ending();
  view.grant->state = GrantState::ended;
  view.grant->ended_as = as;
  view.grant->ended_at = at(15, 4, 8);
  view.now = at(15, 4, 8);
  return view;
}

SubjectView denied() {
  SubjectView view = waiting();
  view.votes = {vote("CAROL", VoteKind::deny, -1, at(14, 5), "use the replica")};
  view.request.state = RequestState::denied;
  view.request.decided_at = at(14, 5);
  view.request.decided_by = who("CAROL");
  view.request.decision_reason = "use the replica";
  view.now = at(14, 5);
  return view;
}

SubjectView automatic() {
  SubjectView view = active();
  view.votes.clear();
  view.request.asked.automatic = true;
  view.request.asked.steps.clear();
  view.request.asked.post_to.clear();
  view.request.asked.rule = "staging-self-service";
  view.request.decided_by = system_principal("policy");
  return view;
}

SubjectView extension() {
  SubjectView view = active();
  view.request.id = RequestId{"9XYZ"};
  view.request.asked.kind = RequestKind::extension;
  view.request.asked.extends = RequestId{"7K3F"};
  view.request.asked.duration = 30min;
  view.request.asked.reason = "not done yet";
  view.request.state = RequestState::pending;
  view.request.decided_at.reset();
  view.request.decided_by = {};
  view.votes.clear();
  return view;
}

std::vector<std::string> labels(const Card& card) {
  std::vector<std::string> out;
  for (const Button& button : card.buttons) out.push_back(button.label);
  return out;
}

}  // namespace jitbot::story

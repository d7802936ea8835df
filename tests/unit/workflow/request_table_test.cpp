#include "tests/unit/workflow/people.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <functional>

namespace jitbot::testing {

namespace {

using E = RequestEvent;
using S = RequestState;
using C = RequestCase;

struct Example {
  std::string sentence;
  std::function<void(Request&)> given = {};
  std::vector<Vote> votes = {};
  RequestInput input = {};
  std::function<void(Facts&)> facts = {};
  S to = S::pending;
  C happened = C::always;
  bool changed = false;
  std::string audit = {};                   // the action of the row's one event; empty: none
  ErrorKind refusal = ErrorKind::internal;  // where nothing changed
  std::function<void(const RequestOutcome&)> also = {};
};

void two_leads(Request& request) {
  request.asked.steps = {leads_step(2)};
  request.digest = digest_of(request.asked, 0);
}

const Request& asked() {
  static const Request request = sample_request();
  return request;
}

RequestInput says(E event, const std::string& who, const std::string& reason = "") {
  return {.event = event, .actor = id_of(who), .seen_digest = digest_prefix(asked()), .reason = reason};
}

RequestInput typed(E event, const std::string& who, const std::string& reason = "") {
  return {.event = event, .actor = id_of(who), .reason = reason};
}

bool has_vote(const RequestOutcome& out, const std::string& who, VoteKind kind, int step) {
  return std::ranges::any_of(out.votes, [&](const Vote& vote) {
    return vote.voter == id_of(who) && vote.kind == kind && vote.step == step && !vote.voided;
  });
}

void lena_left_leads(Facts& facts) {
  Person lena = person_of("lena");
  lena.email = "lena@elsewhere.example";
  facts.people.insert_or_assign(lena.id, lena);
}

void cannot_ask(Facts& facts, const std::string& who) {
  facts.people.insert_or_assign(id_of(who), fail(ErrorKind::unavailable, "users.info does not answer"));
}

const Vote k_lena = approval(asked(), "lena", 0);
const Vote k_leo = approval(asked(), "leo", 0);
const Vote k_sam = approval(asked(), "sam", 1);

std::vector<Example> approvals() {
  return {
      {.sentence = "pending, approve: the voter may, the digest is the one he saw; more votes are needed",
       .input = says(E::approve, "lena"),
       .happened = C::counted,
       .changed = true,
       .audit = "request.vote",
       .also = [](const RequestOutcome& out) { CHECK(has_vote(out, "lena", VoteKind::approve, 0)); }},
      {.sentence = "pending, approve: typed without a digest means the present one",
       .input = typed(E::approve, "sam"),
       .happened = C::counted,
       .changed = true,
       .audit = "request.vote",
       .also = [](const RequestOutcome& out) { CHECK(has_vote(out, "sam", VoteKind::approve, 1)); }},
      {.sentence = "a vote counts for the first open step in the rule's order that the voter may serve",
       .input = says(E::approve, "cleo"),
       .happened = C::counted,
       .changed = true,
       .audit = "request.vote",
       .also = [](const RequestOutcome& out) { CHECK(has_vote(out, "cleo", VoteKind::approve, 0)); }},
      {.sentence = "a vote counts for the second step when the first has its count",
       .votes = {k_lena, k_leo},
       .input = says(E::approve, "cleo"),
       .to = S::approved,
       .happened = C::deciding,
       .changed = true,
       .audit = "request.approved",
       .also = [](const RequestOutcome& out) { CHECK(has_vote(out, "cleo", VoteKind::approve, 1)); }},
      {.sentence = "a vote beyond the count of every step that he may serve is kept and decides nothing",
       .votes = {k_lena, k_leo},
       .input = says(E::approve, "lia"),
       .happened = C::counted,
       .changed = true,
       .audit = "request.vote",
       .also =
           [](const RequestOutcome& out) {
             CHECK(step_counts(out.request, out.votes) == std::vector<int>{3, 0});
           }},
      {.sentence =
           "pending, approve: approved when every step has its count and each earlier voter still may",
       .votes = {k_lena, k_sam},
       .input = says(E::approve, "leo"),
       .to = S::approved,
       .happened = C::deciding,
       .changed = true,
       .audit = "request.approved",
       .also =
           [](const RequestOutcome& out) {
             CHECK(out.request.decided_at == k_start);
             CHECK(out.request.decided_by == id_of("leo"));
           }},
      {.sentence =
           "deciding approve: an earlier voter lost the right; his vote is void, told, and it stays pending",
       .votes = {k_lena, k_sam},
       .input = says(E::approve, "leo"),
       .facts = lena_left_leads,
       .happened = C::earlier_lost,
       .changed = true,
       .also =
           [](const RequestOutcome& out) {
             CHECK(out.voided == std::vector<PrincipalId>{id_of("lena")});
             CHECK(step_counts(out.request, out.votes) == std::vector<int>{1, 1});
             REQUIRE(out.audit.size() == 2);
             CHECK(out.audit[0].action == "request.vote_voided");
             CHECK(out.audit[1].action == "request.vote");
           }},
      {.sentence = "deciding approve: an earlier voter who was deactivated meanwhile does not count either",
       .votes = {k_lena, k_sam},
       .input = says(E::approve, "leo"),
       .facts =
           [](Facts& facts) {
             Person sam = person_of("sam");
             sam.deactivated = true;
             facts.people.insert_or_assign(sam.id, sam);
           },
       .happened = C::earlier_lost,
       .changed = true,
       .also =
           [](const RequestOutcome& out) { CHECK(out.voided == std::vector<PrincipalId>{id_of("sam")}); }},
      {.sentence = "deciding approve: an earlier voter who left the live group does not count either",
       .votes = {k_lena, k_sam},
       .input = says(E::approve, "leo"),
       .facts = [](Facts& facts) { facts.groups.at(std::string(k_security))->erase(id_of("sam")); },
       .happened = C::earlier_lost,
       .changed = true,
       .also =
           [](const RequestOutcome& out) { CHECK(out.voided == std::vector<PrincipalId>{id_of("sam")}); }},
      {.sentence = "deciding approve: where an earlier voter cannot be asked, nothing is decided",
       .votes = {k_lena, k_sam},
       .input = says(E::approve, "leo"),
       .facts = [](Facts& facts) { cannot_ask(facts, "lena"); },
       .happened = C::fact_missing,
       .audit = "request.vote_refused",
       .refusal = ErrorKind::unavailable},
      {.sentence = "deciding approve: where an earlier voter's group cannot be read, nothing is decided",
       .votes = {k_lena, k_sam},
       .input = says(E::approve, "leo"),
       .facts =
           [](Facts& facts) {
             facts.groups.insert_or_assign(std::string(k_security),
                                           fail(ErrorKind::unavailable, "no answer"));
           },
       .happened = C::fact_missing,
       .audit = "request.vote_refused",
       .refusal = ErrorKind::unavailable},
  };
}

std::vector<Example> refusals() {
  return {
      {.sentence = "pending, approve: may not; refused",
       .input = says(E::approve, "stranger"),
       .happened = C::may_not,
       .audit = "request.vote_refused",
       .refusal = ErrorKind::refused},
      {.sentence = "pending, deny: may not; refused",
       .input = says(E::deny, "stranger", "because"),
       .happened = C::may_not,
       .audit = "request.vote_refused",
       .refusal = ErrorKind::refused},
      {.sentence = "pending, approve: an identity conflict bars him",
       .input = {.event = E::approve, .actor = id_of("lena"), .barred = "another account has this e-mail"},
       .happened = C::may_not,
       .audit = "request.vote_refused",
       .refusal = ErrorKind::refused},
      {.sentence = "pending, approve: the fact who he is is missing; refused",
       .input = says(E::approve, "lena"),
       .facts = [](Facts& facts) { cannot_ask(facts, "lena"); },
       .happened = C::fact_missing,
       .audit = "request.vote_refused",
       .refusal = ErrorKind::unavailable},
      {.sentence = "pending, approve: a fact that was never fetched is missing too",
       .input = says(E::approve, "lena"),
       .facts = [](Facts& facts) { facts.people.clear(); },
       .happened = C::fact_missing,
       .audit = "request.vote_refused",
       .refusal = ErrorKind::unavailable},
      {.sentence = "pending, approve: a directory that answers about somebody else gives no fact",
       .input = says(E::approve, "ann"),
       .facts = [](Facts& facts) { facts.people.insert_or_assign(id_of("ann"), person_of("lena")); },
       .happened = C::fact_missing,
       .audit = "request.vote_refused",
       .refusal = ErrorKind::unavailable},
      {.sentence = "pending, deny: the fact who is in the group is missing; refused",
       .input = says(E::deny, "sam", "because"),
       .facts = [](Facts& facts) { facts.groups.clear(); },
       .happened = C::fact_missing,
       .audit = "request.vote_refused",
       .refusal = ErrorKind::unavailable},
      {.sentence = "pending, approve: another digest than he saw; refused",
       .input = {.event = E::approve, .actor = id_of("lena"), .seen_digest = "000000000000"},
       .happened = C::stale,
       .audit = "request.vote_refused",
       .refusal = ErrorKind::conflict},
      {.sentence = "pending, deny: another digest than he saw; refused",
       .input =
           {.event = E::deny, .actor = id_of("lena"), .seen_digest = "000000000000", .reason = "because"},
       .happened = C::stale,
       .audit = "request.vote_refused",
       .refusal = ErrorKind::conflict},
      {.sentence = "pending, approve: a digest longer than the true one matches nothing",
       .input = {.event = E::approve, .actor = id_of("lena"), .seen_digest = asked().digest + "0"},
       .happened = C::stale,
       .audit = "request.vote_refused",
       .refusal = ErrorKind::conflict},
      {.sentence = "pending, approve: the same vote again says so; no event",
       .votes = {k_lena},
       .input = says(E::approve, "lena"),
       .happened = C::repeated,
       .refusal = ErrorKind::conflict},
      {.sentence = "pending, deny: the same vote again says so; no event",
       .given = [](Request& request) { request.asked.deny_threshold = 2; },
       .votes = {denial(asked(), "lena")},
       .input = typed(E::deny, "lena", "still no"),
       .happened = C::repeated,
       .refusal = ErrorKind::conflict},
      {.sentence = "pending, deny: no reason given; asked for one; no event",
       .input = says(E::deny, "lena"),
       .happened = C::no_reason,
       .refusal = ErrorKind::invalid},
      {.sentence = "pending, withdraw: who has no vote changes nothing; no event",
       .input = typed(E::withdraw, "lena"),
       .happened = C::no_vote,
       .refusal = ErrorKind::invalid},
      {.sentence = "pending, cancel: others are refused as for an unknown id",
       .input = typed(E::cancel, "lena"),
       .happened = C::may_not,
       .audit = "request.cancel_refused",
       .refusal = ErrorKind::not_found},
  };
}

std::vector<Example> changes() {
  return {
      {.sentence = "pending, approve: voted otherwise before; replaced",
       .given = [](Request& request) { request.asked.deny_threshold = 2; },
       .votes = {denial(asked(), "lena")},
       .input = typed(E::approve, "lena"),
       .happened = C::counted,
       .changed = true,
       .audit = "request.vote",
       .also =
           [](const RequestOutcome& out) {
             CHECK(out.votes.size() == 1);
             CHECK(has_vote(out, "lena", VoteKind::approve, 0));
           }},
      {.sentence = "pending, deny: voted otherwise before; replaced",
       .given = [](Request& request) { request.asked.deny_threshold = 2; },
       .votes = {k_lena},
       .input = typed(E::deny, "lena", "changed my mind"),
       .happened = C::below_threshold,
       .changed = true,
       .audit = "request.vote",
       .also =
           [](const RequestOutcome& out) {
             CHECK(step_counts(out.request, out.votes) == std::vector<int>{0, 0});
           }},
      {.sentence = "pending, deny: below deny_threshold; recorded, shown",
       .given = [](Request& request) { request.asked.deny_threshold = 2; },
       .input = typed(E::deny, "sam", "not now"),
       .happened = C::below_threshold,
       .changed = true,
       .audit = "request.vote",
       .also = [](const RequestOutcome& out) { CHECK(has_vote(out, "sam", VoteKind::deny, -1)); }},
      {.sentence = "pending, deny: deny_threshold reached; it counts people over the whole request",
       .given = [](Request& request) { request.asked.deny_threshold = 2; },
       .votes = {denial(asked(), "sam"), k_lena},
       .input = typed(E::deny, "leo", "not now"),
       .to = S::denied,
       .happened = C::threshold_reached,
       .changed = true,
       .audit = "request.denied",
       .also = [](const RequestOutcome& out) { CHECK(out.request.decision_reason == "not now"); }},
      {.sentence = "pending, deny: with a threshold of one the first is enough",
       .input = says(E::deny, "cleo", "no"),
       .to = S::denied,
       .happened = C::threshold_reached,
       .changed = true,
       .audit = "request.denied"},
      {.sentence = "pending, withdraw: has a vote; it counts no more",
       .votes = {k_lena, k_sam},
       .input = typed(E::withdraw, "lena"),
       .happened = C::has_vote,
       .changed = true,
       .audit = "request.vote_withdrawn",
       .also =
           [](const RequestOutcome& out) {
             CHECK(step_counts(out.request, out.votes) == std::vector<int>{0, 1});
           }},
      {.sentence = "pending, cancel: by the asker",
       .input = typed(E::cancel, "ann"),
       .to = S::cancelled,
       .changed = true,
       .audit = "request.cancelled"},
      {.sentence = "pending, cancel: by the beneficiary",
       .input = typed(E::cancel, "bea"),
       .to = S::cancelled,
       .changed = true,
       .audit = "request.cancelled"},
      {.sentence = "pending, due: time-out",
       .input = {.event = E::time_out, .actor = system_principal("time")},
       .to = S::timed_out,
       .changed = true,
       .audit = "request.timed_out"},
      {.sentence = "pending, due: remind: stays, and the reminder is behind it",
       .input = {.event = E::remind, .actor = system_principal("time")},
       .changed = true,
       .audit = "request.reminded",
       .also =
           [](const RequestOutcome& out) {
             CHECK(out.request.nudges == 1);
             CHECK(out.request.digest == asked().digest);
           }},
      {.sentence = "pending, due: escalate: stays, votes and all, and the escalation is behind it",
       .given = [](Request& request) { request.nudges = 1; },
       .votes = {k_sam},
       .input = {.event = E::escalate, .actor = system_principal("time")},
       .changed = true,
       .audit = "request.escalated",
       .also =
           [](const RequestOutcome& out) {
             CHECK(out.request.nudges == 2);
             CHECK(out.votes == std::vector<Vote>{k_sam});
           }},
      {.sentence = "pending, beneficiary deactivated: cancelled by system",
       .input = {.event = E::beneficiary_deactivated, .actor = system_principal("directory")},
       .to = S::cancelled,
       .changed = true,
       .audit = "request.cancelled",
       .also =
           [](const RequestOutcome& out) { CHECK(out.request.decided_by == system_principal("directory")); }},
  };
}

void check_unchanged(const RequestOutcome& out, const Request& request, const std::vector<Vote>& votes,
                     ErrorKind refusal) {
  CHECK(out.request == request);
  CHECK(out.votes == votes);
  CHECK(out.refusal.kind == refusal);
  CHECK_FALSE(out.refusal.message.empty());
}

void check(const Example& example) {
  Request request = asked();
  if (example.given) example.given(request);
  Facts facts = all_facts();
  if (example.facts) example.facts(facts);
  const auto out = act(request, example.votes, example.input, facts);
  CHECK(out.request.state == example.to);
  CHECK(out.happened == example.happened);
  CHECK(out.changed == example.changed);
  if (!example.changed) check_unchanged(out, request, example.votes, example.refusal);
  if (!example.audit.empty()) {
    REQUIRE(out.audit.size() == 1);
    CHECK(out.audit.front().action == example.audit);
    CHECK(out.audit.front().actor == example.input.actor);
    CHECK(out.audit.front().subject == "JIT-R001");
    CHECK(out.audit.front().at == k_start);
  } else if (!example.changed) {
    CHECK(out.audit.empty());
  }
  if (example.also) example.also(out);
}

}  // namespace

TEST_CASE("the request machine takes each row of its table") {
  for (const auto& examples : {approvals(), refusals(), changes()}) {
    for (const Example& example : examples) {
      DYNAMIC_SECTION(example.sentence) {
        check(example);
      }
    }
  }
}

TEST_CASE("people named as approvers who may decide nothing are refused at each step, and remembered") {
  const std::string who = GENERATE(from_range(barred_people()));
  const E event = GENERATE(E::approve, E::deny);
  CAPTURE(who);
  for (const auto& steps :
       {std::vector<Step>{leads_step(1)}, {security_step(1)}, {leads_step(1), security_step(1)}}) {
    const Request request = sample_request(steps);
    const auto out = act(request, {}, {.event = event, .actor = id_of(who), .reason = "let me"});
    CHECK(out.happened == C::may_not);
    CHECK_FALSE(out.changed);
    CHECK(out.request == request);
    CHECK(out.votes.empty());
    REQUIRE(out.audit.size() == 1);
    CHECK(out.audit.front().action == "request.vote_refused");
    CHECK_FALSE(may_vote(request, person_of(who), company(), all_facts()).value_or(true));
  }
}

TEST_CASE("who may serve several steps makes room for one who may serve but his") {
  const Request request = asked();
  const std::vector<Vote> votes{approval(request, "cleo", 0), approval(request, "lena", 0)};
  const auto out = act(request, votes, says(E::approve, "lia"));
  CHECK(out.request.state == S::approved);
  CHECK(has_vote(out, "cleo", VoteKind::approve, 1));
  CHECK(has_vote(out, "lia", VoteKind::approve, 0));
  REQUIRE(out.audit.size() == 1);
  const auto detail = nlohmann::json::parse(out.audit.front().detail);
  REQUIRE(detail.at("moved").size() == 1);
  CHECK(detail.at("moved").front().at("voter") == to_string(id_of("cleo")));
  CHECK(detail.at("moved").front().at("step") == "security");

  // Who may serve no other step stays where he is, and nothing is decided.
  const std::vector<Vote> leads{approval(request, "leo", 0), approval(request, "lena", 0)};
  const auto waits = act(request, leads, says(E::approve, "lia"));
  CHECK(waits.request.state == S::pending);
  CHECK(step_counts(waits.request, waits.votes) == std::vector<int>{3, 0});

  // A right that cannot be checked now moves nothing.
  Facts silent = all_facts();
  silent.people.insert_or_assign(id_of("cleo"), fail(ErrorKind::unavailable, "no answer"));
  const auto unknown = act(request, votes, says(E::approve, "lia"), silent);
  CHECK(unknown.request.state == S::pending);
}

TEST_CASE("a voter who was voided may vote again once he has the right back") {
  Request request = asked();
  two_leads(request);
  Facts without_lena = all_facts();
  lena_left_leads(without_lena);
  const auto voided = act(request, {approval(request, "lena", 0)}, typed(E::approve, "leo"), without_lena);
  REQUIRE(voided.happened == C::earlier_lost);
  const auto out = act(voided.request, voided.votes, typed(E::approve, "lena"));
  CHECK(out.happened == C::deciding);
  CHECK(out.request.state == S::approved);
  CHECK(out.votes.size() == 2);
}

TEST_CASE("the request table has no row twice and none that leaves a decided state") {
  const auto table = request_table();
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (table[i].from != S::pending) CHECK(table[i].to == table[i].from);
    for (std::size_t j = i + 1; j < table.size(); ++j) {
      CHECK_FALSE((table[i].from == table[j].from && table[i].event == table[j].event &&
                   table[i].when == table[j].when));
    }
  }
}

TEST_CASE("each change of a request has its reasons in the audit event") {
  const auto out = act(asked(), {k_lena, k_sam}, says(E::approve, "leo", "fine with me"));
  REQUIRE(out.audit.size() == 1);
  const auto detail = nlohmann::json::parse(out.audit.front().detail);
  CHECK(detail.at("digest") == asked().digest);
  CHECK(detail.at("rule") == "staging");
  CHECK(detail.at("state") == "approved");
  CHECK(detail.at("step") == "lead");
  CHECK(detail.at("reason") == "fine with me");
}

}  // namespace jitbot::testing

#include "bot/workflow/revise.hpp"

#include "tests/unit/workflow/people.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace jitbot::testing {

namespace {

using E = RequestEvent;
using S = RequestState;
using C = RequestCase;

// admin includes writer, which includes reader.
Policy with_roles() {
  Policy policy = company();
  Resource& staging = policy.resources.at("staging");
  Role writer = staging.roles.at("reader");
  writer.name = "writer";
  writer.includes = {"reader"};
  Role admin = writer;
  admin.name = "admin";
  admin.includes = {"writer"};
  Role other = writer;
  other.name = "backup";
  other.includes = {};
  staging.roles.insert({{"writer", writer}, {"admin", admin}, {"backup", other}});
  return policy;
}

Request asked_for(const std::string& role, Millis duration = 1h) {
  Request request = sample_request();
  request.asked.role = role;
  request.asked.duration = duration;
  request.digest = digest_of(request.asked, 0);
  return request;
}

std::string why_not(const Request& request, const Narrower& to) {
  const auto less = narrow(request, to, with_roles(), k_start);
  return less ? "" : less.error().message;
}

Asked afresh(const Request& request, const LessTerms& to) {
  Asked fresh = request.asked;
  fresh.role = to.role;
  fresh.duration = to.duration;
  fresh.until = to.until;
  return fresh;
}

RequestInput revising(const Request& request, const std::string& who, const Narrower& to) {
  RequestInput input{
      .event = E::revise, .actor = id_of(who), .seen_digest = digest_prefix(request), .reason = "enough"};
  input.revised =
      propose_revision(request, to, with_roles(), k_start,
                       [&](const LessTerms& less) -> Result<Asked> { return afresh(request, less); });
  return input;
}

}  // namespace

TEST_CASE("only less than what is asked is a revision: shorter, or a role that the asked one includes") {
  const Request request = asked_for("admin");
  CHECK(why_not(request, {30min, ""}) == "");
  CHECK(why_not(request, {1h - 1ms, "admin"}) == "");
  CHECK(why_not(request, {1h, "writer"}) == "");
  CHECK(why_not(request, {0ms, "reader"}) == "");  // by way of writer
  CHECK(why_not(request, {1h, ""}) ==
        "that is not shorter than 1h; name less than that, or a role that admin includes");
  CHECK(why_not(request, {2h, ""}).starts_with("that is not shorter than 1h"));
  CHECK(why_not(request, {2h, "writer"}).starts_with("that is not shorter than 1h"));
  CHECK(why_not(request, {0ms, ""}).starts_with("that is not shorter"));
  CHECK(why_not(request, {30min, "backup"}) ==
        "backup is not less than admin, which includes writer, reader; a revision can only narrow");
  CHECK(why_not(asked_for("reader"), {30min, "admin"}) ==
        "admin is not less than reader, which includes no other role; a revision can only narrow");
  CHECK(why_not(request, {30min, "wirter"}).starts_with("staging has no role \"wirter\""));
}

TEST_CASE("an absolute end is revised to an earlier one, counted from now or from the start") {
  Request request = asked_for("admin", 4h);
  request.asked.until = k_start + 4h;
  auto less = narrow(request, {1h, ""}, with_roles(), k_start + 10min);
  REQUIRE(less);
  CHECK(less->until == k_start + 70min);
  CHECK(less->duration == 1h);
  request.asked.start = k_start + 2h;
  less = narrow(request, {1h, ""}, with_roles(), k_start);
  REQUIRE(less);
  CHECK(less->until == k_start + 3h);
  CHECK(why_not(request, {2h, ""}).starts_with("that is not shorter: it ends at"));
  less = narrow(request, {0ms, "reader"}, with_roles(), k_start);
  REQUIRE(less);
  CHECK(less->until == k_start + 4h);
  CHECK_FALSE(narrow(request, {0ms, "reader"}, with_roles(), k_start + 4h));
}

TEST_CASE("an extension is revised in its time alone") {
  Request request = asked_for("admin");
  request.asked.kind = RequestKind::extension;
  request.asked.extends = RequestId{"G001"};
  CHECK(why_not(request, {30min, ""}) == "");
  CHECK(why_not(request, {30min, "reader"}).find("only its time can be less") != std::string::npos);
}

TEST_CASE(
    "of the same step the higher count holds, what only one of the rules demands is a step of its own") {
  const Step two_leads = leads_step(2);
  CHECK(all_steps({leads_step(1)}, {two_leads}) == std::vector<Step>{two_leads});
  CHECK(all_steps({two_leads}, {leads_step(1)}) == std::vector<Step>{two_leads});
  CHECK(all_steps({two_leads}, {}) == std::vector<Step>{two_leads});
  CHECK(all_steps({leads_step(1)}, {security_step(1)}) == std::vector<Step>{leads_step(1), security_step(1)});
  const Step others{"lead", {{Subject::Kind::email, "leo@example.com"}}, 1};
  const auto both = all_steps({leads_step(1)}, {others});
  REQUIRE(both.size() == 2);
  CHECK(both[1].name == "lead 2");
  CHECK(both[1].from == others.from);
  CHECK(all_steps(both, {others}) == both);  // a second revision by the same rule demands nothing more
}

TEST_CASE("the narrower terms carry the stricter of both rules' limits") {
  Request request = asked_for("admin");
  request.asked.deny_threshold = 2;
  request.asked.extend = {1h, 3h, true};
  Asked fresh = request.asked;
  fresh.role = "reader";
  fresh.rule = "readers";
  fresh.deny_threshold = 1;
  fresh.extend = {2h, 2h, false};
  fresh.account = "bea_ro";
  fresh.post_to = {"#readers"};
  fresh.policy_digest = "new";
  const Asked out = stricter(request.asked, {"reader", 30min, std::nullopt}, fresh);
  CHECK(out.role == "reader");
  CHECK(out.account == "bea_ro");
  CHECK(out.duration == 30min);
  CHECK(out.deny_threshold == 1);
  CHECK(out.extend == ExtendTerms{1h, 2h, false});
  CHECK(out.rule == "staging + readers");
  CHECK(out.steps == request.asked.steps);
  CHECK(out.post_to == std::vector<std::string>{"#readers"});
  CHECK(out.policy_digest == "new");
  CHECK(out.asker == request.asked.asker);
  CHECK(out.reason == request.asked.reason);
  fresh.rule = "readers";
  CHECK(stricter(out, {"reader", 15min, std::nullopt}, fresh).rule == "staging + readers");
  fresh.automatic = true;
  fresh.steps.clear();
  const Asked still = stricter(request.asked, {"reader", 30min, std::nullopt}, fresh);
  CHECK_FALSE(still.automatic);
  CHECK(still.steps == request.asked.steps);
}

TEST_CASE("a revision is the reviser's approval of another digest, and no vote of before counts for it") {
  const Request request = asked_for("admin");
  const std::vector<Vote> votes{approval(request, "leo", 0), approval(request, "sam", 1)};
  const auto out = apply(request, votes, revising(request, "lena", {30min, ""}), with_roles(), all_facts());
  REQUIRE(out.changed);
  CHECK(out.happened == C::counted);
  CHECK(out.request.state == S::pending);
  CHECK(out.request.revision == 1);
  CHECK(out.request.digest == digest_of(out.request.asked, 1));
  CHECK(out.request.digest != request.digest);
  CHECK(out.request.times_out_at == request.times_out_at);
  CHECK(out.votes.size() == 3);  // shown
  CHECK(step_counts(out.request, out.votes) == std::vector<int>{1, 0});
  REQUIRE(out.audit.size() == 1);
  CHECK(out.audit[0].action == "request.revised");
  const auto detail = nlohmann::json::parse(out.audit[0].detail);
  CHECK(detail["from"]["digest"] == request.digest);
  CHECK(detail["to"]["digest"] == out.request.digest);
  CHECK(detail["from"]["duration_ms"] == 3'600'000);
  CHECK(detail["to"]["duration_ms"] == 1'800'000);
  CHECK(detail["to"]["steps"][0]["count"] == 2);
  CHECK(detail["reason"] == "enough");

  // Leo votes anew; sam's earlier approval does not help.
  const auto leo =
      apply(out.request, out.votes,
            {.event = E::approve, .actor = id_of("leo"), .seen_digest = digest_prefix(out.request)},
            with_roles(), all_facts());
  CHECK(leo.happened == C::counted);
  const auto sam =
      apply(leo.request, leo.votes, {.event = E::approve, .actor = id_of("sam"), .seen_revision = 1},
            with_roles(), all_facts());
  CHECK(sam.request.state == S::approved);
}

TEST_CASE("a revision that completes every step approves at once") {
  Request request = sample_request({leads_step(1)});
  const auto out = apply(request, {denial(request, "leo")}, revising(request, "lena", {30min, ""}),
                         with_roles(), all_facts());
  CHECK(out.happened == C::deciding);
  CHECK(out.request.state == S::approved);
  CHECK(out.request.decided_by == id_of("lena"));
  REQUIRE(out.audit.size() == 2);
  CHECK(out.audit[0].action == "request.revised");
  CHECK(out.audit[1].action == "request.approved");
}

TEST_CASE("who may not vote revises nothing, and every refusal is audited") {
  const Request request = asked_for("admin");
  struct Refused {
    std::string who;
    C why;
  };
  std::vector<Refused> all{{"stranger", C::may_not}};
  for (const std::string& who : barred_people()) all.push_back({who, C::may_not});
  for (const Refused& one : all) {
    INFO(one.who);
    const auto out = apply(request, {}, revising(request, one.who, {30min, ""}), with_roles(), all_facts());
    CHECK_FALSE(out.changed);
    CHECK(out.happened == one.why);
    REQUIRE(out.audit.size() == 1);
    CHECK(out.audit[0].action == "request.revise_refused");
  }
  const auto longer = apply(request, {}, revising(request, "lena", {2h, ""}), with_roles(), all_facts());
  CHECK(longer.happened == C::unfit);
  CHECK(longer.audit.at(0).action == "request.revise_refused");
  auto stale = revising(request, "lena", {30min, ""});
  stale.seen_digest = "feedfeedfeed";
  CHECK(apply(request, {}, stale, with_roles(), all_facts()).happened == C::stale);
}

TEST_CASE("a decided request is not revised any more, and the attempt is remembered") {
  Request request = asked_for("admin");
  request.state = GENERATE(S::approved, S::denied, S::cancelled, S::timed_out);
  const auto out = apply(request, {}, revising(request, "lena", {30min, ""}), with_roles(), all_facts());
  CHECK_FALSE(out.changed);
  CHECK(out.request == request);
  CHECK(out.refusal.kind == ErrorKind::conflict);
  REQUIRE(out.audit.size() == 1);
  CHECK(out.audit[0].action == "request.revise_refused");
}

TEST_CASE("a revision whose facts are missing, or that says nothing, changes nothing") {
  const Request request = asked_for("admin");
  RequestInput nothing{.event = E::revise, .actor = id_of("lena"), .seen_digest = digest_prefix(request)};
  CHECK(apply(request, {}, nothing, with_roles(), all_facts()).happened == C::unfit);
  RequestInput unknown = nothing;
  unknown.revised =
      Result<Asked>(tl::unexpected<Error>(Error{ErrorKind::unavailable, "users.info is silent", {}}));
  const auto out = apply(request, {}, unknown, with_roles(), all_facts());
  CHECK(out.happened == C::fact_missing);
  CHECK(out.request == request);
  Facts facts = all_facts();
  facts.people.insert_or_assign(id_of("lena"), fail(ErrorKind::unavailable, "users.info is silent"));
  CHECK(apply(request, {}, revising(request, "lena", {30min, ""}), with_roles(), facts).happened ==
        C::fact_missing);
}

TEST_CASE("after a revision a typed vote needs the new id, and a click the new digest") {
  const Request request = asked_for("admin");
  const auto out = apply(request, {}, revising(request, "lena", {30min, ""}), with_roles(), all_facts());
  const auto leo = [&](RequestInput input) {
    input.event = E::approve;
    input.actor = id_of("leo");
    return apply(out.request, out.votes, input, with_roles(), all_facts());
  };
  CHECK(leo({}).happened == C::stale);
  CHECK(leo({}).refusal.message.find("JIT-R001.2") != std::string::npos);
  CHECK(leo({.seen_revision = 0}).happened == C::stale);
  CHECK(leo({.seen_revision = 2}).happened == C::stale);
  CHECK(leo({.seen_revision = 1}).happened == C::counted);
  CHECK(leo({.seen_digest = digest_prefix(request)}).happened == C::stale);
  CHECK(leo({.seen_digest = digest_prefix(out.request)}).happened == C::counted);
}

TEST_CASE("a vote for an earlier revision cannot be withdrawn: it counts for nothing") {
  const Request request = asked_for("admin");
  const auto out = apply(request, {approval(request, "leo", 0)}, revising(request, "lena", {30min, ""}),
                         with_roles(), all_facts());
  const auto leo =
      apply(out.request, out.votes, {.event = E::withdraw, .actor = id_of("leo")}, with_roles(), all_facts());
  CHECK(leo.happened == C::no_vote);
  const auto lena = apply(out.request, out.votes, {.event = E::withdraw, .actor = id_of("lena")},
                          with_roles(), all_facts());
  CHECK(lena.happened == C::has_vote);
}

TEST_CASE("denials of before a revision do not count for it") {
  Request request = asked_for("admin");
  request.asked.deny_threshold = 2;
  request.digest = digest_of(request.asked, 0);
  const auto out = apply(request, {denial(request, "leo")}, revising(request, "lena", {30min, ""}),
                         with_roles(), all_facts());
  const auto sam = apply(out.request, out.votes,
                         {.event = E::deny, .actor = id_of("sam"), .seen_revision = 1, .reason = "no"},
                         with_roles(), all_facts());
  CHECK(sam.happened == C::below_threshold);
}

TEST_CASE("what is of high risk is approved by whoever types the resource's name, and by nobody else") {
  Request request = sample_request({leads_step(1)});
  request.asked.risk = Risk::high;
  request.digest = digest_of(request.asked, 0);
  const auto typed = GENERATE(std::string(), std::string("stagin"), std::string("staging x"),
                              std::string("staging"), std::string("  STAGING\t"));
  INFO(typed);
  const bool right = names_resource(typed, "staging");
  CHECK(right == (typed == "staging" || typed == "  STAGING\t"));
  RequestInput input{.event = E::approve, .actor = id_of("lena"), .seen_digest = digest_prefix(request)};
  input.confirmed = typed;
  const auto out = act(request, {}, input);
  CHECK(out.changed == right);
  CHECK(out.happened == (right ? C::deciding : C::unconfirmed));
  CHECK(out.audit.at(0).action == (right ? "request.approved" : "request.vote_refused"));
  auto shorter = revising(request, "lena", {30min, ""});
  shorter.confirmed = typed;
  const auto revised = apply(request, {}, shorter, with_roles(), all_facts());
  CHECK(revised.changed == right);
  CHECK(revised.happened == (right ? C::deciding : C::unconfirmed));
  // Denying gives nothing.
  CHECK(act(request, {}, {.event = E::deny, .actor = id_of("lena"), .reason = "no"}).request.state ==
        S::denied);
}

TEST_CASE("a revision needs a reason, by whatever way, and says so only to whoever may decide") {
  const Request request = asked_for("admin", 2h);
  RequestInput input = revising(request, "leo", {1h, ""});
  input.reason.clear();
  const auto out = act(request, {}, input);
  CHECK_FALSE(out.changed);
  CHECK(out.happened == C::no_reason);
  CHECK(out.refusal.message == "Say why: /jit revise " + typed_id(request) + " <duration> because <reason>");
  CHECK(out.audit.empty());
  input.actor = request.asked.asker;
  CHECK(act(request, {}, input).happened == C::may_not);
}

}  // namespace jitbot::testing

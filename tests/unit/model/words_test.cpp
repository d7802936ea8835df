#include "bot/model/entitlement.hpp"
#include "bot/model/grant.hpp"
#include "bot/model/request.hpp"
#include "bot/model/vote.hpp"

#include <catch2/catch.hpp>

using namespace jitbot;

namespace {

template <class Enum, class Parse>
void check_words(std::initializer_list<Enum> all, Parse parse) {
  for (const Enum value : all) {
    CHECK(parse(to_string(value)) == value);
    for (const Enum other : all) CHECK((to_string(value) == to_string(other)) == (value == other));
  }
  CHECK_FALSE(parse("").has_value());
  CHECK_FALSE(parse("Something else").has_value());
}

}  // namespace

TEST_CASE("every state has one word, and the word gives the state back") {
  check_words({RequestState::pending, RequestState::approved, RequestState::denied, RequestState::cancelled,
               RequestState::timed_out},
              parse_request_state);
  check_words({RequestKind::access, RequestKind::extension}, parse_request_kind);
  check_words({VoteKind::approve, VoteKind::deny, VoteKind::withdrawn}, parse_vote_kind);
  check_words({GrantState::scheduled, GrantState::activating, GrantState::active, GrantState::ending,
               GrantState::ended},
              parse_grant_state);
  check_words({EndedAs::absent, EndedAs::held, EndedAs::standing, EndedAs::gone, EndedAs::removed_outside,
               EndedAs::failed, EndedAs::not_started, EndedAs::abandoned},
              parse_ended_as);
  check_words({EndCause::due, EndCause::done, EndCause::revoked, EndCause::deactivated, EndCause::window_over,
               EndCause::target_refused, EndCause::existing_refused, EndCause::gone,
               EndCause::removed_outside, EndCause::abandoned},
              parse_end_cause);
  check_words({EntitlementState::rest, EntitlementState::baseline, EntitlementState::ours,
               EntitlementState::standing, EntitlementState::removing, EntitlementState::settling},
              parse_entitlement_state);
  check_words({Call::observe, Call::present, Call::absent}, parse_call);
}

TEST_CASE("a subject is written as policies write it") {
  CHECK(to_string(Subject{Subject::Kind::email, "ada@example.com"}) == "ada@example.com");
  CHECK(to_string(Subject{Subject::Kind::group, "sre"}) == "group:sre");
  CHECK(to_string(Subject{Subject::Kind::principal, "slack:U0001"}) == "slack:U0001");
  CHECK(to_string(Subject{Subject::Kind::owners, ""}) == "owners");
}

TEST_CASE("a confirmation brings a grant's end forward and never moves it back") {
  Grant grant;
  grant.duration = 1h;
  grant.latest_end = time_from_ms(0) + 75min;
  CHECK(grant.end() == time_from_ms(0) + 75min);
  grant.confirmed = time_from_ms(0) + 2min;
  CHECK(grant.end() == time_from_ms(0) + 62min);
  grant.confirmed = time_from_ms(0) + 30min;
  CHECK(grant.end() == time_from_ms(0) + 75min);
}

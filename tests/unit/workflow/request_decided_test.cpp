#include "tests/unit/workflow/people.hpp"

#include <catch2/catch.hpp>

// What is said of a request that is decided already.
namespace jitbot::testing {

namespace {

using E = RequestEvent;
using S = RequestState;

const Request& asked() {
  static const Request request = sample_request();
  return request;
}

RequestInput typed(E event, const std::string& who, const std::string& reason = "") {
  return {.event = event, .actor = id_of(who), .reason = reason};
}

const Vote k_leo = approval(asked(), "leo", 0);
const Vote k_sam = approval(asked(), "sam", 1);

void check_unchanged(const RequestOutcome& out, const Request& request, const std::vector<Vote>& votes,
                     ErrorKind refusal) {
  CHECK_FALSE(out.changed);
  CHECK(out.request == request);
  CHECK(out.votes == votes);
  CHECK(out.refusal.kind == refusal);
  CHECK_FALSE(out.refusal.message.empty());
}

}  // namespace

TEST_CASE("a decided request stays as it is and says who decided it, the refusal is remembered") {
  const S state = GENERATE(S::approved, S::denied, S::cancelled, S::timed_out);
  const E event = GENERATE(E::approve, E::deny, E::cancel);
  Request request = asked();
  request.state = state;
  request.decided_at = k_start + 1min;
  request.decided_by = id_of("leo");
  const std::vector<Vote> votes{k_leo, k_sam};
  CAPTURE(to_string(state), static_cast<int>(event));
  const auto out = act(request, votes, typed(event, event == E::cancel ? "ann" : "lena", "because"));
  check_unchanged(out, request, votes, ErrorKind::conflict);
  REQUIRE(out.audit.size() == 1);
  CHECK(out.audit.front().action == (event == E::cancel ? "request.cancel_refused" : "request.vote_refused"));
  CHECK(out.audit.front().actor == id_of(event == E::cancel ? "ann" : "lena"));
}

TEST_CASE("who has no part in a decided request learns nothing by cancelling it") {
  Request request = asked();
  request.state = S::approved;
  const auto out = act(request, {}, typed(E::cancel, "lena"));
  check_unchanged(out, request, {}, ErrorKind::not_found);
  REQUIRE(out.audit.size() == 1);
  CHECK(out.audit.front().action == "request.cancel_refused");
}

TEST_CASE("what has no row in a decided state changes nothing and leaves no event") {
  const S state = GENERATE(S::approved, S::denied, S::cancelled, S::timed_out);
  const E event = GENERATE(E::withdraw, E::remind, E::escalate, E::time_out, E::beneficiary_deactivated);
  Request request = asked();
  request.state = state;
  const auto out = act(request, {k_leo}, typed(event, "leo"));
  CHECK_FALSE(out.changed);
  CHECK(out.request == request);
  CHECK(out.audit.empty());
}

}  // namespace jitbot::testing

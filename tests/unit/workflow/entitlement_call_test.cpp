#include "tests/unit/workflow/entitlement_samples.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

// Calls under their leases: what an outcome, or the lack of one, says.
namespace jitbot::testing {

namespace {
using S = EntitlementState;
}

TEST_CASE("a present that never returned counts as running until its deadline") {
  const Entitlement called = leased(ours_untouched(), k_wanted, k_now);
  SECTION("its outcome is unknown") {
    const auto out = returned(called, fail(ErrorKind::outcome_unknown, "connection lost"), k_now + 1s);
    CHECK(out.entitlement.last_present_returned == k_now + 30s);
    CHECK(out.entitlement.next_call == Call::observe);
    CHECK(out.entitlement.next_at == k_now + 1s);
  }
  SECTION("a later one that returns sooner does not make the first one return") {
    const auto lost =
        returned(called, fail(ErrorKind::outcome_unknown, "connection lost"), k_now + 1s).entitlement;
    Entitlement again = lost;
    again.next_call = Call::present;
    const auto out = returned(leased(again, k_wanted, k_now + 2s), Result<void>(), k_now + 3s);
    CHECK(out.entitlement.last_present_returned == k_now + 30s);
  }
  SECTION("the program was started anew") {
    const auto out = recovered(called, k_now + 2s);
    CHECK(out.last_present_returned == k_now + 30s);
    CHECK_FALSE(out.lease);
    CHECK(out.next_call == Call::observe);
    CHECK(out.next_at == k_now + 2s);
  }
  SECTION("it was abandoned meanwhile") {
    const auto out = abandon(called, id_of("lena"), "scrap", k_now + 2s);
    CHECK_FALSE(out.entitlement.lease);
    CHECK(out.entitlement.last_present_returned == k_now + 30s);
  }
}

TEST_CASE("after a restart nothing is known of a call, and nothing changes where none was under way") {
  CHECK(recovered(ours_confirmed(), k_now) == ours_confirmed());
  const auto out = recovered(leased(removing(), k_unwanted, k_now), k_now + 1s);
  CHECK(out.state == S::removing);
  CHECK_FALSE(out.lease);
  CHECK(out.next_call == Call::observe);
}

TEST_CASE("an outcome without a lease changes nothing") {
  const auto out = returned(ours_confirmed(), Result<void>(), k_now);
  CHECK(out.entitlement == ours_confirmed());
  CHECK(out.audit.empty());
}

TEST_CASE("a lease says what is called, until when, and its token is used once") {
  const Entitlement first = leased(ours_untouched(), k_wanted, k_now);
  REQUIRE(first.lease);
  CHECK(first.lease->call == Call::present);
  CHECK(first.lease->started == k_now);
  CHECK(first.lease->deadline == k_now + 30s);
  CHECK(first.present_started);
  CHECK(first.asked_until == k_until);
  const Entitlement second = leased(returned(first, Result<void>(), k_now).entitlement, k_wanted, k_now);
  REQUIRE(second.lease);
  CHECK(second.lease->call == Call::observe);
  CHECK(second.lease->token != first.lease->token);
  CHECK(leased(removing(), k_unwanted, k_now).tries == 1);
}

TEST_CASE("desired flips during a call: it is decided after its outcome") {
  SECTION("no longer wanted while a present runs") {
    const Entitlement called = leased(ours_untouched(), k_wanted, k_now);
    const Entitlement flipped = follow(called, k_unwanted, k_now + 1s).entitlement;
    CHECK(flipped.state == S::removing);
    CHECK(flipped.lease == called.lease);
    const auto out = returned(flipped, Result<void>(), k_now + 2s).entitlement;
    CHECK(out.next_call == Call::observe);
    // An observation of before the present returned proves nothing.
    const auto early = observed(leased(out, k_unwanted, k_now + 2s), k_unwanted,
                                {Presence::absent, {}, false, ""}, k_now + 1s, k_now + 3s, k_timing);
    CHECK(early.signals.empty());
    CHECK(early.entitlement.state == S::removing);
  }
  SECTION("wanted again while an absent runs") {
    const Entitlement called = leased(removing(), k_unwanted, k_now);
    const Entitlement flipped = follow(called, k_wanted, k_now + 1s).entitlement;
    CHECK(flipped.state == S::ours);
    CHECK(flipped.lease == called.lease);
    const auto out = returned(flipped, Result<void>(), k_now + 2s).entitlement;
    CHECK(out.next_call == Call::observe);
    CHECK(see(out, Presence::absent, k_wanted, k_now + 3s).entitlement.next_call == Call::present);
  }
}

TEST_CASE("an observation's words are in the audit, with what was seen") {
  const auto out = see(ours_confirmed(), Presence::present, k_confirmed, k_now, k_until);
  const auto detail = nlohmann::json::parse(out.audit.front().detail);
  CHECK(detail.at("seen") == "present");
  CHECK(detail.at("until") == to_ms(k_until));
  CHECK(detail.at("detail") == "seen so");
  CHECK(detail.at("account") == "bea");
}

}  // namespace jitbot::testing

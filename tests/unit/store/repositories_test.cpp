#include "tests/unit/store/store_fixture.hpp"

using namespace jitbot;
using namespace jitbot::testing;

TEST_CASE("a request is kept whole and changed in place") {
  StoreFixture fixture;
  Request request = sample_request("7K3F");
  fixture.write([&](Tx& tx) { tx.put(request); });
  CHECK(fixture.read([&](Tx& tx) { return tx.request(request.id); }) == request);
  CHECK_FALSE(fixture.read([](Tx& tx) { return tx.request({"ZZZZ"}); }).has_value());

  request.state = RequestState::denied;
  request.decided_at = k_now + 5min;
  request.decided_by = user("U0009");
  request.decision_reason = "not today";
  request.nudges = 2;
  request.stuck = {"lead", "security"};
  fixture.write([&](Tx& tx) { tx.put(request); });
  fixture.reopen();
  CHECK(fixture.read([&](Tx& tx) { return tx.request(request.id); }) == request);
}

TEST_CASE("pending requests are found by whom they concern, oldest first") {
  StoreFixture fixture;
  Request second = sample_request("2222");
  second.asked.asked_at = k_now + 1s;
  Request first = sample_request("9999");
  Request decided = sample_request("3333");
  decided.state = RequestState::approved;
  Request of_others = sample_request("4444");
  of_others.asked.asker = user("U7");
  of_others.asked.beneficiary = user("U8");
  of_others.asked.asked_at = k_now + 2s;
  Request extension = sample_request("5555");
  extension.asked.kind = RequestKind::extension;
  extension.asked.extends = decided.id;
  extension.asked.beneficiary = user("U8");
  extension.asked.asked_at = k_now + 3s;
  fixture.write([&](Tx& tx) {
    for (const auto& request : {second, first, decided, of_others, extension}) tx.put(request);
  });
  CHECK(fixture.read([](Tx& tx) { return tx.pending_requests(); }) ==
        std::vector<Request>{first, second, of_others, extension});
  CHECK(fixture.read([](Tx& tx) { return tx.pending_of(user("U0002")); }) ==
        std::vector<Request>{first, second});
  CHECK(fixture.read([](Tx& tx) { return tx.pending_of(user("U0001")); }) ==
        std::vector<Request>{first, second, extension});
  CHECK(fixture.read([](Tx& tx) { return tx.pending_of(user("U8")); }) ==
        std::vector<Request>{of_others, extension});
  CHECK(fixture.read([&](Tx& tx) { return tx.pending_extension(decided.id); }) == extension);
  CHECK_FALSE(fixture.read([&](Tx& tx) { return tx.pending_extension(first.id); }).has_value());
}

TEST_CASE("the store itself refuses a second pending request for the same access") {
  StoreFixture fixture;
  const Request first = sample_request("1111");
  Request second = sample_request("2222");
  second.asked.resource = first.asked.resource;
  fixture.write([&](Tx& tx) { tx.put(first); });
  const auto refused = fixture.try_write([&](Tx& tx) -> Result<void> {
    tx.put(second);
    return {};
  });
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().kind == ErrorKind::internal);
  CHECK_FALSE(fixture.read([&](Tx& tx) { return tx.request(second.id); }).has_value());
}

TEST_CASE("a person has one vote on a request, and the newest counts") {
  StoreFixture fixture;
  const Request request = sample_request("7K3F");
  Vote early{request.id, user("U3"), VoteKind::approve, 0, "", request.digest, k_now + 1s, false};
  Vote deny{request.id, user("U2"), VoteKind::deny, -1, "why?", request.digest, k_now + 2s, true};
  fixture.write([&](Tx& tx) {
    tx.put(request);
    tx.put(deny);
    tx.put(early);
  });
  CHECK(fixture.read([&](Tx& tx) { return tx.votes(request.id); }) == std::vector<Vote>{early, deny});
  early.kind = VoteKind::withdrawn;
  early.step = -1;
  early.at = k_now + 3s;
  fixture.write([&](Tx& tx) { tx.put(early); });
  CHECK(fixture.read([&](Tx& tx) { return tx.votes(request.id); }) == std::vector<Vote>{deny, early});
}

TEST_CASE("an entitlement is kept whole and found by id and by key") {
  StoreFixture fixture;
  Entitlement entitlement = sample_entitlement("ada");
  Entitlement bare;
  bare.key = {"pg", {}, "ada"};
  fixture.write([&](Tx& tx) {
    entitlement.id = tx.add(entitlement);
    bare.id = tx.add(bare);
  });
  CHECK(entitlement.id != bare.id);
  CHECK(fixture.read([&](Tx& tx) { return tx.entitlement(entitlement.id); }) == entitlement);
  CHECK(fixture.read([&](Tx& tx) { return tx.entitlement(bare.key); }) == bare);
  CHECK(fixture.read([&](Tx& tx) { return tx.entitlement(entitlement.key); }) == entitlement);
  CHECK_FALSE(fixture.read([](Tx& tx) { return tx.entitlement(EntitlementId{99}); }).has_value());
  CHECK_FALSE(
      fixture.read([](Tx& tx) { return tx.entitlement(EntitlementKey{"pg", {}, "eve"}); }).has_value());
  CHECK(fixture.read([](Tx& tx) { return tx.entitlements_not_at_rest(); }) ==
        std::vector<Entitlement>{entitlement});
  CHECK(fixture.read([](Tx& tx) { return tx.overdue_entitlements(); }) ==
        std::vector<Entitlement>{entitlement});

  entitlement.lease.reset();
  entitlement.state = EntitlementState::rest;
  entitlement.overdue_since.reset();
  fixture.write([&](Tx& tx) { tx.put(entitlement); });
  CHECK(fixture.read([&](Tx& tx) { return tx.entitlement(entitlement.id); }) == entitlement);
  CHECK(fixture.read([](Tx& tx) { return tx.entitlements_not_at_rest(); }).empty());
  CHECK(fixture.read([](Tx& tx) { return tx.overdue_entitlements(); }).empty());
}

TEST_CASE("an entitlement's key is taken once, and one that does not exist cannot be changed") {
  StoreFixture fixture;
  fixture.write([](Tx& tx) { tx.add(sample_entitlement("ada")); });
  CHECK_FALSE(fixture.try_write([](Tx& tx) -> Result<void> {
    tx.add(sample_entitlement("ada"));
    return {};
  }));
  CHECK_FALSE(fixture.try_write([](Tx& tx) -> Result<void> {
    Entitlement unknown = sample_entitlement("eve");
    unknown.id.value = 99;
    tx.put(unknown);
    return {};
  }));
}

TEST_CASE("grants are kept whole and found by whom and what they concern") {
  StoreFixture fixture;
  Grant full;
  Grant plain;
  Grant over;
  fixture.write([&](Tx& tx) {
    for (const char* const id : {"1111", "2222", "3333"}) tx.put(sample_request(id));
    const auto ada = tx.add(sample_entitlement("ada"));
    const auto eve = tx.add(sample_entitlement("eve"));
    full = sample_grant("1111", ada);
    over = sample_grant("3333", ada);
    over.state = GrantState::ended;
    plain.id.value = "2222";
    plain.entitlement = eve;
    plain.beneficiary = user("U5");
    plain.resource = "staging";
    plain.created = k_now - 1s;
    for (const auto& grant : {full, plain, over}) tx.put(grant);
  });
  CHECK(fixture.read([](Tx& tx) { return tx.grant({"1111"}); }) == full);
  CHECK(fixture.read([](Tx& tx) { return tx.grant({"2222"}); }) == plain);
  CHECK_FALSE(fixture.read([](Tx& tx) { return tx.grant({"4444"}); }).has_value());
  CHECK(fixture.read([](Tx& tx) { return tx.live_grants(); }) == std::vector<Grant>{plain, full});
  CHECK(fixture.read([](Tx& tx) { return tx.live_grants_of(user("U0002")); }) == std::vector<Grant>{full});
  CHECK(fixture.read([&](Tx& tx) { return tx.live_grants_on(plain.entitlement); }) ==
        std::vector<Grant>{plain});
  CHECK(fixture.read([](Tx& tx) { return tx.live_grants_at("staging", "eve"); }) ==
        std::vector<Grant>{plain});
  CHECK(fixture.read([](Tx& tx) { return tx.live_grants_at("staging", "ada"); }).empty());  // ending
  CHECK(fixture.read([](Tx& tx) { return tx.live_grants_at("prod", "eve"); }).empty());
}

TEST_CASE("whoever uses an account at a connector is known until its entitlement is at rest") {
  StoreFixture fixture;
  EntitlementId id;
  fixture.write([&](Tx& tx) {
    Request pending = sample_request("1111");
    pending.asked.beneficiary = user("UPENDING");
    Request approved = sample_request("2222");
    approved.state = RequestState::approved;
    tx.put(pending);
    tx.put(approved);
    id = tx.add(sample_entitlement("ada"));
    Grant ended = sample_grant("2222", id);
    ended.state = GrantState::ended;
    ended.created = k_now - 1h;
    tx.put(ended);
  });
  const auto holders = [&] { return fixture.read([](Tx& tx) { return tx.holders("pg", "ada"); }); };
  CHECK(holders() == std::vector<PrincipalId>{user("U0002"), user("UPENDING")});
  CHECK(fixture.read([](Tx& tx) { return tx.holders("pg", "eve"); }).empty());
  CHECK(fixture.read([](Tx& tx) { return tx.holders("ssh", "ada"); }).empty());

  fixture.write([&](Tx& tx) {
    Entitlement entitlement = *tx.entitlement(id);
    entitlement.state = EntitlementState::rest;
    tx.put(entitlement);
  });
  CHECK(holders() == std::vector<PrincipalId>{user("UPENDING")});
}

TEST_CASE("a grant needs its request and its entitlement") {
  StoreFixture fixture;
  EntitlementId id;
  fixture.write([&](Tx& tx) { id = tx.add(sample_entitlement("ada")); });
  CHECK_FALSE(fixture.try_write([&](Tx& tx) -> Result<void> {
    tx.put(sample_grant("1111", id));
    return {};
  }));
  CHECK_FALSE(fixture.try_write([](Tx& tx) -> Result<void> {
    tx.put(sample_request("1111"));
    tx.put(sample_grant("1111", EntitlementId{99}));
    return {};
  }));
  CHECK_FALSE(fixture.read([](Tx& tx) { return tx.request({"1111"}); }).has_value());
}

TEST_CASE("a due time is one per kind and subject, and setting it again moves it") {
  StoreFixture fixture;
  const std::vector<DueKind> every = {DueKind::request, DueKind::grant, DueKind::call, DueKind::alarm};
  const auto due = [&](const std::vector<DueKind>& kinds, Time until, int limit) {
    return fixture.read([&](Tx& tx) { return tx.due_of(kinds, until, limit); });
  };
  CHECK_FALSE(fixture.read([&](Tx& tx) { return tx.next_due_of(every); }).has_value());
  const Due end{k_now + 1h, DueKind::grant, "7K3F"};
  const Due call{k_now + 5s, DueKind::call, "12"};
  const Due alarm{k_now + 5s, DueKind::alarm, "12"};
  const Due other_end{k_now + 2s, DueKind::grant, "9ZZZ"};
  fixture.write([&](Tx& tx) {
    for (const auto& one : {end, alarm, call, other_end}) tx.set_due(one);
  });
  CHECK(fixture.read([&](Tx& tx) { return tx.next_due_of(every); }) == other_end.at);
  CHECK(fixture.read([&](Tx& tx) { return tx.next_due_of({DueKind::alarm, DueKind::call}); }) == call.at);
  CHECK_FALSE(fixture.read([&](Tx& tx) { return tx.next_due_of({DueKind::request}); }).has_value());
  CHECK(due(every, k_now + 1h, 10) == std::vector<Due>{other_end, call, alarm, end});
  CHECK(due({DueKind::grant}, k_now + 1h, 10) == std::vector<Due>{other_end, end});
  CHECK(due(every, k_now + 1h, 2) == std::vector<Due>{other_end, call});
  CHECK(due(every, k_now + 1h - 1ms, 10).size() == 3);
  CHECK(due({}, k_now + 1h, 10).empty());

  fixture.write([&](Tx& tx) {
    tx.set_due({k_now, DueKind::grant, "7K3F"});
    tx.clear_due(DueKind::call, "12");
    tx.clear_due(DueKind::request, "12");
  });
  CHECK(due(every, k_now + 1h, 10) == std::vector<Due>{{k_now, DueKind::grant, "7K3F"}, other_end, alarm});
}

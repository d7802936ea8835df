#include "tests/unit/store/store_fixture.hpp"

using namespace jitbot;
using namespace jitbot::testing;

namespace {

std::vector<std::string> ids(const std::vector<Request>& requests) {
  std::vector<std::string> all;
  for (const Request& request : requests) all.push_back(request.id.value);
  return all;
}

std::vector<std::string> ids(const std::vector<Grant>& grants) {
  std::vector<std::string> all;
  for (const Grant& grant : grants) all.push_back(grant.id.value);
  return all;
}

using Ids = std::vector<std::string>;

Request decided(const std::string& id, const std::string& who, const std::string& resource, Millis after) {
  Request request = sample_request(id);
  request.asked.asker = request.asked.beneficiary = user(who);
  request.asked.resource = resource;
  request.state = RequestState::denied;
  request.decided_at = k_now + after;
  return request;
}

}  // namespace

TEST_CASE("decided requests are listed newest first, narrowed and bounded") {
  StoreFixture fixture;
  Request for_another = decided("4444", "U2", "prod", 4s);
  for_another.asked.asker = user("U1");
  fixture.write([&](Tx& tx) {
    tx.put(decided("1111", "U1", "prod", 1s));
    tx.put(decided("3333", "U1", "staging", 3s));
    tx.put(decided("2222", "U2", "prod", 2s));
    tx.put(for_another);
    tx.put(sample_request("5555"));  // still waits
  });
  const auto listed = [&](const Narrowed& to, Millis since, int limit) {
    return ids(fixture.read([&](Tx& tx) { return tx.decided_requests(to, k_now + since, limit); }));
  };
  CHECK(listed({}, 0s, 10) == Ids{"4444", "3333", "2222", "1111"});
  CHECK(listed({}, 2s, 10) == Ids{"4444", "3333", "2222"});
  CHECK(listed({}, 0s, 2) == Ids{"4444", "3333"});
  CHECK(listed({"prod", std::nullopt}, 0s, 10) == Ids{"4444", "2222", "1111"});
  CHECK(listed({"prod", std::nullopt}, 0s, 1) == Ids{"4444"});
  CHECK(listed({"", user("U1")}, 0s, 10) == Ids{"4444", "3333", "1111"});
  CHECK(listed({"", user("U2")}, 0s, 10) == Ids{"4444", "2222"});
  CHECK(listed({"staging", user("U1")}, 0s, 10) == Ids{"3333"});
  CHECK(listed({"", user("U1")}, 2s, 1) == Ids{"4444"});
  CHECK(listed({"", user("U9")}, 0s, 10).empty());
}

TEST_CASE("live grants are listed newest first, narrowed and bounded") {
  StoreFixture fixture;
  fixture.write([&](Tx& tx) {
    const auto add = [&](const std::string& id, const std::string& asker, const std::string& beneficiary,
                         const std::string& resource, GrantState state) {
      tx.put(sample_request(id));
      Grant grant = sample_grant(id, tx.add(sample_entitlement(id)));
      grant.asker = user(asker);
      grant.beneficiary = user(beneficiary);
      grant.resource = resource;
      grant.state = state;
      grant.created = k_now + std::chrono::seconds(id.front() - '0');
      tx.put(grant);
    };
    add("1111", "U1", "U1", "prod", GrantState::active);
    add("2222", "U2", "U2", "prod", GrantState::ending);
    add("3333", "U1", "U2", "staging", GrantState::activating);
    add("4444", "U1", "U1", "prod", GrantState::ended);
  });
  const auto listed = [&](const Narrowed& to, int limit) {
    return ids(fixture.read([&](Tx& tx) { return tx.newest_live_grants(to, limit); }));
  };
  CHECK(listed({}, 10) == Ids{"3333", "2222", "1111"});
  CHECK(listed({}, 1) == Ids{"3333"});
  CHECK(listed({"prod", std::nullopt}, 10) == Ids{"2222", "1111"});
  CHECK(listed({"", user("U1")}, 10) == Ids{"3333", "1111"});
  CHECK(listed({"prod", user("U1")}, 10) == Ids{"1111"});
  CHECK(listed({"", user("U2")}, 1) == Ids{"3333"});
  CHECK(listed({"nowhere", std::nullopt}, 10).empty());
}

TEST_CASE("lists go along an index, however long the past is") {
  StoreFixture fixture;
  fixture.write([](Tx& tx) {
    for (int i = 0; i < 300; ++i)
      tx.put(decided(std::to_string(1000 + i), "U" + std::to_string(i % 7), "prod", i * 1s));
  });
  const auto newest =
      ids(fixture.read([](Tx& tx) { return tx.decided_requests({"", user("U3")}, k_now, 2); }));
  CHECK(newest == Ids{"1297", "1290"});
  fixture.reopen();
  CHECK(ids(fixture.read([](Tx& tx) { return tx.decided_requests({}, k_now, 1); })) == Ids{"1299"});
}

#include "bot/model/audit_event.hpp"
#include "bot/model/json.hpp"
#include "bot/model/request.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <functional>
#include <set>
#include <string>

using namespace jitbot;

namespace {

Asked full() {
  Asked asked;
  asked.kind = RequestKind::extension;
  asked.extends = RequestId{"7K3F"};
  asked.asker = {"slack:T0001", "U0001"};
  asked.beneficiary = {"slack:T0001", "U0002"};
  asked.beneficiary_email = "ada@example.com";
  asked.account = "ada";
  asked.resource = "staging";
  asked.role = "read";
  asked.risk = Risk::high;
  asked.connector = "pg";
  asked.params = {{"role", "readers"}, {"database", "app"}};
  asked.duration = 1h;
  asked.until = time_from_ms(1'772'334'000'000);
  asked.reason = "look at the \"queue\"\n\xE2\x9C\x93";
  asked.ticket = "INC-7";
  asked.rule = "staging-read";
  asked.automatic = true;
  asked.steps = {
      {"lead", {{Subject::Kind::group, "leads"}, {Subject::Kind::owners, ""}}, 1},
      {"security", {{Subject::Kind::email, "sec@example.com"}, {Subject::Kind::principal, "slack:U9"}}, 2}};
  asked.deny_threshold = 2;
  asked.owners = {{Subject::Kind::email, "owner@example.com"}};
  asked.post_to = {"#access", "C0001"};
  asked.pending_timeout = 4h;
  asked.warn_before = {10min, 1min};
  asked.extend = {30min, 8h, true};
  asked.on_existing = OnExisting::refuse;
  asked.howto = "psql staging";
  asked.policy_digest = std::string(64, 'a');
  asked.explanation = {"the first rule that fits", "two steps"};
  asked.asked_at = time_from_ms(1'772'330'400'000);
  return asked;
}

}  // namespace

TEST_CASE("what was asked survives the way through JSON") {
  const Asked asked = GENERATE(full(), Asked{});
  const auto read = asked_from_json(nlohmann::json::parse(canonical_json(to_json(asked))));
  REQUIRE(read.has_value());
  CHECK(*read == asked);
}

TEST_CASE("a request of before it was kept whether the rule needs a reason is read, with its old digest") {
  Asked asked = full();
  const std::string before = digest_of(asked, 0);
  CHECK_FALSE(to_json(asked).contains("needs_reason"));
  asked.needs_reason = true;
  CHECK(digest_of(asked, 0) != before);
  auto stored = to_json(asked);
  CHECK(asked_from_json(stored) == asked);
  stored["needs_reason"] = "yes";
  CHECK_FALSE(asked_from_json(stored).has_value());
}

TEST_CASE("a stored request with anything missing or of another kind is an error that says where") {
  const auto whole = to_json(full());
  for (const auto& [name, value] : whole.items()) {
    auto without = whole;
    without.erase(name);
    const auto missing = asked_from_json(without);
    REQUIRE_FALSE(missing.has_value());
    CHECK(missing.error().kind == ErrorKind::invalid);
    CHECK(missing.error().detail.find(name) != std::string::npos);

    auto other = whole;
    other[name] = nlohmann::json::array({nlohmann::json::object()});
    CHECK_FALSE(asked_from_json(other).has_value());
  }
  CHECK_FALSE(asked_from_json(nlohmann::json::array()).has_value());
}

TEST_CASE("the digest never changes for the same request") {
  CHECK(digest_of(full(), 0) == digest_of(full(), 0));
  CHECK(digest_of(full(), 0) == sha256_hex(canonical_json({{"asked", to_json(full())}, {"revision", 0}})));
  // Votes in a store of an older version name this digest: a change of the form would make all of them stale.
  CHECK(digest_of(full(), 0) == "e8860f2a4ffb40c35689aef3cca2f3e32ca459f2dc28ed467a3e7d23703d0a2d");
}

TEST_CASE("whatever of a request is frozen, the digest tells when it differs") {
  const std::function<void(Asked&)> changes[] = {
      [](Asked& asked) { asked.kind = RequestKind::access; },
      [](Asked& asked) { asked.extends.reset(); },
      [](Asked& asked) { asked.asker.user = "U9"; },
      [](Asked& asked) { asked.beneficiary.user = "U9"; },
      [](Asked& asked) { asked.beneficiary_email = "eve@example.com"; },
      [](Asked& asked) { asked.account = "eve"; },
      [](Asked& asked) { asked.resource = "prod"; },
      [](Asked& asked) { asked.role = "write"; },
      [](Asked& asked) { asked.risk = Risk::low; },
      [](Asked& asked) { asked.connector = "ssh"; },
      [](Asked& asked) { asked.params["role"] = "writers"; },
      [](Asked& asked) { asked.duration += 1ms; },
      [](Asked& asked) { asked.until.reset(); },
      [](Asked& asked) { asked.reason += "."; },
      [](Asked& asked) { asked.ticket.clear(); },
      [](Asked& asked) { asked.rule = "other"; },
      [](Asked& asked) { asked.automatic = false; },
      [](Asked& asked) { asked.steps[1].count = 1; },
      [](Asked& asked) { asked.steps[0].from[0].kind = Subject::Kind::email; },
      [](Asked& asked) { std::swap(asked.steps[0], asked.steps[1]); },
      [](Asked& asked) { asked.deny_threshold = 1; },
      [](Asked& asked) { asked.owners.clear(); },
      [](Asked& asked) { asked.post_to.pop_back(); },
      [](Asked& asked) { asked.pending_timeout = 1h; },
      [](Asked& asked) { asked.warn_before.clear(); },
      [](Asked& asked) { asked.extend.total = 9h; },
      [](Asked& asked) { asked.on_existing = OnExisting::keep; },
      [](Asked& asked) { asked.howto.clear(); },
      [](Asked& asked) { asked.policy_digest[0] = 'b'; },
      [](Asked& asked) { asked.explanation.pop_back(); },
      [](Asked& asked) { asked.asked_at += 1ms; },
  };
  std::set<std::string> digests = {digest_of(full(), 0), digest_of(full(), 1)};
  for (const auto& change : changes) {
    Asked asked = full();
    change(asked);
    digests.insert(digest_of(asked, 0));
  }
  CHECK(digests.size() == 2 + std::size(changes));
}

TEST_CASE("buttons carry the first twelve digits of the digest") {
  Request request;
  request.digest = digest_of(full(), 0);
  CHECK(digest_prefix(request) == request.digest.substr(0, 12));
}

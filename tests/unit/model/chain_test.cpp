#include "bot/model/audit_event.hpp"

#include <catch2/catch.hpp>

#include <functional>
#include <stdexcept>
#include <string>

using namespace jitbot;

namespace {

const std::string k_first(64, '0');

AuditEvent sample() {
  return {time_from_ms(1'772'330'400'123),
          {"slack:T0001", "U0001"},
          "request.approved",
          "JIT-7K3F",
          R"({"step":"lead"})"};
}

}  // namespace

TEST_CASE("an event's hash is over the canonical form of every other field") {
  CHECK(chain_hash(7, sample(), k_first) ==
        sha256_hex(R"({"action":"request.approved","actor":"slack:T0001/U0001","at":1772330400123,)"
                   R"("detail":{"step":"lead"},"previous":")" +
                   k_first + R"(","sequence":7,"subject":"JIT-7K3F"})"));
}

TEST_CASE("whichever field changes, the hash changes") {
  const auto original = chain_hash(7, sample(), k_first);
  const std::function<void(AuditEvent&)> changes[] = {
      [](AuditEvent& event) { event.at += 1ms; },
      [](AuditEvent& event) { event.actor.user = "U0002"; },
      [](AuditEvent& event) { event.actor.workspace = "slack:T0002"; },
      [](AuditEvent& event) { event.action = "request.denied"; },
      [](AuditEvent& event) { event.subject = "JIT-7K3G"; },
      [](AuditEvent& event) { event.detail = R"({"step":"Lead"})"; },
  };
  for (const auto& change : changes) {
    AuditEvent event = sample();
    change(event);
    CHECK(chain_hash(7, event, k_first) != original);
  }
  CHECK(chain_hash(8, sample(), k_first) != original);
  CHECK(chain_hash(7, sample(), original) != original);
}

TEST_CASE("a detail that is not a JSON object of integers has no hash") {
  for (const char* const detail : {"", "[]", "null", "{", R"({"a":1.5})", "{} {}"}) {
    AuditEvent event = sample();
    event.detail = detail;
    CHECK_THROWS_AS(chain_hash(1, event, k_first), std::invalid_argument);
  }
}

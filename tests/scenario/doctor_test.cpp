#include "tests/scenario/doctor_office.hpp"

#include <algorithm>
#include <fstream>

namespace jitbot::doctor {

TEST_CASE("where nothing is wrong doctor finds nothing") {
  Office office;
  const auto seen = office.look();
  const Lines expected{
      "✓ configuration: " + (office.folder / "jitbot.yaml").string(),
      "✓ policy: 1 rule, 1 resource, digest ",
      "✓ store " + office.db().string() + ": can be written, 1 audit event",
      "✓ audit: key, signed head and store agree up to event 1",
      "✓ slack: " + office.sandbox.api_url() + " answers",
      "✓ clock: agrees with Slack's",
      "✓ slack bot token: accepted, speaks as @jit in workspace Sandbox (T0SANDBOX)",
      "✓ slack scopes: all ",
      "✓ slack app token: accepted, may open connections",
      "✓ slack app: both tokens are of A0JITBOT1",
      "✓ " + k_admins + ": found, the bot is in it",
      "✓ " + k_staging + ": found, the bot is in it",
      "✓ " + k_prod + ": found, the bot is in it",
      "✓ " + k_group + ": 2 members",
      "✓ connector target: ready for what the policy asks of it",
  };
  REQUIRE(seen.lines.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    INFO(seen.lines[i]);
    CHECK(seen.lines[i].starts_with(expected[i]));
  }
  CHECK(seen.exit_code == 0);
  CHECK(office.look().lines == seen.lines);
  CHECK(office.sandbox.connections().empty());
}

TEST_CASE("a policy that does not load ends in exit code 2, and what does not need it is looked at") {
  Office office;
  office.change("policy/policy.yaml", "approval:", "aproval:");
  const auto seen = office.look();
  CHECK(seen.exit_code == 2);
  const auto holds = [&](const std::string& begin, const std::string& part) {
    return std::ranges::any_of(seen.lines,
                               [&](const std::string& line) { return begins_and_holds(line, begin, part); });
  };
  CHECK(holds("✗ policy", "aproval"));
  CHECK(holds("✓ slack bot token", ""));
  CHECK(holds("✓ " + k_admins, ""));
  CHECK(holds("✓ store", "can be written"));
  CHECK(holds("✓ connector target", ""));
  CHECK_FALSE(holds("✓ " + k_staging, ""));
}

TEST_CASE("a configuration that does not load ends in exit code 2") {
  Office office;
  office.environment.erase("API_URL");
  const auto seen = office.look();
  CHECK(seen.exit_code == 2);
  REQUIRE_FALSE(seen.lines.empty());
  for (const std::string& line : seen.lines) CHECK(line.starts_with("✗ configuration: "));
  CHECK(seen.lines.front().find("API_URL") != std::string::npos);
}

TEST_CASE("a finding is one line, whatever a server put into it") {
  CHECK(line_of({Finding::Level::failed, "connector db", "no\nway\x1b[2J", "ask"}) ==
        "✗ connector db: no way [2J → ask");
  CHECK(line_of({Finding::Level::warning, "clock", "late", ""}) == "! clock: late");
}

}  // namespace jitbot::doctor

// The public conformance cases of the language, kept outside the repository, each through the very lines that
// `jitbot policy eval` reads and writes.
#include "bot/policy/cel/eval_line.hpp"
#include "tests/support/recordings.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace {

using nlohmann::json;

std::filesystem::path recorded_cases() {
  return jitbot::testing::recordings("cel") / "conformance.jsonl";
}

// Maps have no order: their entries are sorted, in depth.
json sorted(const json& typed) {
  if (!typed.is_object() || typed.size() != 1) return typed;
  const std::string kind = typed.begin().key();
  json parts = json::array();
  if (kind == "list") {
    for (const json& item : typed["list"]) parts.push_back(sorted(item));
    return json{{"list", parts}};
  }
  if (kind != "map") return typed;
  std::vector<json> entries;
  for (const json& entry : typed["map"]) entries.push_back(json::array({sorted(entry[0]), sorted(entry[1])}));
  std::ranges::sort(entries, {}, [](const json& entry) { return entry.dump(); });
  return json{{"map", entries}};
}

}  // namespace

TEST_CASE("every conformance case has the value or the error that the language says", "[cel][conformance]") {
  std::ifstream cases(recorded_cases());
  if (!cases) {
    WARN("skipped: no recording " << recorded_cases() << " (set JITBOT_FIXTURES)");
    return;
  }
  std::size_t count = 0;
  for (std::string line; std::getline(cases, line);) {
    const json asked = json::parse(line);
    const json answer = json::parse(jitbot::cel::answer_line(line));
    INFO(asked.at("id").get<std::string>()
         << ": " << asked.at("expr").get<std::string>() << " gave " << answer.dump());
    if (asked.value("error", false)) {
      CHECK(answer.contains("error"));
    } else {
      const bool same = answer.contains("value") && sorted(answer["value"]) == sorted(asked.at("value"));
      CHECK(same);
    }
    ++count;
  }
  CHECK(count > 600);
}

#include "bot/model/ids.hpp"

#include <catch2/catch.hpp>

using namespace jitbot;

TEST_CASE("a request id is read as people write it down") {
  struct Row {
    const char* text;
    const char* id;  // empty: not an id
  };
  const auto row = GENERATE(values<Row>({
      {"JIT-7K3F", "7K3F"},
      {"jit-7k3f", "7K3F"},
      {"7k3f", "7K3F"},
      {"JIT-OIL0", "0110"},
      {"o1iL", "0111"},
      {"7K3", ""},
      {"", ""},
      {"JIT-", ""},
      {"7K3U", ""},
      {"7K-F", ""},
      {"7K3F ", ""},
      {"1234567890ABC", ""},
  }));
  const auto id = parse_request_id(row.text);
  CHECK(id.has_value() == (*row.id != '\0'));
  if (id) CHECK(id->value == row.id);
}

TEST_CASE("a request id that was made is read back the same") {
  for (const std::uint64_t random : {std::uint64_t{0}, std::uint64_t{31}, std::uint64_t{0x123456789ABCDEF}}) {
    const auto id = make_request_id(random, 6);
    CHECK(id.value.size() == 6);
    CHECK(parse_request_id(to_string(id)) == id);
  }
}

TEST_CASE("a principal is written as workspace and user, and read back") {
  const PrincipalId id{"slack:T0001", "U0001"};
  CHECK(to_string(id) == "slack:T0001/U0001");
  CHECK(parse_principal_id("slack:T0001/U0001") == id);
  for (const char* const bad : {"", "/", "slack:T1/", "/U1", "U1"})
    CHECK_FALSE(parse_principal_id(bad).has_value());
}

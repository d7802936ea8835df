#include "bot/app/config.hpp"

#include <catch2/catch.hpp>

using namespace jitbot;

TEST_CASE("an e-mail becomes an account as the connector says", "[config][account]") {
  const AccountMapping any = AccountByEmail{};
  const AccountMapping ours = AccountByEmail{{"example.com"}};
  const AccountMapping local = AccountByLocalPart{{"example.com", "example.org"}};
  const AccountMapping map = AccountByMap{{{"alice@example.com", "al"}}};

  CHECK(account_for(any, "Alice@Example.com").value() == "alice@example.com");
  CHECK(account_for(ours, "alice@example.com").value() == "alice@example.com");
  CHECK(account_for(local, "alice@example.org").value() == "alice");
  CHECK(account_for(map, "ALICE@example.com").value() == "al");

  struct Row {
    const AccountMapping& mapping;
    std::string email;
    std::string detail;
  };
  const std::vector<Row> refused = {
      {ours, "alice@elsewhere.com", "domain not listed"},
      {ours, "alice@sub.example.com", "domain not listed"},
      {local, "alice@elsewhere.com", "domain not listed"},
      {local, "alice@example.com@elsewhere.com", "domain not listed"},
      {map, "bob@example.com", "not in the map"},
      {any, "alice", "not an e-mail"},
      {any, "", "not an e-mail"},
      {any, "@example.com", "not an e-mail"},
      {local, "-x@example.com", "not usable as an account name"},
      {local, "a b@example.com", "not usable as an account name"},
      {local, "a\nb@example.com", "not usable as an account name"},
      {any, "-a@example.com", "not usable as an account name"},
  };
  for (const Row& row : refused) {
    INFO(row.email);
    const auto account = account_for(row.mapping, row.email);
    REQUIRE_FALSE(account);
    CHECK(account.error().kind == ErrorKind::refused);
    CHECK(account.error().detail == row.detail);
    CHECK(account.error().message == "you have no account there; ask an administrator");
  }
}

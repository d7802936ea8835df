#include "store/policy_archive.hpp"

#include "bot/model/audit_event.hpp"
#include "tests/unit/store/store_fixture.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <vector>

namespace jitbot {

namespace {

using testing::StoreFixture;

// Documents whose digests start alike: found by trying, as SHA-256 gives no other way.
std::vector<std::string> alike() {
  std::vector<std::string> found;
  for (int i = 0; found.size() < 2 && i < 10'000; ++i) {
    const std::string text = "{\"policy\":" + std::to_string(i) + "}";
    if (sha256_hex(text).starts_with("ab")) found.push_back(text);
  }
  REQUIRE(found.size() == 2);
  return found;
}

void keep(StoreFixture& fixture, const std::string& documents, std::int64_t at) {
  fixture.write([&](Tx& tx) { tx.put_policy(sha256_hex(documents), documents, time_from_ms(at)); });
}

}  // namespace

TEST_CASE("the documents of a digest are found by its first digits, beside whoever uses the store") {
  StoreFixture fixture;
  const auto documents = alike();
  CHECK(kept_policy(fixture.path(), "").error().kind == ErrorKind::not_found);
  keep(fixture, documents[0], 1000);
  keep(fixture, documents[1], 2000);

  const auto newest = kept_policy(fixture.path(), "");
  REQUIRE(newest);
  CHECK(newest->documents == documents[1]);
  CHECK(newest->digest == sha256_hex(documents[1]));
  CHECK(newest->since == time_from_ms(2000));

  const auto first = kept_policy(fixture.path(), sha256_hex(documents[0]).substr(0, 12));
  REQUIRE(first);
  CHECK(first->documents == documents[0]);

  const auto both = kept_policy(fixture.path(), "ab");
  REQUIRE_FALSE(both);
  CHECK(both.error().kind == ErrorKind::conflict);
  for (const std::string& one : documents) CHECK_THAT(both.error().message, Catch::Contains(sha256_hex(one)));
  CHECK(kept_policy(fixture.path(), "00000").error().kind == ErrorKind::not_found);
  CHECK(kept_policy(fixture.path(), "%").error().kind == ErrorKind::not_found);

  // One that came back is newer than one that was new in between.
  fixture.write([&](Tx& tx) { tx.put_meta("policy_in_force", sha256_hex(documents[0])); });
  CHECK(kept_policy(fixture.path(), "")->documents == documents[0]);
}

TEST_CASE("documents that were changed in the store are not taken for those of the digest") {
  StoreFixture fixture;
  const std::string documents = "{\"policy\":{}}";
  keep(fixture, documents, 1000);
  {
    SQLite::Database database(fixture.path().string(), SQLite::OPEN_READWRITE);
    database.exec("UPDATE policies SET documents = '{\"policy\":{ }}'");
  }
  const auto kept = kept_policy(fixture.path(), "");
  REQUIRE_FALSE(kept);
  CHECK(kept.error().kind == ErrorKind::invalid);
  CHECK_THAT(kept.error().message, Catch::Contains("were changed"));
  CHECK(kept_policy(fixture.folder().path("nothing.db"), "").error().kind != ErrorKind::conflict);
}

}  // namespace jitbot

#include "store/migrations.hpp"
#include "store/query.hpp"
#include "store/store_probe.hpp"
#include "tests/unit/store/store_fixture.hpp"

#include <fmt/format.h>

#include <fstream>
#include <unistd.h>

using namespace jitbot;
using namespace jitbot::testing;

namespace {

std::string content(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("a probe reads an open store and names the process that has it") {
  StoreFixture fixture;
  const auto probe = probe_store(fixture.path(), AuditHead{fixture.store().tip(), k_now});
  REQUIRE(probe.has_value());
  CHECK(probe->used_by == fmt::format("process {}", ::getpid()));
  CHECK(probe->tip == fixture.store().tip());
  CHECK(probe->schema == probe->newest_schema);
  CHECK_FALSE(probe->hash_at_head.has_value());  // before the first event

  const auto tried = try_to_write(fixture.path());
  REQUIRE_FALSE(tried.has_value());
  CHECK(tried.error().kind == ErrorKind::conflict);
  fixture.write([](Tx& tx) { tx.put_meta("a", "1"); });  // not disturbed
}

TEST_CASE("trying to write a closed store leaves nothing in it") {
  StoreFixture fixture;
  fixture.close();
  const auto before = probe_store(fixture.path(), std::nullopt);
  REQUIRE(before.has_value());
  CHECK(before->used_by.empty());
  REQUIRE(try_to_write(fixture.path()).has_value());
  fixture.open();  // the lock is free again
  CHECK(fixture.read([](Tx& tx) { return tx.meta("doctor"); }) == std::nullopt);
  CHECK(fixture.store().tip() == before->tip);
}

TEST_CASE("a probe makes nothing and migrates nothing") {
  TempFolder folder;
  const auto path = folder.path("jitbot.db");
  const auto none = probe_store(path, std::nullopt);
  REQUIRE_FALSE(none.has_value());
  CHECK(none.error().kind == ErrorKind::not_found);
  CHECK_FALSE(std::filesystem::exists(path));
  CHECK_FALSE(std::filesystem::exists(path.string() + ".lock"));

  std::ofstream{path};  // as after a start that ended before its first step
  const auto empty = probe_store(path, std::nullopt);
  REQUIRE(empty.has_value());
  CHECK(empty->schema == 0);
  CHECK(empty->newest_schema > 0);
  CHECK(content(path).empty());
}

TEST_CASE("a probe refuses what a start would refuse: another program's database, a newer version's") {
  StoreFixture fixture;
  fixture.close();
  auto driver = store::open_sqlite(fixture.path(), store::SqliteMode::read_write, 100ms);
  REQUIRE(driver.has_value());
  SECTION("another program's") {
    (*driver)->execute("PRAGMA application_id = 42");
    driver->reset();
    const auto probe = probe_store(fixture.path(), std::nullopt);
    REQUIRE_FALSE(probe.has_value());
    CHECK(probe.error().message.find("another program's database") != std::string::npos);
  }
  SECTION("a newer version's") {
    (*driver)->execute("INSERT INTO migrations (number, name, hash) VALUES (9999, 'later', 'x')");
    driver->reset();
    const auto probe = probe_store(fixture.path(), std::nullopt);
    REQUIRE_FALSE(probe.has_value());
    CHECK(probe.error().message.find("newer jitbot") != std::string::npos);
  }
}

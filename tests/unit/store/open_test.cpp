#include "store/migrations.hpp"
#include "store/query.hpp"
#include "tests/unit/store/store_fixture.hpp"

#include <fstream>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace jitbot;
using namespace jitbot::testing;

namespace {

unsigned mode_of(const std::filesystem::path& path) {
  struct stat status{};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777U;
}

void write_text(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

Error refused(const std::filesystem::path& path) {
  const auto opened = open_store(path, {.busy_timeout = 100ms});
  REQUIRE_FALSE(opened.has_value());
  CHECK(opened.error().message.find(path.string()) != std::string::npos);
  return opened.error();
}

}  // namespace

TEST_CASE("database, WAL and lock are for the owner's eyes alone, whatever the umask") {
  const mode_t before = ::umask(0);
  {
    StoreFixture fixture;
    fixture.write([](Tx& tx) { tx.put_meta("a", "1"); });
    for (const char* const suffix : {"", "-wal", "-shm", ".lock"}) {
      CHECK(mode_of(fixture.path().string() + suffix) == 0600);
    }
  }
  ::umask(before);
}

TEST_CASE("a database that others may read is made private when it is opened") {
  StoreFixture fixture;
  fixture.write([](Tx& tx) { tx.put_meta("a", "1"); });
  fixture.close();
  REQUIRE(::chmod(fixture.path().c_str(), 0664) == 0);
  fixture.open();
  fixture.write([](Tx& tx) { tx.put_meta("a", "2"); });
  CHECK(mode_of(fixture.path()) == 0600);
  CHECK(mode_of(fixture.path().string() + "-wal") == 0600);
}

TEST_CASE("the database is written as we promise: WAL, every commit synced, foreign keys") {
  StoreFixture fixture;
  auto driver = store::open_sqlite(fixture.path(), store::SqliteMode::read_write, 100ms);
  REQUIRE(driver.has_value());
  const auto pragma = [&](std::string_view sql) {
    store::Query query(**driver, sql);
    REQUIRE(query.next());
    return query.text();
  };
  CHECK(pragma("PRAGMA journal_mode") == "wal");
  CHECK(pragma("PRAGMA synchronous") == "2");
  CHECK(pragma("PRAGMA foreign_keys") == "1");
  CHECK(pragma("PRAGMA secure_delete") == "1");
}

TEST_CASE("a second bot on one store is refused, in the same process and in another") {
  StoreFixture fixture;
  const Error same = refused(fixture.path());
  CHECK(same.kind == ErrorKind::refused);
  CHECK(same.message.find("process " + std::to_string(::getpid())) != std::string::npos);

  std::filesystem::create_symlink(fixture.path(), fixture.folder().path("alias.db"));
  const auto by_alias = open_store(fixture.folder().path("alias.db"));
  REQUIRE_FALSE(by_alias.has_value());
  CHECK(by_alias.error().kind == ErrorKind::refused);

  const pid_t child = ::fork();
  if (child == 0) {
    const auto opened = open_store(fixture.path());
    ::_exit(!opened && opened.error().kind == ErrorKind::refused ? 0 : 1);
  }
  REQUIRE(child > 0);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 0));

  fixture.write([](Tx& tx) { tx.put_meta("a", "1"); });
  fixture.reopen();
  CHECK(fixture.read([](Tx& tx) { return tx.meta("a"); }) == "1");
}

TEST_CASE("a store has an id of its own that stays") {
  StoreFixture first;
  StoreFixture second;
  const auto id = first.store().tip().store_id;
  CHECK(id.size() == 32);
  CHECK(id != second.store().tip().store_id);
  first.reopen();
  CHECK(first.store().tip().store_id == id);
  CHECK_FALSE(first.try_write([](Tx& tx) -> Result<void> {
    tx.put_meta("store_id", "other");
    return {};
  }));
  CHECK(first.store().tip().store_id == id);
}

TEST_CASE("what is not a sound store of ours is refused and left as it is") {
  TempFolder folder;
  const auto path = folder.path("jitbot.db");

  SECTION("a text file") {
    const std::string text = "this is a shopping list, " + std::string(2000, 'x');
    write_text(path, text);
    CHECK(refused(path).kind == ErrorKind::refused);
    std::ifstream file(path, std::ios::binary);
    CHECK(std::string(std::istreambuf_iterator<char>(file), {}) == text);
  }
  SECTION("another program's database") {
    write_text(path, "");
    run_sql(path, "CREATE TABLE songs (title TEXT); INSERT INTO songs VALUES ('a')");
    CHECK(refused(path).message.find("another program's database") != std::string::npos);
    run_sql(path, "INSERT INTO songs VALUES ('b')");
  }
  SECTION("a damaged page") {
    {
      StoreFixture fixture;
      fixture.write([](Tx& tx) {
        for (int i = 0; i < 200; ++i) tx.audit(sample_event(i));
      });
      fixture.close();
      std::filesystem::copy_file(fixture.path(), path);
    }
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(4096L * 3);
    const auto size = static_cast<std::streamoff>(std::filesystem::file_size(path));
    for (std::streamoff at = 4096L * 3; at < size; ++at) file.put('\xA5');
    file.close();
    CHECK(refused(path).message.find("damaged") != std::string::npos);
  }
  SECTION("a folder") {
    std::filesystem::create_directory(path);
    CHECK(refused(path).kind == ErrorKind::refused);
  }
  SECTION("a folder that is not there") {
    CHECK(refused(folder.path("missing/jitbot.db")).kind == ErrorKind::not_found);
  }
}

TEST_CASE("a store that cannot be written is refused") {
  // Nobody's files in a folder that nobody may write: root drops to nobody first, since root may write
  // everything.
  constexpr uid_t k_nobody = 65534;
  StoreFixture fixture;
  fixture.write([](Tx& tx) { tx.put_meta("a", "1"); });
  fixture.close();
  const auto folder = fixture.path().parent_path();
  const bool root = ::geteuid() == 0;
  if (root) {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      REQUIRE(::chown(entry.path().c_str(), k_nobody, k_nobody) == 0);
    }
    REQUIRE(::chown(folder.c_str(), k_nobody, k_nobody) == 0);
  }
  REQUIRE(::chmod(folder.c_str(), 0500) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    if (root && ::setresuid(k_nobody, k_nobody, k_nobody) != 0) ::_exit(2);
    const auto opened = open_store(fixture.path(), {.busy_timeout = 100ms});
    const bool told = !opened && opened.error().message.find(fixture.path().string()) != std::string::npos;
    ::_exit(told && opened.error().kind == ErrorKind::refused ? 0 : 1);
  }
  REQUIRE(child > 0);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 0));
  REQUIRE(::chmod(folder.c_str(), 0700) == 0);
}

TEST_CASE("a store from a newer version, or from another build, is refused") {
  StoreFixture fixture;
  fixture.write([](Tx& tx) { tx.put_meta("a", "1"); });
  fixture.close();
  SECTION("newer") {
    run_sql(fixture.path(), "INSERT INTO migrations VALUES (99, '0099_future', 'x')");
    CHECK(refused(fixture.path()).message.find("newer jitbot") != std::string::npos);
    run_sql(fixture.path(), "DELETE FROM migrations WHERE number = 99");
  }
  SECTION("changed") {
    run_sql(fixture.path(), "UPDATE migrations SET name = name || hash");
    run_sql(fixture.path(), "UPDATE migrations SET hash = 'x' WHERE number = 1");
    CHECK(refused(fixture.path()).message.find("another build") != std::string::npos);
    run_sql(fixture.path(),
            "UPDATE migrations SET hash = substr(name, length('0001_spine') + 1) WHERE number = 1");
  }
  fixture.open();
  CHECK(fixture.read([](Tx& tx) { return tx.meta("a"); }) == "1");
}

TEST_CASE("migrations are numbered without gaps, run once each, and one that fails leaves nothing") {
  const auto shipped = store::sqlite_migrations();
  REQUIRE_FALSE(shipped.empty());
  for (std::size_t i = 0; i < shipped.size(); ++i) CHECK(shipped[i].number == static_cast<int>(i) + 1);

  TempFolder folder;
  write_text(folder.path("a.db"), "");
  auto driver =
      std::move(store::open_sqlite(folder.path("a.db"), store::SqliteMode::read_write, 100ms).value());
  const store::Migration first{1, "0001_first",
                               "CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (1)"};
  const store::Migration second{2, "0002_second", "UPDATE a SET x = x + 1"};
  const store::Migration broken{2, "0002_broken", "UPDATE a SET x = 50; UPDATE nothing SET x = 1"};
  const auto value = [&] {
    store::Query query(*driver, "SELECT x FROM a");
    REQUIRE(query.next());
    return query.integer();
  };
  REQUIRE(store::migrate(*driver, std::array{first}).has_value());
  REQUIRE(store::migrate(*driver, std::array{first}).has_value());
  CHECK(value() == 1);
  CHECK_THROWS_AS(store::migrate(*driver, std::array{first, broken}), store::SqlError);
  if (driver->in_transaction()) driver->execute("ROLLBACK");
  CHECK(value() == 1);
  REQUIRE(store::migrate(*driver, std::array{first, second}).has_value());
  REQUIRE(store::migrate(*driver, std::array{first, second}).has_value());
  CHECK(value() == 2);
  CHECK_FALSE(store::migrate(*driver, std::array{first}).has_value());
}

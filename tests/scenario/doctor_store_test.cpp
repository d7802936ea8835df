#include "store/audit_head.hpp"
#include "store/audit_key.hpp"
#include "store/sqlite_store.hpp"
#include "tests/scenario/doctor_office.hpp"

#include <fmt/format.h>

#include <unistd.h>

namespace jitbot::doctor {

TEST_CASE("a running bot is not disturbed, and said to be running") {
  Office office;
  const auto bot = open_store(office.db());
  REQUIRE(bot.has_value());
  const auto seen = office.look();
  CHECK(seen.exit_code == 0);
  const std::string mine = fmt::format("the bot is running (process {})", ::getpid());
  CHECK(begins_and_holds(seen.lines.at(2), "✓ " + office.store_line(), mine));
  CHECK(seen.lines.at(3) == "✓ audit: key, signed head and store agree up to event 1");
}

TEST_CASE("nothing is made where no store is yet") {
  Office office;
  for (const char* name : {"jitbot.db", "jitbot.db-wal", "jitbot.db-shm", "jitbot.db.lock", "audit.key",
                           "audit.key.pub", "audit.head"})
    fs::remove(office.folder / name);
  std::set<std::string> before;
  for (const auto& entry : fs::directory_iterator(office.folder)) before.insert(entry.path().filename());
  const auto seen = office.look();
  CHECK(seen.exit_code == 0);
  CHECK(begins_and_holds(seen.lines.at(2), "! " + office.store_line(), "the first `jitbot run` makes it"));
  CHECK(seen.lines.at(3) == "✓ audit: the first `jitbot run` makes the key");
  std::set<std::string> after;
  for (const auto& entry : fs::directory_iterator(office.folder)) after.insert(entry.path().filename());
  CHECK(after == before);
}

TEST_CASE("what is wrong with the store, the key or the head is said where it is") {
  auto defect = GENERATE(from_range(std::vector<Defect>{
      {"the store is gone, its head is not",
       [](Office& it) { fs::remove(it.db()); },
       {{"✗ store ", "is not there, but a signed head"}},
       {"store", "audit"}},
      {"the store's folder does not exist",
       [](Office& it) { it.change("jitbot.yaml", "sqlite:jitbot.db", "sqlite:nowhere/jitbot.db"); },
       {{"✗ store ", "signed head"}},
       {"store", "audit"}},
      {"another file lies where the store should",
       [](Office& it) { it.write("jitbot.db", std::string(8192, 'x')); },
       {{"✗ store", "no SQLite database"}, {"! audit", "not compared"}},
       {"store", "audit"}},
      {"the key is gone",
       [](Office& it) { fs::remove(it.folder / "audit.key"); },
       {{"✗ audit", "is missing, but something was signed with it already → put it back"}},
       {"audit"}},
      {"others may read the key",
       [](Office& it) { fs::permissions(it.folder / "audit.key", fs::perms::all); },
       {{"✗ audit", "audit.key"}},
       {"audit"}},
      {"the public half is another key's",
       [](Office& it) {
         REQUIRE(make_audit_key(it.folder / "other.key").has_value());
         fs::remove(it.folder / "audit.key.pub");
         fs::rename(it.folder / "other.key.pub", it.folder / "audit.key.pub");
       },
       {{"✗ audit", "is not the public half of"}},
       {}},
      {"the head is gone",
       [](Office& it) { fs::remove(it.folder / "audit.head"); },
       {{"✗ audit", "is missing, but the store has 1 event"}},
       {"audit"}},
      {"the head is nobody's",
       [](Office& it) { it.write("audit.head", "{}\n"); },
       {{"✗ audit", "is not signed by"}},
       {"audit"}},
      {"the head tells of more than the store has",
       [](Office& it) {
         const auto key = load_audit_key(it.folder / "audit.key");
         REQUIRE(key.has_value());
         const auto head = verify_head(key->public_key(), read_head(it.folder / "audit.head").value());
         REQUIRE(head.has_value());
         AuditHead ahead = *head;
         ahead.tip.sequence = 7;
         REQUIRE(write_head(*key, it.folder / "audit.head", ahead).has_value());
       },
       {{"✗ audit", "the store ends at event 1, before the signed head at 7"}},
       {"audit"}},
  }));
  Office office;
  if (defect.instead.erase("store") > 0) defect.instead.insert(office.store_line());
  judge(office, defect);
}

}  // namespace jitbot::doctor

#include "store/audit_verify.hpp"
#include "tests/unit/store/store_fixture.hpp"

#include <fstream>

using namespace jitbot;
using namespace jitbot::testing;

namespace {

void add_events(StoreFixture& fixture, int from, int to) {
  for (int number = from; number <= to; ++number) {
    fixture.write([number](Tx& tx) { tx.audit(sample_event(number)); });
  }
}

AuditHead head_of(StoreFixture& fixture) {
  return {fixture.store().tip(), k_now};
}

AuditVerdict verified(StoreFixture& fixture, const std::optional<AuditHead>& head) {
  auto verdict = verify_audit(fixture.path(), head);
  if (!verdict) FAIL(verdict.error().message);
  return std::move(*verdict);
}

std::int64_t first_bad(const AuditVerdict& verdict) {
  REQUIRE(verdict.problem.has_value());
  CHECK_FALSE(verdict.problem->why.empty());
  return verdict.problem->sequence;
}

}  // namespace

TEST_CASE("events are chained in the order of their commits, and history reads oldest first") {
  StoreFixture fixture;
  CHECK(fixture.store().tip().sequence == 0);
  CHECK(fixture.store().tip().hash == std::string(64, '0'));
  fixture.write([](Tx& tx) {
    tx.audit(sample_event(1));
    tx.audit(sample_event(1));
    tx.audit(sample_event(2));
  });
  fixture.reopen();
  fixture.write([](Tx& tx) { tx.audit(sample_event(1)); });

  const auto events = fixture.read([](Tx& tx) { return tx.audit_of(sample_event(1).subject, 10); });
  REQUIRE(events.size() == 3);
  CHECK(events[0].sequence == 1);
  CHECK(events[0].previous == std::string(64, '0'));
  CHECK(events[1].sequence == 2);
  CHECK(events[1].previous == events[0].hash);
  CHECK(events[2].sequence == 4);
  CHECK(events[2].event.actor == sample_event(1).actor);
  CHECK(events[2].event.at == sample_event(1).at);
  CHECK(events[2].event.detail == sample_event(1).detail);
  CHECK(events[2].hash == chain_hash(4, events[2].event, events[2].previous));
  CHECK(fixture.store().tip().hash == events[2].hash);

  const auto newest = fixture.read([](Tx& tx) { return tx.audit_of(sample_event(1).subject, 2); });
  REQUIRE(newest.size() == 2);
  CHECK(newest[0].sequence == 2);
  CHECK(verified(fixture, std::nullopt).tip == fixture.store().tip());
}

TEST_CASE("a detail is stored in its canonical form, and one that has none undoes the transaction") {
  StoreFixture fixture;
  fixture.write([](Tx& tx) {
    AuditEvent event = sample_event(1);
    event.detail = R"({ "b": 2, "a": "\u00e9" })";
    tx.audit(event);
    event.detail.clear();
    tx.audit(event);
  });
  const auto events = fixture.read([](Tx& tx) { return tx.audit_of(sample_event(1).subject, 10); });
  REQUIRE(events.size() == 2);
  CHECK(events[0].event.detail == "{\"a\":\"\xC3\xA9\",\"b\":2}");
  CHECK(events[1].event.detail == "{}");
  for (const char* const detail : {"[]", "{", R"({"a":0.5})"}) {
    const auto done = fixture.try_write([detail](Tx& tx) -> Result<void> {
      AuditEvent event = sample_event(1);
      event.detail = detail;
      tx.put_meta("a", "1");
      tx.audit(event);
      return {};
    });
    CHECK_FALSE(done.has_value());
  }
  CHECK_FALSE(fixture.read([](Tx& tx) { return tx.meta("a"); }).has_value());
  CHECK_FALSE(verified(fixture, std::nullopt).problem.has_value());
}

TEST_CASE("whoever tampers with the chain is found out, at the first event that is bad") {
  StoreFixture fixture;
  add_events(fixture, 1, 10);
  const AuditHead head = head_of(fixture);

  struct Row {
    const char* what;
    const char* sql;
    std::int64_t first_bad;
  };
  const auto row = GENERATE(values<Row>({
      {"who acted", "UPDATE audit SET actor = 'slack:T0001/U0666' WHERE sequence = 4", 4},
      {"when", "UPDATE audit SET at = at + 1 WHERE sequence = 1", 1},
      {"what", "UPDATE audit SET action = 'request.denied' WHERE sequence = 10", 10},
      {"to what", "UPDATE audit SET subject = 'JIT-0000' WHERE sequence = 7", 7},
      {"a detail", R"(UPDATE audit SET detail = '{"number":99}' WHERE sequence = 5)", 5},
      {"a detail's spelling", R"(UPDATE audit SET detail = '{"number": 5}' WHERE sequence = 5)", 5},
      {"a detail's kind", "UPDATE audit SET detail = 'x' WHERE sequence = 5", 5},
      {"a detail twice", R"(UPDATE audit SET detail = '{"number":6,"number":5}' WHERE sequence = 5)", 5},
      {"a hash", "UPDATE audit SET hash = replace(hash, substr(hash, 1, 1), 'x') WHERE sequence = 6", 6},
      {"text that is not UTF-8", "UPDATE audit SET subject = CAST(x'ff' AS TEXT) WHERE sequence = 3", 3},
      {"the first removed", "DELETE FROM audit WHERE sequence = 1", 1},
      {"one removed", "DELETE FROM audit WHERE sequence = 5", 5},
      {"one removed, the gap closed",
       "DELETE FROM audit WHERE sequence = 5; UPDATE audit SET sequence = sequence - 1 WHERE sequence > 5",
       5},
      {"two swapped",
       "UPDATE audit SET sequence = 100 WHERE sequence = 3; UPDATE audit SET sequence = 3 WHERE sequence = 4;"
       "UPDATE audit SET sequence = 4 WHERE sequence = 100",
       3},
      {"two swapped, their links mended",
       "CREATE TEMP TABLE t AS SELECT * FROM audit WHERE sequence IN (3, 4);"
       "UPDATE audit SET (at, actor, action, subject, detail) ="
       " (SELECT at, actor, action, subject, detail FROM t WHERE t.sequence = 7 - audit.sequence)"
       " WHERE sequence IN (3, 4)",
       3},
      {"one put in before the first",
       "INSERT INTO audit SELECT 0, at, actor, action, subject, detail, previous, hash FROM audit WHERE "
       "sequence = 1",
       0},
      {"one put in at the end",
       "INSERT INTO audit SELECT 11, at, actor, action, subject, detail, previous, hash FROM audit WHERE "
       "sequence = 10",
       11},
      {"the end cut off", "DELETE FROM audit WHERE sequence > 8", 9},
      {"everything cut off", "DELETE FROM audit", 1},
  }));
  INFO(row.what);
  fixture.close();
  run_sql(fixture.path(), row.sql);
  const auto verdict = verified(fixture, head);
  CHECK(first_bad(verdict) == row.first_bad);
}

TEST_CASE("a chain written anew from an event on does not fit the signed head") {
  StoreFixture fixture;
  add_events(fixture, 1, 10);
  const AuditHead head = head_of(fixture);
  fixture.close();
  run_sql(fixture.path(), "DELETE FROM audit WHERE sequence > 5");
  fixture.open();
  add_events(fixture, 20, 29);  // longer than before: 15 events, all with proper hashes
  CHECK_FALSE(verified(fixture, std::nullopt).problem.has_value());
  const auto verdict = verified(fixture, head);
  CHECK(first_bad(verdict) == 10);
  CHECK(verdict.head == HeadRelation::diverged);
  CHECK(fixture.store().compare(head).value() == HeadRelation::diverged);
}

TEST_CASE("a restored backup is found out, and the bot that starts on it can tell") {
  StoreFixture fixture;
  add_events(fixture, 1, 6);
  fixture.close();
  std::filesystem::copy_file(fixture.path(), fixture.folder().path("backup.db"));
  fixture.open();
  add_events(fixture, 7, 10);
  const AuditHead head = head_of(fixture);
  CHECK(fixture.store().compare(head).value() == HeadRelation::same);
  fixture.close();
  std::filesystem::copy_file(fixture.folder().path("backup.db"), fixture.path(),
                             std::filesystem::copy_options::overwrite_existing);
  fixture.open();
  const auto verdict = verified(fixture, head);
  CHECK(first_bad(verdict) == 7);
  CHECK(verdict.head == HeadRelation::head_ahead);
  CHECK(fixture.store().compare(head).value() == HeadRelation::head_ahead);
}

TEST_CASE("verifying works beside a running bot, and events after the head are in order") {
  StoreFixture fixture;
  add_events(fixture, 1, 5);
  const AuditHead head = head_of(fixture);
  CHECK(verified(fixture, head).head == HeadRelation::same);
  add_events(fixture, 6, 8);
  const auto verdict = verified(fixture, head);
  CHECK_FALSE(verdict.problem.has_value());
  CHECK(verdict.head == HeadRelation::store_ahead);
  CHECK(verdict.tip == fixture.store().tip());
  add_events(fixture, 9, 9);
  CHECK_FALSE(verified(fixture, head).problem.has_value());
}

TEST_CASE("the head of another store, or no store at all, is told apart from tampering") {
  StoreFixture fixture;
  StoreFixture other;
  add_events(fixture, 1, 3);
  add_events(other, 1, 3);
  const auto verdict = verified(fixture, head_of(other));
  CHECK(first_bad(verdict) == 0);
  CHECK(verdict.head == HeadRelation::diverged);
  const auto missing = verify_audit(fixture.folder().path("missing.db"), std::nullopt);
  REQUIRE_FALSE(missing.has_value());
  CHECK(missing.error().kind == ErrorKind::not_found);
  std::ofstream(fixture.folder().path("text.db")) << std::string(5000, 'x');
  CHECK_FALSE(verify_audit(fixture.folder().path("text.db"), std::nullopt).has_value());
}

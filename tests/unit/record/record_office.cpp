#include "tests/unit/record/record_office.hpp"

#include "bot/workflow/ask.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <algorithm>

namespace jitbot::testing {

Result<void> RecordOffice::run(const std::function<void(Recorder&)>& work, const Result<void>& end) {
  return store_.try_write([&](Tx& tx) -> Result<void> {
    Recorder record(tx, settings_, now);
    work(record);
    return end;
  });
}

void RecordOffice::write(const std::function<void(Recorder&)>& work) {
  const auto done = run(work, {});
  if (!done) FAIL(done.error().message << " " << done.error().detail);
}

void RecordOffice::write_and_fail(const std::function<void(Recorder&)>& work) {
  const auto done = run(work, fail(ErrorKind::conflict, "undone"));
  REQUIRE_FALSE(done);
  REQUIRE(done.error().kind == ErrorKind::conflict);
}

RequestId RecordOffice::ask(const std::string& id, const std::string& who, bool automatic, Millis duration,
                            std::optional<Time> start) {
  Asked asked = sample_request().asked;
  asked.asker = asked.beneficiary = id_of(who);
  asked.beneficiary_email = who + "@example.com";
  asked.account = who;
  asked.params = {{"role", "ro_" + who}};
  asked.asked_at = now;
  asked.duration = duration;
  asked.start = start;
  asked.post_to = {"#approvals", "#audit"};
  asked.automatic = automatic;
  if (automatic) asked.steps.clear();
  Request request = make_request(asked, RequestId{id}, std::nullopt);
  if (automatic) request = approved_by_rule(request, now);
  write([&](Recorder& record) { record.ask(request); });
  return request.id;
}

RequestId RecordOffice::ask_extension(const std::string& id, const RequestId& grant_id, Millis by,
                                      bool automatic) {
  Asked asked = request(grant_id).asked;
  asked.kind = RequestKind::extension;
  asked.extends = grant_id;
  asked.duration = by;
  asked.asked_at = now;
  asked.automatic = automatic;
  asked.steps = {leads_step(1)};
  if (automatic) asked.steps.clear();
  Request extension = make_request(asked, RequestId{id}, grant(grant_id).end());
  if (automatic) extension = approved_by_rule(extension, now);
  write([&](Recorder& record) { record.ask(extension); });
  return extension.id;
}

RequestOutcome RecordOffice::act(const RequestId& id, const std::string& who, RequestEvent event,
                                 const std::string& reason, const Facts& facts) {
  RequestOutcome out;
  write([&](Recorder& record) {
    record.settle_request(id);
    Facts asked = facts;
    asked.now = now;
    const RequestInput input{.event = event, .actor = id_of(who), .reason = reason};
    out = apply(*record.tx().request(id), record.tx().votes(id), input, company(), asked);
    record.save(out);
  });
  return out;
}

void RecordOffice::approve_all(const RequestId& id) {
  act(id, "lena", RequestEvent::approve);
  act(id, "leo", RequestEvent::approve);
  REQUIRE(act(id, "sam", RequestEvent::approve).request.state == RequestState::approved);
}

void RecordOffice::grant_event(const RequestId& id, GrantEvent event, const std::string& who) {
  write([&](Recorder& record) {
    const auto access = record.access_of(id);
    REQUIRE(access);
    record.save(jitbot::grant_event(*access, id, {.event = event, .actor = id_of(who), .now = now}));
  });
}

void RecordOffice::call(EntitlementId id, Presence presence, const Result<void>& result) {
  write([&](Recorder& record) {
    auto access = record.access(id);
    REQUIRE(access);
    record.save(settle(*access, now));
    access = record.access(id);
    record.save(with_lease(access->entitlement, wanted_by(access->grants), now, 30s));
  });
  write([&](Recorder& record) {
    const auto access = record.access(id);
    REQUIRE(access->entitlement.lease);
    const Lease lease = *access->entitlement.lease;
    const Wanted wanted = wanted_by(access->grants);
    const auto happened =
        lease.call == Call::observe
            ? observed(access->entitlement, wanted, {presence, {}, false, "seen so"}, lease.started, now, {})
            : returned(access->entitlement, result, now);
    record.save(entitlement_event(*access, happened, now));
  });
}

void RecordOffice::activate(EntitlementId id) {
  call(id, Presence::absent);
  call(id, Presence::absent);
  call(id, Presence::present);
}

void RecordOffice::remove(EntitlementId id) {
  call(id, Presence::absent);
  call(id, Presence::absent);
}

Request RecordOffice::request(const RequestId& id) {
  return *read([&](Tx& tx) { return tx.request(id); });
}
Grant RecordOffice::grant(const RequestId& id) {
  return *read([&](Tx& tx) { return tx.grant(id); });
}
Entitlement RecordOffice::entitlement(EntitlementId id) {
  return *read([&](Tx& tx) { return tx.entitlement(id); });
}
std::vector<CardRow> RecordOffice::cards(const RequestId& id) {
  return read([&](Tx& tx) { return tx.cards(id); });
}
std::vector<NoticeRow> RecordOffice::notices() {
  return read([&](Tx& tx) { return tx.notices_to_send(now + 365 * 24h, 10'000); });
}

std::vector<std::string> RecordOffice::notice_keys() {
  std::vector<std::string> keys;
  for (const NoticeRow& notice : notices()) keys.push_back(notice.key);
  std::ranges::sort(keys);
  return keys;
}

std::vector<std::string> RecordOffice::actions(const std::string& subject) {
  std::vector<std::string> actions;
  for (const ChainedEvent& event : read([&](Tx& tx) { return tx.audit_of(subject, 1000); })) {
    actions.push_back(event.event.action);
  }
  return actions;
}

std::optional<Time> RecordOffice::due(DueKind kind, const std::string& subject) {
  for (const Due& due : read([&](Tx& tx) { return tx.due_of({kind}, now + 365 * 24h, 10'000); })) {
    if (due.subject == subject) return due.at;
  }
  return std::nullopt;
}

StateDump RecordOffice::dump() {
  StateDump dump;
  SQLite::Database database(store_.path().string(), SQLite::OPEN_READONLY, 5000);
  for (const char* table : {"requests", "votes", "entitlements", "grants", "dues", "cards", "notices"}) {
    SQLite::Statement rows(database, std::string("SELECT * FROM ") + table);
    while (rows.executeStep()) {
      std::string row;
      for (int i = 0; i < rows.getColumnCount(); ++i) row += rows.getColumn(i).getString() + "|";
      const std::string key = std::string(table) + "/" + rows.getColumn(0).getString() +
                              (std::string_view(table) == "votes" || std::string_view(table) == "dues"
                                   ? "/" + rows.getColumn(1).getString()
                                   : "");
      dump.emplace(key, row);
    }
  }
  return dump;
}

std::int64_t RecordOffice::audit_count() {
  SQLite::Database database(store_.path().string(), SQLite::OPEN_READONLY, 5000);
  return database.execAndGet("SELECT count(*) FROM audit").getInt64();
}

std::vector<std::string> RecordOffice::audit_subjects(std::int64_t after) {
  SQLite::Database database(store_.path().string(), SQLite::OPEN_READONLY, 5000);
  SQLite::Statement rows(database, "SELECT subject FROM audit WHERE sequence > ? ORDER BY sequence");
  rows.bind(1, after);
  std::vector<std::string> subjects;
  while (rows.executeStep()) subjects.push_back(rows.getColumn(0).getString());
  return subjects;
}

}  // namespace jitbot::testing

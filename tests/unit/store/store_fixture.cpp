#include "tests/unit/store/store_fixture.hpp"

#include <SQLiteCpp/Database.h>

#include <cstdlib>

namespace jitbot::testing {

TempFolder::TempFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "jitbot-store-XXXXXX").string();
  REQUIRE(::mkdtemp(pattern.data()) != nullptr);
  path_ = pattern;
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void StoreFixture::open() {
  auto opened = open_store(path());
  if (!opened) FAIL(opened.error().message << " " << opened.error().detail);
  store_ = std::move(*opened);
}

void StoreFixture::write(const std::function<void(Tx&)>& work) {
  const auto done = try_write([&work](Tx& tx) -> Result<void> {
    work(tx);
    return {};
  });
  if (!done) FAIL(done.error().message << " " << done.error().detail);
}

Result<void> StoreFixture::try_write(Store::Work work) {
  return loop_.run(store_->write(std::move(work)));
}
Result<void> StoreFixture::try_read(Store::Work work) {
  return loop_.run(store_->read(std::move(work)));
}

PrincipalId user(const std::string& name) {
  return {"slack:T0001", name};
}

Request sample_request(const std::string& id) {
  Request request;
  request.id.value = id;
  request.asked.asker = user("U0001");
  request.asked.beneficiary = user("U0002");
  request.asked.beneficiary_email = "ada@example.com";
  request.asked.account = "ada";
  request.asked.resource = "staging-" + id;
  request.asked.role = "read";
  request.asked.connector = "pg";
  request.asked.params = {{"role", "readers"}};
  request.asked.duration = 1h;
  request.asked.reason = "look at \"queue\"; DROP TABLE requests; \xE2\x9C\x93";
  request.asked.steps = {{"lead", {{Subject::Kind::group, "leads"}}, 1}};
  request.asked.warn_before = {10min};
  request.asked.asked_at = k_now;
  request.digest = digest_of(request.asked, 1);
  request.revision = 1;
  request.times_out_at = k_now + 4h;
  return request;
}

Entitlement sample_entitlement(const std::string& account) {
  Entitlement entitlement;
  entitlement.key = {"pg", {{"role", "readers"}, {"database", "app"}}, account};
  entitlement.resource = "staging";
  entitlement.role = "read";
  entitlement.on_existing = OnExisting::refuse;
  entitlement.state = EntitlementState::removing;
  entitlement.present_started = true;
  entitlement.confirmed = true;
  entitlement.asked_until = k_now + 1h;
  entitlement.last_present_returned = k_now + 1s;
  entitlement.lease = Lease{Call::absent, k_now + 2s, k_now + 32s, 4};
  entitlement.next_token = 5;
  entitlement.next_at = k_now + 5min;
  entitlement.next_call = Call::absent;
  entitlement.failures = 2;
  entitlement.absences = 1;
  entitlement.removal_wanted = k_now + 1h;
  entitlement.overdue_since = k_now + 61min;
  entitlement.alarm_at = k_now + 65min;
  entitlement.alarms = 3;
  entitlement.last_error = "role \"readers\" is in use";
  entitlement.tries = 7;
  return entitlement;
}

Grant sample_grant(const std::string& id, EntitlementId entitlement) {
  Grant grant;
  grant.id.value = id;
  grant.entitlement = entitlement;
  grant.asker = user("U0001");
  grant.beneficiary = user("U0002");
  grant.resource = "staging";
  grant.role = "read";
  grant.state = GrantState::ending;
  grant.created = k_now;
  grant.window_end = k_now + 15min;
  grant.duration = 1h;
  grant.until = k_now + 2h;
  grant.latest_end = k_now + 75min;
  grant.confirmed = k_now + 3s;
  grant.warn_before = {10min, 1min};
  grant.warned = 1;
  grant.standing = true;
  grant.failing = true;
  grant.cause = EndCause::revoked;
  grant.ended_by = user("U0003");
  grant.end_reason = "finished early";
  grant.end_wanted_at = k_now + 30min;
  grant.ended_as = EndedAs::held;
  grant.ended_at = k_now + 31min;
  grant.note = "JIT-9ZZZ until 17:00";
  return grant;
}

AuditEvent sample_event(int number) {
  return {k_now + number * 1s, user("U0001"), "request.asked", "JIT-" + std::to_string(1000 + number),
          R"({"number":)" + std::to_string(number) + "}"};
}

void run_sql(const std::filesystem::path& path, const std::string& sql) {
  SQLite::Database database(path.string(), SQLite::OPEN_READWRITE, 5000);
  database.exec(sql);
}

}  // namespace jitbot::testing

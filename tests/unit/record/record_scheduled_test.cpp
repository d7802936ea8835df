#include "tests/unit/record/record_office.hpp"
#include "tests/unit/workflow/people.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

// What is asked for a later time, as it is kept.
namespace jitbot::testing {

TEST_CASE("a scheduled grant waits with its start and its window, and touches nothing") {
  RecordOffice office;
  const RequestId id = office.ask("R001", "bea", true, 1h, office.now + 2h);
  CHECK(office.grant(id).state == GrantState::scheduled);
  CHECK(office.due(DueKind::start, "R001") == office.now + 2h);
  CHECK(office.due(DueKind::grant, "R001") == office.now + 2h + 15min);
  CHECK(office.entitlement(office.grant(id).entitlement).state == EntitlementState::rest);
  CHECK(office.due(DueKind::call, "1") == std::nullopt);

  SECTION("before its start it does not start") {
    office.write([&](Recorder& record) { record.start_grant(id); });
    CHECK(office.grant(id).state == GrantState::scheduled);
  }
  SECTION("at its start it is set up") {
    office.now += 2h;
    office.write([&](Recorder& record) { record.start_grant(id); });
    CHECK(office.grant(id).state == GrantState::activating);
    CHECK(office.due(DueKind::start, "R001") == std::nullopt);
    CHECK(office.due(DueKind::call, "1") == office.now);
  }
  SECTION("started too late it is not") {
    office.now += 2h + 15min;
    office.write([&](Recorder& record) { record.start_grant(id); });
    CHECK(office.grant(id).ended_as == EndedAs::not_started);
    CHECK(office.due(DueKind::start, "R001") == std::nullopt);
    CHECK(office.due(DueKind::grant, "R001") == std::nullopt);
  }
  SECTION("its beneficiary deactivated it ends") {
    office.write([&](Recorder& record) { CHECK(record.deactivate(id_of("bea")) == 1); });
    CHECK(office.grant(id).ended_as == EndedAs::not_started);
    CHECK(office.grant(id).cause == EndCause::deactivated);
    CHECK(office.due(DueKind::start, "R001") == std::nullopt);
  }
}

}  // namespace jitbot::testing

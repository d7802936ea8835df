#include "bot/model/nudges.hpp"

#include "tests/unit/workflow/people.hpp"

#include <catch2/catch.hpp>

// When a pending request's approvers are told again.
namespace jitbot::testing {

namespace {

Request with(Millis remind, const std::vector<Millis>& escalate, RemindWhere where = RemindWhere::thread) {
  Request request = sample_request();
  request.asked.remind = remind;
  request.asked.remind_where = where;
  for (const Millis after : escalate)
    request.asked.escalate.push_back({after, {{Subject::Kind::email, "olga@example.com"}}});
  return request;
}

Nudge reminder(Millis after) {
  return {k_start + after, std::nullopt};
}
Nudge escalation(Millis after, std::size_t number) {
  return {k_start + after, number};
}

}  // namespace

TEST_CASE("a rule without reminder and escalation has nothing before the time-out") {
  const Request request = with(0ms, {});
  CHECK(nudges_of(request.asked).empty());
  CHECK_FALSE(next_nudge(request).has_value());
  CHECK(next_due(request) == request.times_out_at);
}

TEST_CASE("nudges come in the order of their times, a reminder before an escalation of the same moment") {
  const Request request = with(15min, {10min, 15min, 20min});
  CHECK(nudges_of(request.asked) == std::vector<Nudge>{escalation(10min, 0), reminder(15min),
                                                       escalation(15min, 1), escalation(20min, 2)});
}

TEST_CASE("approvers are told at once where the rule names them and no time") {
  CHECK(next_nudge(with(0ms, {}, RemindWhere::direct)) == reminder(0ms));
  CHECK(next_nudge(with(5min, {}, RemindWhere::direct)) == reminder(5min));
}

TEST_CASE("what is behind a request does not come again, and the next escalation is the next one") {
  Request request = with(10min, {5min, 20min});
  CHECK(next_nudge(request) == escalation(5min, 0));
  request.nudges = 1;
  CHECK(next_nudge(request) == reminder(10min));
  CHECK(next_escalation(request) == escalation(20min, 1));
  CHECK(next_due(request) == k_start + 10min);
  request.nudges = 3;
  CHECK_FALSE(next_nudge(request).has_value());
  request.nudges = 30;
  CHECK(next_due(request) == request.times_out_at);
}

TEST_CASE("nothing comes at or after the time-out, nor once it is decided") {
  Request request = with(10min, {20min});
  request.times_out_at = k_start + 20min;  // an extension's grant may end before the rule's time-out
  request.nudges = 1;
  CHECK_FALSE(next_nudge(request).has_value());
  CHECK_FALSE(next_escalation(request).has_value());
  request.times_out_at = k_start + 20min + 1ms;
  CHECK(next_nudge(request) == escalation(20min, 0));
  request.state = RequestState::denied;
  CHECK_FALSE(next_nudge(request).has_value());
}

}  // namespace jitbot::testing

#include "bot/workflow/ask.hpp"
#include "tests/unit/record/record_office.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>

// What is due while a request waits: durable, in order, and never an answer that a timer changed.
namespace jitbot::testing {

namespace {

RequestId ask_nudged(RecordOffice& office, RemindWhere where = RemindWhere::thread, Millis remind = 10min) {
  Asked asked = sample_request().asked;
  asked.asker = asked.beneficiary = id_of("bea");
  asked.asked_at = office.now;
  asked.pending_timeout = 1h;
  asked.post_to = {"#approvals"};
  asked.remind = remind;
  asked.remind_where = where;
  asked.escalate = {{20min, {{Subject::Kind::email, "olga@example.com"}}}};
  const Request request = make_request(asked, RequestId{"R001"}, std::nullopt);
  office.write([&](Recorder& record) { record.ask(request); });
  return request.id;
}

void settle(RecordOffice& office, const RequestId& id) {
  office.write([&](Recorder& record) { record.settle_request(id); });
}

long count(const std::vector<std::string>& all, const std::string& one) {
  return std::ranges::count(all, one);
}

using Actions = std::vector<std::string>;

}  // namespace

TEST_CASE("the request's due time is the next reminder, escalation or time-out, and survives a restart") {
  RecordOffice office;
  const auto id = ask_nudged(office);
  CHECK(office.due(DueKind::request, "R001") == k_start + 10min);
  office.now = k_start + 10min - 1ms;
  settle(office, id);
  CHECK(office.request(id).nudges == 0);

  office.now = k_start + 10min;
  settle(office, id);
  settle(office, id);
  office.store().reopen();
  CHECK(office.request(id).nudges == 1);
  CHECK(office.actions("JIT-R001") == Actions{"request.asked", "request.reminded"});
  CHECK(office.due(DueKind::request, "R001") == k_start + 20min);
  CHECK(office.due(DueKind::nudge, "remind/R001") == office.now);

  office.now = k_start + 20min;
  settle(office, id);
  CHECK(office.due(DueKind::request, "R001") == k_start + 1h);
  CHECK(office.due(DueKind::nudge, "escalate/R001/0") == office.now);
  CHECK(count(office.actions("JIT-R001"), "request.escalated") == 1);
}

TEST_CASE("approvers who are told directly are told at once where the rule names no time") {
  RecordOffice office;
  const auto id = ask_nudged(office, RemindWhere::direct, 0ms);
  CHECK(office.request(id).nudges == 1);
  CHECK(office.due(DueKind::nudge, "remind/R001") == k_start);
  CHECK(office.due(DueKind::request, "R001") == k_start + 20min);
}

TEST_CASE("a late timer changes no answer: what was due comes first, in its order") {
  RecordOffice office;
  const auto id = ask_nudged(office);
  office.now = k_start + 25min;
  CHECK(office.act(id, "lena", RequestEvent::approve).changed);
  CHECK(office.actions("JIT-R001") ==
        Actions{"request.asked", "request.reminded", "request.escalated", "request.vote"});
  CHECK(office.due(DueKind::request, "R001") == k_start + 1h);
}

TEST_CASE("a vote after the time-out is refused though no reminder was told") {
  RecordOffice office;
  const auto id = ask_nudged(office);
  office.now = k_start + 1h;
  const auto out = office.act(id, "lena", RequestEvent::approve);
  CHECK_FALSE(out.changed);
  CHECK(office.request(id).state == RequestState::timed_out);
  CHECK(office.actions("JIT-R001") == Actions{"request.asked", "request.reminded", "request.escalated",
                                              "request.timed_out", "request.vote_refused"});
  CHECK(office.due(DueKind::request, "R001") == std::nullopt);
}

TEST_CASE("a decided request is reminded of nothing") {
  RecordOffice office;
  const auto id = ask_nudged(office);
  office.act(id, "bea", RequestEvent::cancel);
  CHECK(office.due(DueKind::request, "R001") == std::nullopt);
  office.now = k_start + 30min;
  settle(office, id);
  CHECK(office.due(DueKind::nudge, "remind/R001") == std::nullopt);
  CHECK(office.request(id).nudges == 0);
}

TEST_CASE("a card goes to a person directly once") {
  RecordOffice office;
  const auto id = ask_nudged(office);
  bool first = false;
  bool second = true;
  office.write([&](Recorder& record) {
    first = record.show_directly(*record.tx().request(id), id_of("lena"));
    second = record.show_directly(*record.tx().request(id), id_of("lena"));
  });
  CHECK(first);
  CHECK_FALSE(second);
  const auto cards = office.cards(id);
  CHECK(std::ranges::count_if(cards, [](const CardRow& card) {
          return card.face == CardRow::Face::approval && card.place == direct(id_of("lena"));
        }) == 1);
}

TEST_CASE("that nobody can approve a step is told once, and again after it was possible") {
  RecordOffice office;
  const auto id = ask_nudged(office);
  const auto found = [&](const std::map<std::string, std::string>& steps) {
    office.now += 1min;
    office.write([&](Recorder& record) { record.nobody_can(*record.tx().request(id), steps); });
  };
  const auto told = [&] {
    return std::ranges::count_if(office.notices(), [](const NoticeRow& notice) {
      return notice.kind == to_string(NoticeKind::nobody_can_approve) && !notice.place.direct;
    });
  };
  found({{"lead", "needs 2 more, and 1 is left"}});
  found({{"lead", "needs 2 more, and nobody is left"}});
  CHECK(told() == 1);
  CHECK(office.request(id).stuck == std::vector<std::string>{"lead"});
  found({{"lead", "as before"}, {"security", "needs 1 more"}});
  CHECK(told() == 2);
  found({});
  CHECK(office.request(id).stuck.empty());
  found({{"lead", "again"}});
  CHECK(told() == 3);
  CHECK(count(office.actions("JIT-R001"), "request.nobody_can_approve") == 3);
  CHECK(count(office.actions("JIT-R001"), "request.approvable_again") == 2);
  office.store().reopen();
  CHECK(office.request(id).stuck == std::vector<std::string>{"lead"});
}

TEST_CASE("a nudge task reads back from the text that it is kept as, and nothing else does") {
  using What = NudgeTask::What;
  const std::vector<std::pair<NudgeTask, std::string>> tasks{
      {{.what = What::remind, .request = RequestId{"7K3F"}}, "remind/7K3F"},
      {{.what = What::escalate, .request = RequestId{"7K3F"}, .escalation = 2}, "escalate/7K3F/2"},
      {{.what = What::direct, .request = RequestId{"7K3F"}}, "direct/7K3F"},
      {{.what = What::voters}, "voters"},
      {{.what = What::channel, .channel = "C0123"}, "channel/C0123"},
      {{.what = What::channels}, "channels"}};
  for (const auto& [task, text] : tasks) {
    CHECK(to_string(task) == text);
    CHECK(parse_nudge_task(text) == task);
  }
  for (const char* text :
       {"", "remind", "remind/7K3F/1", "escalate/7K3F", "escalate/7K3F/x", "voters/all", "no"})
    CHECK_FALSE(parse_nudge_task(text).has_value());
}

}  // namespace jitbot::testing

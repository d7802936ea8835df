#include "bot/cards/waiting.hpp"

#include "bot/cards/notices.hpp"
#include "tests/unit/cards/story.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

// What is said of a request that waits.
namespace jitbot {
namespace {

using nlohmann::json;
using story::at;

SubjectView escalating() {
  SubjectView view = story::waiting();
  view.request.asked.escalate = {
      {15min, {{Subject::Kind::group, "oncall"}, {Subject::Kind::email, "o@b.example"}}},
      {30min, {{Subject::Kind::group, "heads"}}}};
  return view;
}

std::string told(NoticeKind kind, const SubjectView& view, const json& args = json::object()) {
  return to_plain_text(notice_card(kind, view, args, view.now));
}

std::string moment(Time time) {
  return to_plain_text(Line{Moment{time}});
}

}  // namespace

TEST_CASE("the card says when it times out and whom it escalates to next") {
  SubjectView view = escalating();
  const Request& request = view.request;
  const std::string next = "times out at " + moment(request.times_out_at) +
                           " · escalates to group:oncall, o@b.example at " +
                           moment(request.asked.asked_at + 15min);
  CHECK_THAT(to_plain_text(approval_card(view)), Catch::Contains(next));
  CHECK_THAT(to_plain_text(requester_card(view)),
             Catch::Contains("escalates to group:oncall, o@b.example at "));
  view.request.nudges = 1;
  CHECK_THAT(to_plain_text(approval_card(view)), Catch::Contains("escalates to group:heads at "));
  view.request.nudges = 2;
  CHECK_THAT(to_plain_text(approval_card(view)), !Catch::Contains("escalates"));
}

TEST_CASE("the card says which steps nobody can approve while it waits") {
  SubjectView view = story::waiting();
  view.request.stuck = {"owners"};
  CHECK_THAT(to_plain_text(approval_card(view)), Catch::Contains("nobody can approve step owners now"));
  view.request.stuck = {"owners", "security"};
  CHECK_THAT(to_plain_text(approval_card(view)),
             Catch::Contains("nobody can approve steps owners, security now"));
  view.request.state = RequestState::cancelled;
  CHECK_THAT(to_plain_text(approval_card(view)), !Catch::Contains("nobody can"));
}

TEST_CASE("a reminder mentions people, counts the rest, and tells what waits since when") {
  const SubjectView view = story::waiting();
  const std::string words = told(NoticeKind::reminder, view,
                                 {{"people", {"slack:T1/CAROL", "slack:T1/DAVE", 7, "?"}}, {"more", 3}});
  CHECK_THAT(words,
             Catch::StartsWith("⏰ Still waiting · JIT-7K3F\n@CAROL @DAVE and 3 more\n@ALICE asks for "));
  CHECK_THAT(words, Catch::Contains("waits since " + moment(view.request.asked.asked_at)));
  CHECK_THAT(words, Catch::Contains("/jit approve 7K3F"));
}

TEST_CASE("an escalation says who may decide to whom it gives no right, and how to who has it") {
  const SubjectView view = escalating();
  const std::string others = told(NoticeKind::escalated, view);
  CHECK_THAT(others, Catch::Contains("owners may be decided by "));
  CHECK_THAT(others, Catch::Contains("it does not let you decide"));
  CHECK_THAT(others, !Catch::Contains("/jit approve"));
  const std::string deciders = told(NoticeKind::escalated, view, {{"may_decide", 1}});
  CHECK_THAT(deciders, Catch::Contains("/jit approve 7K3F"));
  CHECK_THAT(deciders, !Catch::Contains("does not let you"));
}

TEST_CASE("reminders and escalations that come too late tell what is true now, and mention nobody") {
  for (const NoticeKind kind :
       {NoticeKind::reminder, NoticeKind::escalated, NoticeKind::nobody_can_approve}) {
    const std::string words = told(kind, story::denied(), {{"people", {"slack:T1/CAROL"}}});
    CHECK_THAT(words, Catch::StartsWith("⛔ Denied · JIT-7K3F"));
    CHECK_THAT(words, !Catch::Contains("@CAROL"));
  }
}

TEST_CASE("where strangers read, the card says nothing of the request and offers nothing") {
  const Card card = moved_card(story::waiting(), {"C0OTHER"});
  CHECK(card.buttons.empty());
  CHECK(card.quote.empty());
  const std::string words = to_plain_text(card);
  CHECK_THAT(words,
             Catch::StartsWith("↪️ Moved · JIT-7K3F\nthis channel is shared with another organisation"));
  CHECK_THAT(words, Catch::Contains("direct message"));
  for (const char* part : {"prod-db", "ALICE", "alice", "owners"}) CHECK_THAT(words, !Catch::Contains(part));
  CHECK_THAT(to_plain_text(moved_card(story::denied(), {})), Catch::Contains("the card is not shown here"));
}

TEST_CASE("a channel that is lost names its rules and the way out") {
  const json args{{"channel", "C0PROD"},
                  {"why", "it is archived"},
                  {"rules", "production, staging"},
                  {"fix", "unarchive it"}};
  const std::string words =
      to_plain_text(notice_card(NoticeKind::channel_lost, std::nullopt, args, at(14, 0)));
  CHECK_THAT(words, Catch::Contains("no cards are shown in "));
  CHECK_THAT(words, Catch::Contains("any more: it is archived"));
  CHECK_THAT(words, Catch::Contains("rules that post there: production, staging"));
  CHECK_THAT(words, Catch::Contains("what to do: unarchive it"));
  CHECK_THAT(to_plain_text(notice_card(NoticeKind::channel_back, std::nullopt, args, at(14, 0))),
             Catch::Contains("cards are shown again in "));
}

TEST_CASE("a long list of people is cut and counted") {
  std::vector<Subject> many;
  for (int i = 0; i < 6; ++i) many.push_back({Subject::Kind::group, "g" + std::to_string(i)});
  CHECK(subjects_text(many) == "group:g0, group:g1, group:g2, group:g3 and 2 more");
  CHECK(subjects_text({many[0]}) == "group:g0");
}

}  // namespace jitbot

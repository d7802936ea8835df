#include "bot/cards/phrases.hpp"
#include "bot/cards/views.hpp"
#include "tests/unit/cards/story.hpp"

#include <catch2/catch.hpp>

namespace jitbot {
namespace {

using story::at;
using story::who;

struct Ending {
  EndedAs as;
  std::string says;
};

TEST_CASE("every way to end is told as what was proven") {
  const auto ending = GENERATE(
      Ending{EndedAs::absent, "removed and confirmed absent 2026-03-01 15:04:08 UTC, 1 s after its end"},
      Ending{EndedAs::held, "access kept until 2026-03-01 16:00 UTC because of JIT-8M2Q"},
      Ending{EndedAs::standing, "access was there before, kept"},
      Ending{EndedAs::gone, "the resource is gone, and the access with it 2026-03-01 15:04:08 UTC"},
      Ending{EndedAs::removed_outside,
             "somebody else removed it at the target, seen 2026-03-01 15:04:08 UTC; nothing is put back"},
      Ending{EndedAs::failed, "never became usable; confirmed absent 2026-03-01 15:04:08 UTC"},
      Ending{EndedAs::not_started, "not started: the target was never touched"},
      Ending{EndedAs::abandoned,
             "given up by @BOSS 2026-03-01 15:04:08 UTC; whether the access is still there was not proven"});
  SubjectView view = story::ended(ending.as);
  if (ending.as == EndedAs::held) view.grant->note = "JIT-8M2Q until 2026-03-01T16:00:00Z";
  if (ending.as == EndedAs::abandoned) {
    view.grant->cause = EndCause::abandoned;
    view.grant->ended_by = who("BOSS");
  }
  for (const Card& card : {approval_card(view), requester_card(view)}) {
    CHECK(card.emoji == "⚪");
    CHECK(card.headline == "Ended · JIT-7K3F");
    CHECK(to_plain_text(card.facts.back()) == ending.says);
  }
  CHECK(approval_card(view).buttons.empty());
  const std::string text = to_plain_text(approval_card(view));
  const bool proven = ending.as == EndedAs::absent || ending.as == EndedAs::failed;
  CHECK((text.find("confirmed absent") != std::string::npos) == proven);
}

TEST_CASE("who keeps the access after the end is not told that it was lost, nor to ask again") {
  const auto as = GENERATE(EndedAs::held, EndedAs::standing);
  SubjectView view = story::ended(as);
  view.grant->note = "JIT-8M2Q until 2026-03-01T16:00:00Z";
  view.grant->cause = EndCause::done;
  view.grant->ended_by = who("ALICE");
  const std::string text = to_plain_text(requester_card(view));
  CHECK_THAT(text, Catch::Contains("you asked for prod-db : viewer"));
  CHECK_THAT(text, !Catch::Contains("you had") && !Catch::Contains("/jit request"));
  CHECK_THAT(text, Catch::Contains("given back by @ALICE"));
  CHECK_THAT(to_plain_text(approval_card(view)), !Catch::Contains(" had "));
}

TEST_CASE("a grant that was held by something unreadable still says so") {
  SubjectView view = story::ended(EndedAs::held);
  view.grant->note = "JIT-8M2Q until 2026-13-01T16:00:00Z";
  CHECK(to_plain_text(ended_line(*view.grant)) ==
        "access kept because of JIT-8M2Q until 2026-13-01T16:00:00Z");
  view.grant->note.clear();
  CHECK(to_plain_text(ended_line(*view.grant)) == "access kept because of another grant");
}

struct Cause {
  EndCause cause;
  std::string says;
};

TEST_CASE("an early end says who or what ended it") {
  const auto cause =
      GENERATE(Cause{EndCause::done, "given back by @ALICE 2026-03-01 15:04:07 UTC"},
               Cause{EndCause::revoked, "taken away by @ALICE 2026-03-01 15:04:07 UTC"},
               Cause{EndCause::deactivated, "@ALICE was deactivated 2026-03-01 15:04:07 UTC"},
               Cause{EndCause::window_over, "could not be set up in time: no route"},
               Cause{EndCause::target_refused, "the target refused: no route"},
               Cause{EndCause::existing_refused,
                     "the account had this access before, and such requests are refused for this target"});
  SubjectView view = story::ending();
  view.grant->cause = cause.cause;
  view.grant->ended_by = who("ALICE");
  view.grant->end_reason = "no route";
  CHECK(to_plain_text(cause_line(view)) == cause.says);
  CHECK_THAT(to_plain_text(approval_card(view)), Catch::Contains(cause.says));
}

TEST_CASE("a lag is rounded up and never negative") {
  CHECK(lag_text(0ms) == "0 s");
  CHECK(lag_text(-5s) == "0 s");
  CHECK(lag_text(1ms) == "1 s");
  CHECK(lag_text(59s) == "59 s");
  CHECK(lag_text(59001ms) == "1m");
  CHECK(lag_text(61min) == "1h 1m");
}

TEST_CASE("access that is seen again gets a line on the ended card") {
  SubjectView view = story::ended(EndedAs::absent);
  view.entitlement->overdue_since = at(15, 5, 8);
  const Card card = approval_card(view);
  CHECK(card.headline == "Ended · JIT-7K3F");
  CHECK(to_plain_text(card.facts.back()) ==
        "seen at the target again 2026-03-01 15:05:08 UTC, being removed");
}

}  // namespace
}  // namespace jitbot

#include "bot/cards/phrases.hpp"
#include "bot/cards/views.hpp"
#include "tests/unit/cards/story.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

namespace jitbot {
namespace {

using story::who;

const std::string k_evil = "<!channel> *Approved by <@U1>*\ndenied: \u202Enot";
const std::string k_evil_line = "<!channel> *Approved by <@U1>* denied: not";

// Everything of a card but its quote.
std::string ours(Card card) {
  card.quote.clear();
  return to_plain_text(card);
}

SubjectView spoken(SubjectView view) {
  view.request.asked.reason = k_evil;
  view.request.asked.ticket = k_evil;
  for (Vote& vote : view.votes) vote.reason = k_evil;
  if (!is_system(view.request.decided_by)) view.request.decision_reason = k_evil;
  if (view.grant) {
    view.grant->cause = EndCause::revoked;
    view.grant->ended_by = who("BOSS");
    view.grant->end_reason = k_evil;
  }
  return view;
}

TEST_CASE("what people wrote stands in the quote of a card and nowhere else") {
  const auto view = spoken(GENERATE(story::waiting(), story::half_approved(), story::activating(),
                                    story::active(), story::ending(), story::overdue(),
                                    story::ended(EndedAs::absent), story::ended(EndedAs::abandoned),
                                    story::denied(), story::automatic(), story::extension()));
  for (const Card& card : {approval_card(view), requester_card(view)}) {
    CHECK_THAT(card.quote, Catch::Contains("asked: " + k_evil_line));
    CHECK_THAT(ours(card), !Catch::Contains("<!channel>"));
    CHECK_THAT(ours(card), !Catch::Contains("<@U1>"));
    CHECK_THAT(to_plain_text(card), !Catch::Contains("\u202E"));
  }
}

TEST_CASE("nobody can start a line of the quote that looks like another voice") {
  SubjectView view = story::denied();
  view.request.asked.reason = "harmless\ndenied: never mind";
  CHECK(quote_of(view) == "asked: harmless denied: never mind\ndenied: use the replica");
}

TEST_CASE("a single voice is quoted without a label, and none leaves no quote") {
  SubjectView view = story::waiting();
  CHECK(quote_of(view) == "INC-42 slow checkout queries");
  view.request.asked.reason.clear();
  CHECK(quote_of(view).empty());
  view.request.asked.ticket = "INC-42";
  CHECK(quote_of(view) == "ticket: INC-42");
}

TEST_CASE("a denial's reason is quoted once, though vote and decision hold it") {
  CHECK(quote_of(story::denied()) == "asked: INC-42 slow checkout queries\ndenied: use the replica");
}

TEST_CASE("who takes access away is quoted, a target is not") {
  SubjectView view = story::ended(EndedAs::absent);
  view.grant->cause = EndCause::revoked;
  view.grant->ended_by = who("BOSS");
  view.grant->end_reason = "wrong database";
  CHECK(quote_of(view) == "asked: INC-42 slow checkout queries\nended: wrong database");
  view.grant->cause = EndCause::target_refused;
  CHECK(quote_of(view) == "INC-42 slow checkout queries");
}

TEST_CASE("long words are cut, and many voices counted out") {
  SubjectView view = story::half_approved();
  view.request.asked.reason = std::string(900, 'x');
  view.votes.resize(50, view.votes.front());
  const std::string quote = quote_of(view);
  CHECK_THAT(quote, Catch::StartsWith("asked: " + std::string(500, 'x') + "…\n"));
  CHECK(std::ranges::count(quote, '\n') == 7);
}

}  // namespace
}  // namespace jitbot

#include "tests/integration/mattermost/listener.hpp"

#include <algorithm>

using namespace jitbot;
using namespace jitbot::mattermost_stand_in;

TEST_CASE("events go to the members of the channel alone", "[mattermost]") {
  Replay replay(small_world());
  Listener bot(replay, "jitbot");
  Listener dave(replay, "dave");
  (void)bot.news();
  (void)dave.news();
  REQUIRE(replay.server.as("alice").say("#inc-42", "@jitbot hello"));
  REQUIRE(bot.news().size() == 1);
  CHECK(dave.news().empty());
  REQUIRE(replay.server.as("alice").say("@dave", "between us"));
  CHECK(dave.news().size() == 2);  // the channel, and the post
  CHECK(bot.news().empty());
}

TEST_CASE("numbers have no gaps", "[mattermost]") {
  Replay replay(small_world());
  Listener bot(replay, "jitbot");
  for (int post = 0; post < 5; ++post) REQUIRE(replay.server.as("bob").say("#approvals", "again"));
  bot.settle();
  std::int64_t expected = 0;
  for (const Json& frame : bot.frames()) CHECK(number_of(frame, "seq") == expected++);
  CHECK(expected == 7);
}

TEST_CASE("a hung socket hears nothing and answers nothing", "[mattermost]") {
  Replay replay(small_world());
  Listener bot(replay, "jitbot");
  bot.settle();
  const std::size_t before = bot.frames().size();
  replay.server.hang_sockets();
  REQUIRE(replay.server.as("alice").say("#inc-42", "nobody hears"));
  bot.say({{"seq", 5}, {"action", "ping"}});
  Listener alice(replay, "alice");
  alice.settle();
  CHECK(bot.frames().size() == before);
  CHECK_FALSE(bot.over());
}

TEST_CASE("a dropped socket can be resumed, and not when the server forgot", "[mattermost]") {
  Replay replay(small_world());
  Listener bot(replay, "jitbot");
  bot.settle();
  const std::string id = text_of(bot.frames()[0]["data"], "connection_id");
  const bool forgotten = GENERATE(false, true);
  if (forgotten) {
    replay.server.lose_resume();
  } else {
    replay.server.drop_sockets();
  }
  replay.until([&] { return bot.over() && replay.server.sockets() == 0; });
  REQUIRE(replay.server.as("alice").say("#inc-42", "missed"));
  Listener again(replay, "jitbot", "?connection_id=" + id + "&sequence_number=2");
  again.settle();
  const auto posted = std::ranges::count(again.names(), "posted");
  CHECK(posted == (forgotten ? 0 : 1));
}

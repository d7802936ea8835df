#include "adapters/chat/mattermost/setup.hpp"

#include "adapters/chat/mattermost/setup_settings.hpp"
#include "tests/support/event_loop.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/mattermost/stand_in.hpp"
#include "tests/support/seeded_random.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>

// `jitbot mattermost setup` on a server where nothing is prepared.
using namespace jitbot;
namespace mm = mattermost_stand_in;

namespace {

using What = mattermost::SetupStep::What;

mm::World bare_world() {
  mm::World world;
  world.users = {{.username = "sysadmin", .kind = mm::Kind::admin}, {.username = "alice"}};
  world.channels = {{.name = "approvals", .members = {"sysadmin", "alice"}, .creator = "sysadmin"}};
  return world;
}

struct Server {
  explicit Server(mm::World world = bare_world()) : stand_in(loop.executor(), clock, random, world) {
    REQUIRE(stand_in.start());
  }

  mattermost::Rest rest(Secret token) {
    return {clock, random, http, mattermost::RestOptions{stand_in.url(), std::move(token)}};
  }
  Result<mattermost::SetupDone> set_up(mattermost::SetupWish wish, const std::string& as = "sysadmin") {
    steps.clear();
    auto admin = rest(Secret(stand_in.token_of(as)));
    return loop.run(mattermost::set_up(
        admin, [this](Secret token) { return rest(std::move(token)); }, std::move(wish),
        [this](const mattermost::SetupStep& step) { steps.push_back(step); }));
  }
  long count(What what) const { return std::ranges::count(steps, what, &mattermost::SetupStep::what); }
  bool says(What what, const std::string& part) const {
    return std::ranges::any_of(steps, [&](const mattermost::SetupStep& step) {
      return step.what == what && step.words.find(part) != std::string::npos;
    });
  }

  testing::EventLoop loop;
  testing::ManualClock clock;
  testing::SeededRandom random{7};
  net::HttpClient http;
  mm::StandIn stand_in;
  std::vector<mattermost::SetupStep> steps;
};

mattermost::SetupWish usual() {
  mattermost::SetupWish wish;
  wish.team = "ops";
  wish.channels = {"approvals"};
  wish.callbacks_url = "http://127.0.0.1:8066";
  return wish;
}

}  // namespace

TEST_CASE("setup makes all that the bot needs, and run twice it changes nothing") {
  Server server;
  const auto first = server.set_up(usual());
  REQUIRE(first);
  CHECK(server.count(What::done) == 5);  // account, token, team, channel, command
  CHECK(server.count(What::wanting) == 1);
  CHECK(server.says(What::wanting, "RequireEmailVerification"));
  CHECK_FALSE(first->token.empty());
  CHECK(first->command_token.reveal() == server.stand_in.command_token("jit"));

  auto again = usual();
  again.known_token = first->token;
  const auto second = server.set_up(again);
  REQUIRE(second);
  CHECK(server.count(What::done) == 0);
  CHECK(second->token.reveal() == first->token.reveal());
  CHECK(second->command_token.reveal() == first->command_token.reveal());
}

TEST_CASE("setup mends what has changed since: the address, the token, a disabled bot") {
  Server server;
  const auto first = server.set_up(usual());
  REQUIRE(first);
  server.stand_in.disable_bot("jitbot");
  auto moved = usual();
  moved.callbacks_url = "http://127.0.0.1:9999";
  moved.known_token = Secret("4xp9fdt77pncbef59f4k1qe83o");
  const auto second = server.set_up(moved);
  REQUIRE(second);
  CHECK(server.says(What::done, "enabled again"));
  CHECK(server.says(What::done, "a token for the bot made"));
  CHECK(server.says(What::done, "now reaches http://127.0.0.1:9999/command"));
  CHECK(second->token.reveal() != first->token.reveal());
}

TEST_CASE("setup says what it cannot do") {
  SECTION("with a token that is no administrator's") {
    Server server;
    const auto done = server.set_up(usual(), "alice");
    REQUIRE_FALSE(done);
    CHECK(done.error().message == "@alice is no system administrator of this server");
    CHECK(server.steps.empty());
  }
  SECTION("with the name of a person") {
    Server server;
    auto wish = usual();
    wish.username = "alice";
    const auto done = server.set_up(wish);
    REQUIRE_FALSE(done);
    CHECK(done.error().message == "@alice is a person's account; choose another name with --username");
  }
  SECTION("in a team or a channel that is not there") {
    Server server;
    auto wish = usual();
    wish.channels = {"nowhere"};
    REQUIRE(server.set_up(wish));
    CHECK(server.says(What::wanting, "there is no channel nowhere"));
    wish.team = "none";
    CHECK_FALSE(server.set_up(wish));
  }
}

TEST_CASE("without callbacks no command is made") {
  Server server;
  auto wish = usual();
  wish.callbacks_url.clear();
  const auto done = server.set_up(wish);
  REQUIRE(done);
  CHECK(done->command_token.empty());
  CHECK(server.count(What::done) == 4);
}

TEST_CASE("a slash command that callbacks left behind is named, and another's is left alone") {
  SECTION("ours") {
    Server server;
    REQUIRE(server.set_up(usual()));
    auto wish = usual();
    wish.callbacks_url.clear();
    REQUIRE(server.set_up(wish));
    CHECK(server.says(What::wanting, "remove the slash command /jit of an earlier set-up"));
  }
  SECTION("another's") {
    Server server;
    REQUIRE(server.stand_in.add_command("jit", "http://127.0.0.1:9/elsewhere"));
    const auto done = server.set_up(usual());
    REQUIRE_FALSE(done);
    CHECK(done.error().message.find("has a slash command /jit of somebody else's") != std::string::npos);
  }
}

TEST_CASE("settings that are in the way are named") {
  const nlohmann::json open{
      {"EmailSettings", {{"RequireEmailVerification", true}}},
      {"PrivacySettings", {{"ShowEmailAddress", true}}},
      {"ServiceSettings",
       {{"SiteURL", "https://chat.example.com"},
        {"PostEditTimeLimit", -1},
        {"DisableBotsWhenOwnerIsDeactivated", false},
        {"EnableBotAccountCreation", true},
        {"EnableCommands", true},
        {"AllowedUntrustedInternalConnections", "10.1.0.0/16,jitbot.internal 10.9.9.9"}}}};
  CHECK(mattermost::lacking_settings(open, "http://10.1.2.3:8066").empty());
  CHECK(mattermost::lacking_settings(open, "http://10.9.9.9:8066").empty());
  CHECK(mattermost::lacking_settings(open, "https://jitbot.internal:8066").empty());
  CHECK(mattermost::lacking_settings(open, "https://jitbot.example.com").empty());
  CHECK(mattermost::lacking_settings(open, "http://127.0.0.1:8066").size() == 1);
  CHECK(mattermost::lacking_settings(open, "http://198.18.0.7:8066").size() == 1);
  CHECK(mattermost::lacking_settings(open, "").empty());
  const nlohmann::json closed{{"PrivacySettings", {{"ShowEmailAddress", false}}},
                              {"ServiceSettings",
                               {{"SiteURL", ""},
                                {"PostEditTimeLimit", 300},
                                {"DisableBotsWhenOwnerIsDeactivated", true},
                                {"EnableBotAccountCreation", false},
                                {"EnableCommands", false}}}};
  const auto named = [&](const char* url) {
    std::string all;
    for (const mattermost::Lack& one : mattermost::lacking_settings(closed, url)) all += one.words + "\n";
    return all;
  };
  for (const char* name : {"EnableBotAccountCreation", "ShowEmailAddress", "RequireEmailVerification",
                           "PostEditTimeLimit", "DisableBotsWhenOwnerIsDeactivated"}) {
    INFO(name);
    CHECK(named("").find(name) != std::string::npos);
  }
  CHECK(named("").find("EnableCommands") == std::string::npos);
  CHECK(named("").find("SiteURL") == std::string::npos);
  CHECK(named("https://jitbot.example.com").find("EnableCommands") != std::string::npos);
  CHECK(named("https://jitbot.example.com").find("SiteURL") != std::string::npos);
}

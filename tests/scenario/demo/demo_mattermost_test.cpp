#include "tests/scenario/demo/demo_run.hpp"

#include <catch2/catch.hpp>

// The story that the program tells by itself on a Mattermost server, and what it leaves there.
namespace jitbot::demo_test {

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

void check_taken_back(DemoRun& demo) {
  for (const char* name : {"demo-alice", "demo-carol", "demo-gina", "demo-sam", "demo-jitbot"}) {
    INFO(name);
    CHECK_FALSE(demo.active(name));
  }
  CHECK(demo.archived("demo-general"));
  CHECK(demo.archived("demo-approvers"));
  CHECK(demo.commands() == 0);
  CHECK(demo.tokens_of("demo-jitbot") == 0);
  CHECK(demo.active("sysadmin"));
}

}  // namespace

TEST_CASE("the demo plays its story on an empty Mattermost server with buttons, twice, and takes all back") {
  DemoRun demo;
  for (int time = 1; time <= 2; ++time) {
    const int code = demo.run({});
    const std::string printed = demo.printed();
    INFO("time " << time << "\n" << printed);
    REQUIRE(code == 0);
    CHECK(contains(printed, "alice types  /jit request staging 10s"));
    CHECK(contains(printed, "alice, who asked, presses Approve: \"You cannot decide this"));
    CHECK(contains(printed, "gina, a guest, is left out: this server has no guest accounts"));
    CHECK(contains(printed, "forges a press of Approve: the server itself refuses (403)"));
    CHECK(contains(printed, "carol, an approver, presses Approve… and types prod-db"));
    CHECK(contains(printed, "bob presses I'm done"));
    CHECK(contains(printed, "All 36 steps were seen."));
    CHECK(contains(printed, "removed      the slash command /jit"));
    CHECK_FALSE(contains(printed, demo.server().token_of("sysadmin")));
    check_taken_back(demo);
  }
}

TEST_CASE("where the server does not call this machine, the demo says so and is played with reactions") {
  mm::Options options;
  options.allowed_internal = "";
  options.guests = true;
  DemoRun demo(empty_server(), options);
  const int code = demo.run({});
  const std::string printed = demo.printed();
  INFO(printed);
  REQUIRE(code == 0);
  CHECK(contains(printed, "No buttons: the server does not call 127.0.0.1"));
  CHECK(contains(printed, "AllowedUntrustedInternalConnections"));
  CHECK(contains(printed, "carol, an approver, reacts with ✅"));
  CHECK(
      contains(printed, "gina, a guest, reacts with ✅: \"You cannot decide this: guests decide nothing\""));
  CHECK(contains(printed, "forges a reaction with ✅: the server itself refuses (403)"));
  CHECK(contains(printed, "All 38 steps were seen."));
  CHECK(demo.server().callbacks().empty());
  check_taken_back(demo);
}

TEST_CASE("the demo is played by commands alone where that is asked for, in a team that is there already") {
  mm::World world = empty_server();
  world.team = "ops";
  world.users.push_back({.username = "alice"});
  DemoRun demo(world);
  REQUIRE(demo.server().add_command("jit", "http://127.0.0.1:9/production"));
  const int code = demo.run({"--manner", "commands", "--team", "ops"});
  const std::string printed = demo.printed();
  INFO(printed);
  REQUIRE(code == 0);
  CHECK(contains(printed, "alice, who asked, writes to the bot:  approve"));
  CHECK(contains(printed, "sam, who is in none of their teams, writes to the bot:  approve"));
  CHECK(contains(printed, "dave, of sre, writes to the bot:  approve"));
  CHECK(contains(printed, " prod-db"));
  // What was there before is as it was.
  CHECK(demo.commands() == 1);
  CHECK(demo.active("alice"));
  CHECK_FALSE(contains(printed, "stays        team ops"));
}

TEST_CASE("an interrupted demo takes back what it made") {
  DemoRun demo;
  demo.start({});
  REQUIRE(demo.until_printed("and stays logged in"));
  demo.interrupt();
  const int code = demo.wait();
  INFO(demo.printed());
  CHECK(code == 1);
  CHECK(contains(demo.printed(), "interrupted"));
  check_taken_back(demo);
}

TEST_CASE("by hand the demo says where to log in and as whom, and takes all back when it is interrupted") {
  DemoRun demo;
  demo.start({"--by-hand"});
  REQUIRE(demo.until_printed("Ctrl-C ends it."));
  const std::string printed = demo.printed();
  INFO(printed);
  CHECK(contains(printed, demo.server().url() + "/jitbot-demo"));
  CHECK(contains(printed, "/jit request staging 2m INC-7 look at queue"));
  // The password that it shows opens the account.
  const auto at = printed.find("demo-alice ");
  REQUIRE(at != std::string::npos);
  const auto begin = printed.find("Jit-", at);
  const std::string password = printed.substr(begin, printed.find(' ', begin) - begin);
  const mm::Json login{{"login_id", "demo-alice"}, {"password", password}};
  CHECK(demo.server().as_admin("POST", "/users/login", login).status == 200);
  demo.interrupt();
  CHECK(demo.wait() == 0);
  check_taken_back(demo);
}

TEST_CASE("a server that goes away in the middle ends the demo, which says what stays behind") {
  DemoRun demo;
  demo.start({});
  REQUIRE(demo.until_printed("carol, an approver, presses Approve"));
  demo.server().stop();
  const int code = demo.wait();
  const std::string printed = demo.printed();
  INFO(printed);
  CHECK(code == 1);
  CHECK(contains(printed, "not seen: "));
  CHECK(contains(printed, "NOT done"));
  CHECK(contains(printed, "A next demo takes them up again"));
  // And it does.
  REQUIRE(demo.server().start());
  demo.start({"--by-hand", "--manner", "reactions"});
  CHECK(demo.until_printed("Ctrl-C ends it."));
  demo.interrupt();
  CHECK(demo.wait() == 0);
  CHECK_FALSE(demo.active("demo-alice"));
}

TEST_CASE("a server that restarts in the middle costs the demo nothing") {
  mm::Options options;
  options.allowed_internal = "";
  DemoRun demo(empty_server(), options);
  demo.start({});
  REQUIRE(demo.until_printed("and stays logged in"));
  demo.server().restart();
  const int code = demo.wait();
  INFO(demo.printed());
  CHECK(code == 0);
}

}  // namespace jitbot::demo_test

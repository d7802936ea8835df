#include "tests/scenario/demo/demo_run.hpp"

#include <catch2/catch.hpp>

// What a newcomer reads when the demo cannot begin, and that nothing was made then.
namespace jitbot::demo_test {

namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

struct Refusal {
  std::string name;
  std::function<void(DemoRun&)> spoil;
  Words words;
  int code;
  std::string says;
};

void set(DemoRun& demo, const char* section, const char* name, const mm::Json& value) {
  const mm::Json change = {{section, {{name, value}}}};
  REQUIRE(demo.server().as_admin("PUT", "/config/patch", change).status == 200);
}

const auto k_nothing = [](DemoRun&) {};
constexpr auto k_private = fs::perms::owner_read | fs::perms::owner_write;

std::vector<Refusal> refusals() {
  return {
      {"nobody is there", k_nothing, {"--url", "http://127.0.0.1:1"}, 1, "127.0.0.1:1 cannot be reached"},
      {"tokens without TLS",
       k_nothing,
       {"--url", "http://chat.example.com"},
       2,
       "tokens are not sent without TLS"},
      {"no address", k_nothing, {"--url", "chat"}, 2, "--url: not a usable URL"},
      {"no token file", k_nothing, {"--token-file", "/nowhere/token"}, 2, "No such file or directory"},
      {"a token for everybody",
       [](DemoRun& demo) {
         demo.write_token(demo.server().token_of("sysadmin"), k_private | fs::perms::others_read);
       },
       {},
       2,
       "others can read it"},
      {"an empty token file", [](DemoRun& demo) { demo.write_token("", k_private); }, {}, 2, "it is empty"},
      {"another's token",
       [](DemoRun& demo) { demo.write_token("aaaaaaaaaaaaaaaaaaaaaaaaaa", k_private); },
       {},
       1,
       "the server does not accept the token in --token-file (401)"},
      {"no administrator",
       [](DemoRun& demo) { demo.write_token(demo.server().token_of("mallory"), k_private); },
       {},
       1,
       "the token is @mallory's, who is no system administrator"},
      {"no bot accounts",
       [](DemoRun& demo) { set(demo, "ServiceSettings", "EnableBotAccountCreation", false); },
       {},
       1,
       "set ServiceSettings.EnableBotAccountCreation to true"},
      {"no e-mails",
       [](DemoRun& demo) { set(demo, "PrivacySettings", "ShowEmailAddress", false); },
       {},
       1,
       "set PrivacySettings.ShowEmailAddress to true"},
      {"no way to the bot",
       [](DemoRun& demo) { set(demo, "ServiceSettings", "AllowedUntrustedInternalConnections", ""); },
       {"--manner", "buttons"},
       1,
       "buttons cannot be pressed: the server does not call 127.0.0.1"},
      {"no such team", k_nothing, {"--team", "nobodys"}, 1, "there is no team nobodys on this server"},
      {"somebody's team of that name",
       [](DemoRun& demo) {
         const mm::Json team = {{"name", "jitbot-demo"}, {"display_name", "Precious"}, {"type", "O"}};
         REQUIRE(demo.server().as_admin("POST", "/teams", team).status == 201);
       },
       {},
       1,
       "there is a team jitbot-demo that no demo made"},
      {"somebody's account of that name",
       [](DemoRun& demo) {
         const mm::Json user = {
             {"username", "demo-carol"}, {"email", "carol@example.com"}, {"password", "precious"}};
         REQUIRE(demo.server().as_admin("POST", "/users", user).status == 201);
       },
       {},
       1,
       "there is an account @demo-carol that no demo made; it is left alone"},
      {"somebody's bot of that name",
       [](DemoRun& demo) {
         const mm::Json bot = {{"username", "demo-jitbot"}, {"description", "of production"}};
         REQUIRE(demo.server().as_admin("POST", "/bots", bot).status == 201);
       },
       {},
       1,
       "there is an account @demo-jitbot that no demo made; it is left alone"},
      {"callbacks without an address",
       k_nothing,
       {"--callbacks", "8066"},
       2,
       "it must be ADDRESS:PORT such as 10.0.0.5:8066"},
      {"callbacks at no address",
       k_nothing,
       {"--callbacks", "0.0.0.0:8066"},
       2,
       "say with --callbacks-url how the server reaches it"},
      {"the sandbox's option", k_nothing, {"--port", "0"}, 2, "--port is that of the sandbox's page"},
  };
}

mm::World with_mallory() {
  mm::World world = empty_server();
  world.users.push_back({.username = "mallory"});
  return world;
}

}  // namespace

TEST_CASE("a demo that cannot begin on a Mattermost server says why, and leaves nothing there") {
  for (const Refusal& refusal : refusals()) {
    DemoRun demo(with_mallory());
    refusal.spoil(demo);
    Words words = refusal.words;
    words.emplace_back("--once");
    const int code = demo.run(words);
    const std::string printed = demo.printed();
    INFO(refusal.name << ": " << printed);
    CHECK(code == refusal.code);
    CHECK(printed.find(refusal.says) != std::string::npos);
    CHECK(printed.find("Staging: one approver") == std::string::npos);
    for (const auto& user : demo.server().as_admin("GET", "/users?active=true").json) {
      const auto name = user.at("username").get<std::string>();
      const bool precious =
          name == "demo-carol" || (name == "demo-jitbot" && refusal.name == "somebody's bot of that name");
      CHECK((precious || !name.starts_with("demo-")));
    }
  }
}

TEST_CASE("a server older than jitbot knows is named, and so is what is no Mattermost server at all") {
  mm::Options options;
  options.version = "5.9.1";
  DemoRun demo(empty_server(), options);
  CHECK(demo.run({}) == 1);
  CHECK(demo.printed().find("the server is too old: it is Mattermost 5.9.1") != std::string::npos);

  mm::PlannedAnswer page;
  page.method = "GET";
  page.route = "/config/client";
  page.answer.text = "<html>welcome</html>";
  demo.server().plan(page);
  CHECK(demo.run({}) == 1);
  CHECK(demo.printed().find("what answers there is no Mattermost server (status 200)") != std::string::npos);
}

TEST_CASE("a second demo on the same server is told of the first, which goes on") {
  DemoRun demo;
  demo.start({"--by-hand"});
  REQUIRE(demo.until_printed("Ctrl-C ends it."));
  const auto first = demo.put_aside();
  CHECK(demo.run({}) == 1);
  INFO(demo.printed());
  CHECK(demo.printed().find("a demo is running on this server already") != std::string::npos);
  CHECK(demo.active("demo-alice"));
  CHECK(first->running());
  demo.take_back(first);
  demo.interrupt();
  CHECK(demo.wait() == 0);
}

}  // namespace jitbot::demo_test

#include "adapters/net/http_server.hpp"
#include "adapters/net/system_clock.hpp"
#include "bot/app/doctor.hpp"
#include "tests/support/event_loop.hpp"
#include "tests/support/free_port.hpp"
#include "tests/support/mattermost/stand_in.hpp"
#include "tests/support/seeded_random.hpp"

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>

// What `jitbot doctor` says of a Mattermost server, and of how that reaches us.
namespace jitbot::doctor {

namespace {

namespace fs = std::filesystem;
namespace mm = mattermost_stand_in;
using jitbot::testing::EventLoop;
using jitbot::testing::free_port;
using jitbot::testing::SeededRandom;
using Json = nlohmann::json;

Task<net::ServerResponse> status(int code) {
  net::ServerResponse response;
  response.status = code;
  co_return response;
}

struct Shop {
  Shop() : server(loop.executor(), clock, random), port(free_port()) {
    std::string name = (fs::temp_directory_path() / "jitbot-doctor-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    folder = name;
    REQUIRE(server.start().has_value());
    set({{"EmailSettings", {{"RequireEmailVerification", true}}},
         {"TeamSettings", {{"EnableOpenServer", false}}}});
    write("policy/policy.yaml", R"(apiVersion: jit/v1
groups:
  engineering: {members: [alice@example.com]}
  approvers: {from: "mattermost:team/ops"}
resources:
  staging:
    owners: [dave@example.com]
    default_role: viewer
    roles: {viewer: {connector: target, grants: {role: staging_ro}}}
rules:
  - name: staging
    match: {resource: staging}
    requesters: [group:engineering]
    max_duration: 1h
    approval: [{name: approvers, from: [group:approvers]}]
    post_to: ["mattermost:#inc-42"]
)");
  }
  ~Shop() {
    server.stop();
    std::error_code ignored;
    fs::remove_all(folder, ignored);
  }
  Shop(const Shop&) = delete;
  Shop& operator=(const Shop&) = delete;

  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((folder / name).parent_path());
    std::ofstream(folder / name, std::ios::binary) << text;
    fs::permissions(folder / name, fs::perms::owner_read | fs::perms::owner_write);
  }
  void set(Json settings) { (void)server.as_admin("PUT", "/config/patch", std::move(settings)); }
  std::string here() const { return "127.0.0.1:" + std::to_string(port); }

  // The lines about the server and the way to us.
  std::vector<std::string> look() {
    std::string slack;
    if (trusted)
      slack = "  - slack: {app_token: xapp-1, bot_token: xoxb-1, api_url: \"http://127.0.0.1:1\"}\n";
    write("jitbot.yaml", "chat:\n" + slack + "  - mattermost: {url: \"" + server.url() +
                             "\", token: \"${TOKEN}\", team: ops,"
                             " command_token: \"${TOKEN}\", callbacks: {listen: \"" +
                             here() + "\", url: \"http://" + (url.empty() ? here() : url) + R"("}}
policy: {path: policy}
store: {url: "sqlite:jitbot.db"}
audit: {key: "file:audit.key", head: audit.head}
admins: {channel: "mattermost:#inc-42", members: [erin@example.com]}
)" + (trusted ? "identity: trusted\n" : "") +
                             R"(connectors:
  target: {type: exec, present: ["true"], absent: ["true"], observe: ["true"],
           account: {claim: email_local, domains: [example.com]}}
)");
    DoctorOptions options;
    options.config = folder / "jitbot.yaml";
    options.environment = [this](const std::string& name) -> std::optional<std::string> {
      return name == "TOKEN" ? std::optional(server.token_of("jitbot")) : std::nullopt;
    };
    options.patience = 10s;
    Doctor doctor({loop.executor(), clock, random}, std::move(options));
    const auto diagnosis = loop.run(doctor.examine(), 60s);
    std::vector<std::string> lines;
    for (const Finding& finding : diagnosis.findings) lines.push_back(line_of(finding));
    return lines;
  }

  EventLoop loop;
  net::SystemClock clock;
  SeededRandom random;
  mm::StandIn server;
  std::uint16_t port;
  std::string url;  // empty: where we listen
  bool trusted = false;
  fs::path folder;
};

bool says(const std::vector<std::string>& lines, const std::string& begin, const std::string& part) {
  for (const std::string& line : lines) UNSCOPED_INFO(line);
  return std::ranges::any_of(lines, [&](const std::string& line) {
    return line.starts_with(begin) && line.find(part) != std::string::npos;
  });
}

}  // namespace

TEST_CASE("doctor names what makes a Mattermost server's e-mails no proof") {
  Shop shop;
  SECTION("nothing") {
    const auto lines = shop.look();
    CHECK_FALSE(says(lines, "", "RequireEmailVerification"));
    CHECK_FALSE(says(lines, "", "EnableOpenServer"));
    CHECK_FALSE(says(lines, "", "ShowEmailAddress"));
    CHECK(says(lines, "✓ group approvers (mattermost:team/ops)", "people"));
  }
  SECTION("nobody confirms his e-mail") {
    shop.set({{"EmailSettings", {{"RequireEmailVerification", false}}}});
    CHECK(says(shop.look(), "! mattermost settings", "RequireEmailVerification"));
    shop.trusted = true;
    CHECK(says(shop.look(), "✗ mattermost settings: identity: trusted", "RequireEmailVerification"));
  }
  SECTION("anybody may sign up") {
    shop.set({{"TeamSettings", {{"EnableOpenServer", true}, {"EnableUserCreation", true}}}});
    CHECK(says(shop.look(), "! mattermost settings", "EnableOpenServer"));
    shop.trusted = true;
    CHECK(says(shop.look(), "✗ mattermost settings: identity: trusted", "EnableOpenServer"));
    shop.set({{"TeamSettings", {{"EnableUserCreation", false}}}});
    CHECK_FALSE(says(shop.look(), "", "EnableOpenServer"));
  }
  SECTION("nobody's e-mail is shown to the bot") {
    shop.set({{"PrivacySettings", {{"ShowEmailAddress", false}}}});
    CHECK(says(shop.look(), "✗ mattermost settings", "ShowEmailAddress"));
  }
}

TEST_CASE("doctor tries where the Mattermost server would call us") {
  Shop shop;
  SECTION("free, and the URL leads there") {
    const auto lines = shop.look();
    CHECK(says(lines, "✓ callbacks " + shop.here(), "leads there"));
    CHECK(says(lines, "! mattermost callbacks", "AllowedUntrustedInternalConnections has 127.0.0.1"));
  }
  SECTION("free, and the URL leads nowhere") {
    shop.url = "127.0.0.1:" + std::to_string(free_port());
    CHECK(says(shop.look(), "! callbacks " + shop.here(), "does not lead there"));
  }
  SECTION("the bot is running") {
    net::HttpServer bot(shop.loop.executor(), {.port = shop.port},
                        [](const net::ServerRequest&) { return status(405); });
    REQUIRE(bot.start().has_value());
    CHECK(says(shop.look(), "✓ callbacks " + shop.here(), "answers as the bot does"));
  }
  SECTION("somebody else has the port") {
    net::HttpServer other(shop.loop.executor(), {.port = shop.port},
                          [](const net::ServerRequest&) { return status(200); });
    REQUIRE(other.start().has_value());
    CHECK(says(shop.look(), "✗ callbacks " + shop.here(), "cannot listen on"));
  }
}

}  // namespace jitbot::doctor

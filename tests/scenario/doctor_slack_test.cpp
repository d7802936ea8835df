#include "tests/scenario/doctor_office.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace jitbot::doctor {

namespace {

std::set<std::string> and_more(std::set<std::string> subjects, std::initializer_list<std::string> more) {
  subjects.insert(more);
  return subjects;
}

std::vector<std::string> scopes_without(std::initializer_list<std::string> missing) {
  auto scopes = sandbox::default_scopes();
  for (const std::string& name : missing) std::erase(scopes, name);
  return scopes;
}

const std::vector<Defect>& places() {
  static const std::vector<Defect> defects{
      {"a channel is archived",
       [](Office& office) {
         REQUIRE(office.sandbox.archive_channel("staging-approvals", sandbox::Switch::on).has_value());
       },
       {{"✗ " + k_staging, "is archived → unarchive it"}},
       {k_staging}},
      {"a channel that is named by its id is shared outside",
       [](Office& office) {
         REQUIRE(office.sandbox.share_channel("C0PROD001", sandbox::Switch::on).has_value());
       },
       {{"✗ " + k_prod, "shared with another organisation"}},
       {k_prod}},
      {"the bot was put out of a channel",
       [](Office& office) {
         REQUIRE(office.sandbox.leave_channel("staging-approvals", "U0JITBOT1").has_value());
       },
       {{"✗ " + k_staging, "the bot is not in it → type /invite @jit"}},
       {k_staging}},
      {"the bot was put out of a private channel, which it then does not see any more",
       [](Office& office) { REQUIRE(office.sandbox.leave_channel("jit-admins", "U0JITBOT1").has_value()); },
       {{"✗ " + k_admins, "a private channel shows once somebody types /invite @jit in it"}},
       {k_admins}},
      {"a channel was renamed",
       [](Office& office) {
         REQUIRE(office.sandbox.rename_channel("staging-approvals", "staging-access").has_value());
       },
       {{"✗ " + k_staging, "was renamed to #staging-access → write #staging-access"}},
       {k_staging}},
      {"a channel does not exist",
       [](Office& office) { office.change("jitbot.yaml", "#jit-admins", "#jit-admin"); },
       {{"✗ channel #jit-admin (administrators)", "check the spelling"}},
       {k_admins}},
      {"an archived channel is outside too and the bot not in it: one line says all of it",
       [](Office& office) {
         REQUIRE(office.sandbox.leave_channel("C0PROD001", "U0JITBOT1").has_value());
         REQUIRE(office.sandbox.share_channel("C0PROD001", sandbox::Switch::on).has_value());
         REQUIRE(office.sandbox.archive_channel("C0PROD001", sandbox::Switch::on).has_value());
       },
       {{"✗ " + k_prod, "is archived; the bot is not in it; is shared"}},
       {k_prod}},
      {"a user group is disabled",
       [](Office& office) {
         REQUIRE(office.sandbox.set_group_enabled("S0APPROVE", sandbox::Switch::off).has_value());
       },
       {{"✗ " + k_group, "no such user group, or it is disabled → enable it"}},
       {k_group}},
      {"a user group is empty",
       [](Office& office) { REQUIRE(office.sandbox.set_group_members("S0APPROVE", {}).has_value()); },
       {{"! " + k_group, "nobody is in it → add people"}},
       {k_group},
       0},
  };
  return defects;
}

const std::vector<Defect>& tokens() {
  static const std::vector<Defect> defects{
      {"scopes are missing that no other check needs",
       [](Office& office) { office.sandbox.set_scopes(scopes_without({"im:write", "users:read.email"})); },
       {{"✗ slack scopes", "im:write (direct messages to people), users:read.email (people's e-mails"}},
       {"slack scopes"}},
      {"the scope for groups is missing",
       [](Office& office) { office.sandbox.set_scopes(scopes_without({"usergroups:read"})); },
       {{"✗ slack scopes", "Reinstall to Workspace"}, {"! " + k_group, "needs a scope that is missing"}},
       {"slack scopes", k_group}},
      {"the bot token is not Slack's",
       [](Office& office) { office.environment["BOT_TOKEN"] = "xoxb-nonsense"; },
       {{"✗ slack bot token", "Slack does not know it (invalid_auth) → copy it anew"},
        {"! slack", "not checked, because the bot token cannot be used"}},
       k_asked_as_bot},
      {"the app token is not Slack's",
       [](Office& office) { office.environment["APP_TOKEN"] = "xapp-1-A0JITBOT1-1-nonsense"; },
       {{"✗ slack app token", "Slack does not know it (invalid_auth) → copy it anew"}},
       {"slack app token"}},
      {"the tokens were swapped",
       [](Office& office) { std::swap(office.environment["APP_TOKEN"], office.environment["BOT_TOKEN"]); },
       {{"✗ slack bot token", "is a token of another kind"},
        {"✗ slack app token", "is a token of another kind"},
        {"! slack", "not checked"}},
       and_more(k_asked_as_bot, {"slack app token"})},
      {"the tokens were revoked",
       [](Office& office) { office.sandbox.revoke_tokens(); },
       {{"✗ slack bot token", "was revoked, or the app was uninstalled (token_revoked) →"},
        {"✗ slack app token", "was revoked, or the app was uninstalled (token_revoked) →"},
        {"! slack", "not checked"}},
       and_more(k_asked_as_bot, {"slack app token"})},
      {"the app was uninstalled",
       [](Office& office) { office.sandbox.uninstall_app(); },
       {{"✗ slack bot token", "(account_inactive)"},
        {"✗ slack app token", "(account_inactive)"},
        {"! slack", "not checked"}},
       and_more(k_asked_as_bot, {"slack app token"})},
  };
  return defects;
}

void hang(Office& office, const std::string& method) {
  sandbox::MethodFault fault;
  fault.method = method;
  fault.kind = sandbox::MethodFaultKind::hang_before;
  fault.count = -1;
  office.sandbox.fail_calls(fault);
  office.patience = 3s;
}

const std::vector<Defect>& peers() {
  static const std::vector<Defect> defects{
      {"Slack has an outage",
       [](Office& office) { office.sandbox.outage(sandbox::Switch::on); },
       {{"✗ slack", "HTTP 503"}, {"! slack", "not checked, because Slack does not answer"}},
       and_more(k_asked_as_bot, {"slack", "clock", "slack app token"})},
      {"a login page of the network answers for Slack",
       [](Office& office) {
         sandbox::MethodFault fault;
         fault.method = "*";
         fault.kind = sandbox::MethodFaultKind::html;
         fault.count = -1;
         office.sandbox.fail_calls(fault);
       },
       {{"✗ slack", "something that is not Slack answers"}, {"! slack", "not checked"}},
       and_more(k_asked_as_bot, {"slack", "clock", "slack app token"})},
      {"nobody listens where Slack should be",
       [](Office& office) { office.environment["API_URL"] = "http://127.0.0.1:1/api/"; },
       {{"✗ slack", "cannot be reached"}, {"! slack", "not checked"}},
       and_more(k_asked_as_bot, {"slack", "clock", "slack app token"})},
      {"one question to Slack hangs",
       [](Office& office) { hang(office, "usergroups.users.list"); },
       {{"✗ " + k_group, ""}},
       {k_group}},
      {"the question after one channel hangs",
       [](Office& office) { hang(office, "conversations.info"); },
       {{"✗ " + k_prod, ""}},
       {k_prod}},
      {"the list of channels hangs",
       [](Office& office) { hang(office, "conversations.list"); },
       {{"✗ " + k_admins, ""}, {"✗ " + k_staging, ""}},
       {k_admins, k_staging}},
      {"Slack asks to slow down",
       [](Office& office) {
         sandbox::MethodFault fault;
         fault.method = "apps.connections.open";
         fault.kind = sandbox::MethodFaultKind::rate_limited;
         fault.retry_after = 30;
         office.sandbox.fail_calls(fault);
       },
       {{"! slack app token", "wait a minute"}},
       {"slack app token"},
       0},
      {"Slack asks to slow down before it tells whose the token is",
       [](Office& office) {
         sandbox::MethodFault fault;
         fault.method = "auth.test";
         fault.kind = sandbox::MethodFaultKind::rate_limited;
         fault.retry_after = 30;
         office.sandbox.fail_calls(fault);
       },
       {{"! slack bot token", "wait a minute"}, {"! slack", "not checked, because the bot token"}},
       k_asked_as_bot,
       0},
      {"the clock is a minute off",
       [](Office& office) { office.slack_clock.off = 60s; },
       {{"! clock", "behind Slack's → set this machine's clock"}},
       {"clock"},
       0},
      {"the clock is ten minutes off",
       [](Office& office) { office.slack_clock.off = -10min; },
       {{"✗ clock", "ahead of Slack's"}},
       {"clock"}},
      {"a program of a connector is missing",
       [](Office& office) { fs::remove(office.folder / "target"); },
       {{"✗ connector target: present: there is no program ", "/target that may be run → "},
        {"✗ connector target: absent: there is no program ", "/target that may be run → "},
        {"✗ connector target: observe: there is no program ", "/target that may be run → "}},
       {"connector target"}},
  };
  return defects;
}

}  // namespace

TEST_CASE("a channel or group that the bot cannot use has its own line") {
  const auto& defect = GENERATE(from_range(places()));
  Office office;
  judge(office, defect);
}

TEST_CASE("a channel that is a group says how many are in it, or why it names nobody") {
  const auto line_of = [](const std::string& channel, const std::function<void(Office&)>& make) {
    Office office;
    office.change("policy/policy.yaml", "slack:usergroup/S0APPROVE", "slack:channel/" + channel);
    make(office);
    const auto seen = office.look();
    const std::string subject = "group approvers (slack:channel/" + channel + "): ";
    for (const std::string& line : seen.lines) {
      if (line.find(subject) != std::string::npos) return line;
    }
    return std::string();
  };
  CHECK(begins_and_holds(line_of("C0ADMINS1", [](Office&) {}), "✓ group approvers", "2 members"));
  const auto published = [](Office& office) {
    REQUIRE(office.sandbox.make_private("C0ADMINS1", sandbox::Switch::off).has_value());
  };
  CHECK(
      begins_and_holds(line_of("C0ADMINS1", published), "✗ group approvers",
                       "#jit-admins is public: anybody could join it, so it names nobody → make it private"));
  CHECK(begins_and_holds(line_of("C0NOBODY1", [](Office&) {}), "✗ group approvers",
                         "no such channel → check the spelling"));
}

TEST_CASE("a token or scope that is wrong has its own line, and what needs it is not blamed") {
  const auto& defect = GENERATE(from_range(tokens()));
  Office office;
  judge(office, defect);
}

TEST_CASE("a peer that fails or hangs fails its own lines alone") {
  const auto& defect = GENERATE(from_range(peers()));
  Office office;
  judge(office, defect);
}

TEST_CASE("tokens of two apps are told apart") {
  sandbox::SandboxOptions options;
  options.app_token = "xapp-1-A0OTHER01-7-secret";
  Office office(std::move(options));
  const auto seen = office.look();
  CHECK(seen.exit_code == 1);
  const auto line = std::ranges::find_if(
      seen.lines, [](const std::string& it) { return it.starts_with("✗ slack app: the app token is of "); });
  REQUIRE(line != seen.lines.end());
  CHECK(line->find("A0OTHER01, the bot token of A0JITBOT1") != std::string::npos);
  CHECK(std::ranges::count_if(seen.lines, [](const std::string& it) { return it.starts_with("✗"); }) == 1);
}

TEST_CASE("a target that is silent costs its time-out and no more") {
  Office office;
  boost::asio::ip::tcp::acceptor silent(office.loop.executor(), {boost::asio::ip::address_v4::loopback(), 0});
  const Defect defect{
      "a database accepts and says nothing",
      [&](Office& it) {
        it.change("jitbot.yaml", "connectors:\n",
                  fmt::format("connectors:\n  db: {{type: postgres, url: \"${{DB}}\", timeout: 1s, "
                              "account: {{claim: email}}}}\n"));
        it.environment["DB"] = fmt::format("postgresql://jit:hunter2@127.0.0.1:{}/app?sslmode=disable",
                                           silent.local_endpoint().port());
      },
      {{"✗ connector db", ""}},
      {}};
  const auto before = office.look();
  defect.make(office);
  const auto began = std::chrono::steady_clock::now();
  const auto after = office.look();
  CHECK(std::chrono::steady_clock::now() - began < 20s);
  CHECK(after.exit_code == 1);
  std::size_t failed = 0;
  for (const std::string& line : after.lines) {
    INFO(line);
    CHECK(line.find("hunter2") == std::string::npos);
    CHECK(
        (line.starts_with("✓") || line.starts_with("! configuration") || line.starts_with("✗ connector db")));
    if (line.starts_with("✗")) ++failed;
  }
  CHECK(failed == 1);
}

TEST_CASE("a proxy that keeps Slack away is named, without its password") {
  Office office;
  office.environment["http_proxy"] = "http://jit:hunter2@127.0.0.1:1";
  const auto seen = office.look();
  CHECK(seen.exit_code == 1);
  std::string all;
  for (const std::string& line : seen.lines) all += line + "\n";
  INFO(all);
  CHECK(all.find("✗ slack: ") != std::string::npos);
  CHECK(all.find("! proxy: 127.0.0.1:1 stands between the bot and 127.0.0.1 → ") != std::string::npos);
  CHECK(all.find("hunter2") == std::string::npos);
  office.environment["NO_PROXY"] = "127.0.0.1";
  CHECK(office.look().exit_code == 0);
}

}  // namespace jitbot::doctor

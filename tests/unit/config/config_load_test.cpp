#include "tests/unit/config/folder.hpp"

#include <catch2/catch.hpp>

using namespace jitbot;
using config_sample::Folder;

TEST_CASE("a small configuration gets the documented defaults", "[config]") {
  const Folder folder;
  const Config config = config_sample::load(folder, config_sample::minimal());
  const auto at = [&](const char* name) { return folder.path() / name; };

  CHECK(config.file == at("j.yaml"));
  CHECK(config.slack->app_token.reveal() == "xapp-1-A");
  CHECK(config.slack->bot_token.reveal() == "xoxb-1-B");
  CHECK(config.slack->api_url == "https://slack.com/api/");
  CHECK_FALSE(config.slack->loopback);
  CHECK(config.slack->connections == 2);
  CHECK(config.store.sqlite == at("jitbot.db"));
  CHECK(config.policy_folder == at("policy"));
  CHECK(config.audit.key == at("audit.key"));
  CHECK(config.audit.head == at("audit.head"));
  CHECK(config.timezone == "UTC");
  CHECK(config.pending_per_person == 5);
  CHECK(config.auditors.members.empty());
  CHECK(config.admins.channel == "#admins");
  CHECK(config.admins.who.members == std::vector<Subject>{{Subject::Kind::email, "root@example.com"}});
  CHECK_FALSE(config.http);
  CHECK(config.log.level == LogLevel::info);
  CHECK(config.log.format == LogFormat::text);

  const ConnectorSettings& web = config.connectors.at("web");
  CHECK(type_name(web) == "exec");
  CHECK(std::holds_alternative<AccountByEmail>(web.account));
  CHECK(web.on_existing == OnExisting::keep);
  CHECK(web.timeout == 30s);
  CHECK(web.concurrency == 4);
  CHECK(web.drift == 5min);
}

TEST_CASE("everything that a configuration says is read", "[config]") {
  const Folder folder;
  folder.write("secrets/bot", "xoxb-from-file\r\n");
  const Config config = config_sample::load(folder, R"(
chat: [{slack: {app_token: "${APP}", bot_token: "file:secrets/bot", api_url: http://localhost:8123/api, connections: 3}}]
store: {url: "sqlite:data/../data/jit.db"}
policy: {path: /etc/jitbot/policy}
audit: {key: "file:keys/audit.pem", head: /var/lib/jitbot/head}
timezone: Europe/Berlin
limits: {pending_per_person: 2}
auditors: {members: [group:security, "slack:U0AUDIT"]}
admins: {channel: C0ADMINS, members: [Root@Example.com]}
connectors:
  db:
    type: postgres
    url: ${DB}
    enforce: true
    account: {claim: email_local, domains: [Example.com]}
    on_existing: refuse
    timeout: 10s
    concurrency: 2
    drift: 1m
  vpn:
    type: exec
    present: [./bin/vpn, "{{account}}", "--until={{until}}", "", "{{params.net}}"]
    absent: [vpn, "{{role}}"]
    observe: [/usr/bin/vpn, "{{resource}}"]
    env: {TOKEN: "${LOOKUP}", MODE: "x$${y}", EMPTY: ""}
    account: {map: {Alice@example.com: al}}
  web: {type: lookup}
http: {listen: "[::1]:0", lookup_token: "${LOOKUP}"}
log: {level: debug, format: json}
)");

  CHECK(config.slack->bot_token.reveal() == "xoxb-from-file");
  CHECK(config.slack->api_url == "http://localhost:8123/api/");
  CHECK(config.slack->loopback);
  CHECK(config.slack->connections == 3);
  CHECK(config.store.sqlite == folder.path() / "data/jit.db");
  CHECK(config.policy_folder == "/etc/jitbot/policy");
  CHECK(config.audit.key == folder.path() / "keys/audit.pem");
  CHECK(config.audit.head == "/var/lib/jitbot/head");
  CHECK(config.timezone == "Europe/Berlin");
  CHECK(config.pending_per_person == 2);
  CHECK(config.auditors.members == std::vector<Subject>{{Subject::Kind::group, "security"},
                                                        {Subject::Kind::principal, "slack:U0AUDIT"}});
  CHECK(config.admins.channel == "C0ADMINS");
  CHECK(config.admins.who.members.front().value == "root@example.com");

  const ConnectorSettings& db = config.connectors.at("db");
  CHECK(std::get<PostgresSettings>(db.target).url.reveal() == "postgresql://jit:hunter2@127.0.0.1:5432/app");
  CHECK(std::get<PostgresSettings>(db.target).enforce);
  CHECK(std::get<AccountByLocalPart>(db.account).domains == std::vector<std::string>{"example.com"});
  CHECK(db.on_existing == OnExisting::refuse);
  CHECK(db.timeout == 10s);
  CHECK(db.concurrency == 2);
  CHECK(db.drift == 1min);

  const ExecSettings& vpn = std::get<ExecSettings>(config.connectors.at("vpn").target);
  CHECK(vpn.present == std::vector<std::string>{(folder.path() / "bin/vpn").string(), "{{account}}",
                                                "--until={{until}}", "", "{{params.net}}"});
  CHECK(vpn.absent.front() == "vpn");
  CHECK(vpn.observe.front() == "/usr/bin/vpn");
  CHECK(vpn.folder == folder.path());
  CHECK(vpn.env.at("TOKEN").reveal() == "look");
  CHECK(vpn.env.at("MODE").reveal() == "x${y}");
  CHECK(vpn.env.at("EMPTY").empty());
  CHECK(std::get<AccountByMap>(config.connectors.at("vpn").account).accounts.at("alice@example.com") == "al");
  CHECK(type_name(config.connectors.at("web")) == "lookup");

  REQUIRE(config.http);
  CHECK(config.http->host == "::1");
  CHECK(config.http->port == 0);
  CHECK(config.http->loopback);
  CHECK(config.http->lookup_token->reveal() == "look");
  CHECK(config.log.level == LogLevel::debug);
  CHECK(config.log.format == LogFormat::json);
}

TEST_CASE("the environment works in every scalar outside argument lists", "[config]") {
  const Folder folder;
  const auto file =
      folder.write("j.yaml", config_sample::minimal() +
                                 "limits: {pending_per_person: \"${N}\"}\n"
                                 "log: {level: \"${LEVEL}\"}\nhttp: {listen: \"127.0.0.1:${PORT}\"}\n");
  auto values = config_sample::usual();
  values.insert({{"N", "7"}, {"LEVEL", "warn"}, {"PORT", "8099"}});
  const auto loaded = load_config(file, config_sample::environment(values));
  REQUIRE(loaded);
  CHECK(loaded->config.pending_per_person == 7);
  CHECK(loaded->config.log.level == LogLevel::warn);
  CHECK(loaded->config.http->port == 8099);
}

TEST_CASE("what the environment holds is never read again for more variables", "[config]") {
  const Folder folder;
  const auto file = folder.write("j.yaml", config_sample::with("policy: {path: \"${DIR}\"}"));
  auto values = config_sample::usual();
  values["DIR"] = "/a/${APP}/b";
  const auto loaded = load_config(file, config_sample::environment(values));
  REQUIRE(loaded);
  CHECK(loaded->config.policy_folder == "/a/${APP}/b");
}

TEST_CASE("a configuration that cannot be read is one clear problem", "[config]") {
  const Folder folder;
  const auto missing = load_config(folder.path() / "none.yaml", process_environment());
  REQUIRE_FALSE(missing);
  CHECK(missing.error().front().message == "the configuration cannot be read: No such file or directory");
  const auto directory = load_config(folder.path(), process_environment());
  REQUIRE_FALSE(directory);
  CHECK(directory.error().front().message == "the configuration cannot be read: it is not a regular file");
}

TEST_CASE("a Mattermost server stands beside Slack, or instead of it", "[config]") {
  const Folder folder;
  const std::string rest = config_sample::minimal().substr(config_sample::minimal().find('\n') + 1);
  const Config alone = config_sample::load(
      folder,
      "chat: [{mattermost: {url: \"https://chat.example.com/sub/\", token: \"${LOOKUP}\", team: ops}}]\n" +
          rest);
  CHECK_FALSE(alone.slack);
  REQUIRE(alone.mattermost);
  CHECK(alone.mattermost->url == "https://chat.example.com/sub");
  CHECK(alone.mattermost->team == "ops");
  CHECK_FALSE(alone.mattermost->token.empty());
  CHECK_FALSE(alone.mattermost->callbacks);
  CHECK_FALSE(alone.mattermost->loopback);

  const Config both = config_sample::load(folder, R"(chat:
  - slack: {app_token: "${APP}", bot_token: "${BOT}"}
  - mattermost: {url: "http://localhost:8065", token: "${LOOKUP}", team: ops, command_token: "${LOOKUP}",
      callbacks: {listen: "127.0.0.1:8066", url: "http://localhost:8066/", from: [10.0.0.5, "fd00::/8"]}}
)" + rest);
  CHECK(both.slack);
  REQUIRE((both.mattermost && both.mattermost->callbacks));
  CHECK(both.mattermost->loopback);
  CHECK(both.mattermost->callbacks->listen.host == "127.0.0.1");
  CHECK(both.mattermost->callbacks->listen.port == 8066);
  CHECK(both.mattermost->callbacks->listen.loopback);
  CHECK(both.mattermost->callbacks->from == std::vector<std::string>{"10.0.0.5", "fd00::/8"});
  CHECK(both.mattermost->callbacks->url == "http://localhost:8066");
  CHECK_FALSE(both.mattermost->command_token.empty());
}

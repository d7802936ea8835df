#include "tests/unit/config/folder.hpp"

#include <catch2/catch.hpp>

using namespace jitbot;
using config_sample::said_of;
using config_sample::with;

namespace {

struct Case {
  std::string line;  // replaces the line of its key
  std::string said;
};

void check(const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    INFO(one.line);
    CHECK(said_of(with(one.line)) == one.said);
  }
}

std::string slack(const std::string& rest) {
  return "chat: [{slack: {app_token: \"${APP}\", bot_token: \"${BOT}\", " + rest + "}}]";
}

const std::string k_sandbox = "; it must be https://slack.com/api/, or http on this machine for a sandbox\n";

std::string mattermost(const std::string& rest) {
  return "chat: [{mattermost: {token: \"${LOOKUP}\", team: ops, " + rest + "}}]";
}

const std::string k_site = "; it must look like https://chat.example.com\n";

}  // namespace

TEST_CASE("the whole configuration is checked", "[config][problems]") {
  CHECK(said_of("{}\n") ==
        "j.yaml:1:1: admins: is missing; a configuration needs it\n"
        "j.yaml:1:1: chat: is missing; a configuration needs it\n"
        "j.yaml:1:1: connectors: is missing; a configuration needs it\n"
        "j.yaml:1:1: policy: is missing; a configuration needs it\n");
  CHECK(said_of("") == "j.yaml:1:1: the file is empty\n");
  check({
      {"polcy: {path: x}",
       "j.yaml:5:1: polcy: unknown key; did you mean policy? allowed: chat, store, policy, audit, timezone, "
       "limits, "
       "auditors, connectors, catalogs, admins, identity, http, log\n"},
      {"policy: {path: \"\"}", "j.yaml:2:16: policy.path: must not be empty\n"},
      {"policy: {}", "j.yaml:2:9: policy.path: is missing; policy needs it\n"},
      {"store: {url: \"postgresql://x/y\"}",
       "j.yaml:5:14: store.url: \"postgresql://x/y\" is not allowed here; it must be sqlite:PATH\n"},
      {"store: {url: \"sqlite::memory:\"}",
       "j.yaml:5:14: store.url: \"sqlite::memory:\" is not allowed here; it must be sqlite:PATH\n"},
      {"audit: {key: audit.key}",
       "j.yaml:5:14: audit.key: must be file:PATH; the key is made there when the store is empty\n"},
      {"audit: {key: \"file:a\", head: a}", "j.yaml:5:8: audit: key and head must be two files\n"},
      {"timezone: Europe/Berln",
       "j.yaml:5:11: timezone: \"Europe/Berln\" is not a time zone that this machine knows; it looks like "
       "Europe/Berlin or UTC\n"},
      {"limits: {pending_per_person: 0}",
       "j.yaml:5:30: limits.pending_per_person: must be a whole number from 1 to 1000\n"},
      {"admins: {channel: \"#a\", members: []}",
       "j.yaml:3:34: admins.members: must name at least one administrator\n"},
      {"admins: {channel: a, members: [owners]}",
       "j.yaml:3:19: admins.channel: \"a\" is not a channel; write \"#name\" in quotes and lower case, or an "
       "id such as "
       "C0123\n"
       "j.yaml:3:32: admins.members[0]: \"owners\" is not allowed here; it must be an e-mail, group:NAME or "
       "an account (slack:U…, mattermost:…)\n"},
      {"admins: {channel: \"#a\"}", "j.yaml:3:9: admins.members: is missing; admins needs it\n"},
      {"log: {level: loud, format: xml}",
       "j.yaml:5:14: log.level: \"loud\" is not allowed here; it must be trace, debug, info, warn or error\n"
       "j.yaml:5:28: log.format: \"xml\" is not allowed here; it must be text or json\n"},
  });
}

TEST_CASE("chats are named one by one, and tokens go nowhere else", "[config][problems]") {
  check({
      {"chat: []", "j.yaml:1:7: chat: must hold at least one chat\n"},
      {"chat: {slack: {}}", "j.yaml:1:7: chat: must be a list, not a map\n"},
      {"chat: [{}]", "j.yaml:1:8: chat[0]: must be slack or mattermost\n"},
      {"chat: [{slack: {app_token: \"${APP}\", bot_token: \"${BOT}\"}}, {slack: {app_token: \"${APP}\", "
       "bot_token: \"${BOT}\"}}]",
       "j.yaml:1:69: chat[1].slack: stands here already; a bot serves one workspace of each kind\n"},
      {"chat: [{slack: {app_token: \"${BOT}\", bot_token: \"${APP}\"}}]",
       "j.yaml:1:28: chat[0].slack.app_token: is not an app-level token; it begins with xapp-\n"
       "j.yaml:1:49: chat[0].slack.bot_token: is not a bot token; it begins with xoxb-\n"},
      {slack("api_url: http://slack.com/api/"),
       "j.yaml:1:68: chat[0].slack.api_url: tokens are not sent without TLS" + k_sandbox},
      {slack("api_url: https://slack.com.evil.example/api/"),
       "j.yaml:1:68: chat[0].slack.api_url: this host is not Slack's" + k_sandbox},
      {slack("api_url: https://evilslack.com/api/"),
       "j.yaml:1:68: chat[0].slack.api_url: this host is not Slack's" + k_sandbox},
      {slack("api_url: \"wss://slack.com/\""),
       "j.yaml:1:68: chat[0].slack.api_url: only http and https are API addresses" + k_sandbox},
      {slack("api_url: \"http://127.0.0.1:80/api?x=1\""),
       "j.yaml:1:68: chat[0].slack.api_url: it has a query" + k_sandbox},
      {slack("api_url: http://10.0.0.1/api/"),
       "j.yaml:1:68: chat[0].slack.api_url: this host is not Slack's" + k_sandbox},
      {slack("connections: 11"),
       "j.yaml:1:72: chat[0].slack.connections: must be a whole number from 1 to 10\n"},
      {slack("api_url: https://slack-gov.com/api/"), ""},
      {slack("api_url: \"http://[::1]:9/api/\""), ""},
      {"chat: [{slack: {app_token: anything, bot_token: \"${BOT}\", api_url: http://127.0.0.1:9/}}]",
       "j.yaml:1:28: chat[0].slack.app_token: the secret itself stands here; use ${NAME} or file:PATH "
       "instead\n"},
      {"chat: [{slack: {app_token: \"a$${b}\", bot_token: \"${BOT}\", api_url: http://127.0.0.1:9/}}]",
       "j.yaml:1:28: chat[0].slack.app_token: the secret itself stands here; use ${NAME} or file:PATH "
       "instead\n"},
      {"chat: [{slack: {app_token: \"a b\", bot_token: \"${BOT}\", api_url: http://127.0.0.1:9/}}]",
       "j.yaml:1:28: chat[0].slack.app_token: a token has no spaces and only plain ASCII characters\n"},
  });
}

TEST_CASE("variables and files for values are checked", "[config][problems]") {
  check({
      {"policy: {path: \"${NOPE}\"}", "j.yaml:2:16: policy.path: the environment variable NOPE is not set\n"},
      {"policy: {path: \"${NO PE}\"}",
       "j.yaml:2:16: policy.path: ${NAME} needs the name of an environment variable; write $${ for a literal "
       "${\n"},
      {"policy: {path: \"${NOPE\"}",
       "j.yaml:2:16: policy.path: ${NAME} needs the name of an environment variable; write $${ for a literal "
       "${\n"},
      {"connectors: {web: {type: exec, present: [p, \"${APP}\"], absent: [a, \"file:x\"], observe: [o]}}",
       "j.yaml:4:45: connectors.web.present[1]: ${NAME} and file: are not allowed in arguments; pass the "
       "value in `env`\n"
       "j.yaml:4:68: connectors.web.absent[1]: ${NAME} and file: are not allowed in arguments; pass the "
       "value in "
       "`env`\n"},
  });
  const config_sample::Folder folder;
  folder.write("empty", "\n");
  folder.write("open", "xoxb-1");
  std::filesystem::permissions(folder.path() / "open", std::filesystem::perms::owner_read |
                                                           std::filesystem::perms::group_read |
                                                           std::filesystem::perms::others_read);
  const auto said = [&](const std::string& token) {
    const auto file = folder.write(
        "j.yaml", with("chat: [{slack: {app_token: \"${APP}\", bot_token: \"file:" + token + "\"}}]"));
    const auto loaded = load_config(file, config_sample::environment(config_sample::usual()));
    return loaded ? config_sample::lines(loaded->warnings, file) : config_sample::lines(loaded.error(), file);
  };
  const std::string at = "j.yaml:1:49: chat[0].slack.bot_token: " + folder.path().string();
  CHECK(said("none") == at + "/none: No such file or directory\n");
  CHECK(said("empty") == at + "/empty is empty\n");
  CHECK(said("open") == at + "/open holds a secret and others may read it; chmod 600\n");
}

TEST_CASE("a problem never shows what came from the environment", "[config][problems]") {
  check({
      {"log: {level: \"${DB}\"}",
       "j.yaml:5:14: log.level: the text from the environment is not allowed here; it must be trace, debug, "
       "info, warn "
       "or error\n"},
      {"store: {url: \"${DB}\"}",
       "j.yaml:5:14: store.url: the text from the environment is not allowed here; it must be sqlite:PATH\n"},
      {"admins: {channel: \"${DB}\", members: [\"${DB}\"]}",
       "j.yaml:3:19: admins.channel: the text from the environment is not a channel; write \"#name\" in "
       "quotes and lower "
       "case, or an id such as C0123\n"
       "j.yaml:3:38: admins.members[0]: the text from the environment is not allowed here; it must be an "
       "e-mail, "
       "group:NAME or an account (slack:U…, mattermost:…)\n"},
      {"connectors: {web: {type: lookup, timeout: \"${DB}\"}}",
       "j.yaml:4:43: connectors.web.timeout: the text from the environment is not a duration such as 45s, "
       "30m, 1h30m or "
       "2d\n"},
  });
}

TEST_CASE("the port is closed to strangers unless there is a token", "[config][problems]") {
  const std::string address =
      " is not an address; it must be ADDRESS:PORT such as 127.0.0.1:8080 or [::1]:0\n";
  check({
      {"http: {listen: 0.0.0.0:8080}",
       "j.yaml:5:16: http.listen: an address that others can reach needs lookup_token\n"},
      {"http: {listen: \"[::]:8080\"}",
       "j.yaml:5:16: http.listen: an address that others can reach needs lookup_token\n"},
      {"http: {listen: 0.0.0.0:8080, lookup_token: \"${LOOKUP}\"}", ""},
      {"http: {listen: 127.0.0.1:0}", ""},
      {"http: {listen: localhost:1}", ""},
      {"http: {listen: \":8080\"}", "j.yaml:5:16: http.listen: \":8080\"" + address},
      {"http: {listen: \"127.0.0.1\"}", "j.yaml:5:16: http.listen: \"127.0.0.1\"" + address},
      {"http: {listen: \"127.0.0.1:99999\"}", "j.yaml:5:16: http.listen: \"127.0.0.1:99999\"" + address},
      {"http: {listen: \"::1:80\"}", "j.yaml:5:16: http.listen: \"::1:80\"" + address},
      {"http: {listen: \"example.com:80\"}", "j.yaml:5:16: http.listen: \"example.com:80\"" + address},
      {"http: {lookup_token: \"${LOOKUP}\"}", "j.yaml:5:7: http.listen: is missing; http needs it\n"},
      {"http: {listen: 127.0.0.1:0, lookup_token: abc}",
       "j.yaml:5:43: http.lookup_token: the secret itself stands here; use ${NAME} or file:PATH instead\n"},
  });
}

TEST_CASE("a Mattermost server is reached over TLS, and reaches us as it is told", "[config][problems]") {
  const std::string at = "j.yaml:1:21: chat[0].mattermost";
  const std::string url = "j.yaml:1:58: chat[0].mattermost.url: ";
  const std::string command = "url: https://chat.example.com, command_token: \"${LOOKUP}\"";
  check({
      {mattermost("url: https://chat.example.com"), ""},
      {mattermost("url: http://127.0.0.1:8065"), ""},
      {"chat: [{mattermost: {}}]", at + ".team: is missing; mattermost needs it\n" + at +
                                       ".token: is missing; mattermost needs it\n" + at +
                                       ".url: is missing; mattermost needs it\n"},
      {mattermost("url: http://chat.example.com"),
       url + "tokens are not sent without TLS; write https://…\n"},
      {mattermost("url: chat.example.com"), url + "not a usable URL: Bad scheme" + k_site},
      {mattermost("url: \"https://chat.example.com/?x=1\""), url + "it has a query" + k_site},
      {mattermost("url: https://chat.example.com, callbacks: {listen: \"127.0.0.1:8066\", url: "
                  "\"https://jitbot.internal:8066\"}"),
       at + ": callbacks need command_token: the token that the server shows for the slash command /jit\n"},
      {mattermost(command),
       "j.yaml:1:99: chat[0].mattermost.command_token: a slash command comes by callbacks; set callbacks, or "
       "leave this out\n"},
      {mattermost(command + ", callbacks: {listen: \"0.0.0.0:8066\", url: \"https://j:1\"}"),
       "j.yaml:1:123: chat[0].mattermost.callbacks: whoever reaches this port can send what a server would; "
       "name the addresses that call it, the server's or a proxy's: from: [10.0.0.5]\n"},
      {mattermost(command +
                  ", callbacks: {listen: \"0.0.0.0:8066\", url: \"https://j:1\", from: [10.0.0.0/8]}"),
       ""},
      {mattermost(command + ", callbacks: {listen: \"127.0.0.1:8066\", url: \"https://j:1\", from: []}"),
       "j.yaml:1:176: chat[0].mattermost.callbacks.from: names nobody, so the server could not call; leave "
       "it "
       "out for anybody\n"},
      {mattermost(command + ", callbacks: {listen: \"127.0.0.1:8066\", url: \"https://j:1\", from: [chat]}"),
       "j.yaml:1:177: chat[0].mattermost.callbacks.from[0]: is no address and no network; write for example "
       "10.0.0.5 or 10.0.0.0/24\n"},
      {mattermost(command + ", callbacks: {listen: here, url: \"https://j:1\"}"),
       "j.yaml:1:132: chat[0].mattermost.callbacks.listen: \"here\" is not an address; it must be "
       "ADDRESS:PORT "
       "such as 127.0.0.1:8080 or [::1]:0\n"},
      {mattermost(command + ", callbacks: {listen: \"127.0.0.1:0\", url: \"http://jitbot.internal:8066\"}"),
       "j.yaml:1:152: chat[0].mattermost.callbacks.url: what people say and press comes over plain http, for "
       "whoever is between the server and the bot to read; put TLS before it\n"},
  });
}

#include "bot/app/outbound.hpp"

#include "tests/unit/config/folder.hpp"
#include "tests/unit/net/test_certificates.hpp"

#include <catch2/catch.hpp>

using namespace jitbot;
using config_sample::Folder;
using jitbot::testing::TestCertificates;

// How the bot gets out: the certificates it trusts and the proxies of its environment.
namespace {

using Variables = std::map<std::string, std::string>;

std::string slack_with(const std::string& rest) {
  return config_sample::with("chat: [{slack: {app_token: \"${APP}\", bot_token: \"${BOT}\"" + rest + "}}]");
}

tl::expected<LoadedConfig, std::vector<PolicyProblem>> loaded(const Folder& folder, const std::string& text,
                                                              Variables variables) {
  variables.insert(config_sample::usual().begin(), config_sample::usual().end());
  const auto file = folder.write("j.yaml", text);
  return load_config(file, config_sample::environment(std::move(variables)));
}

std::string problems(const Folder& folder, const std::string& text, const Variables& variables) {
  const auto config = loaded(folder, text, variables);
  if (config) return "";
  return config_sample::lines(config.error(), folder.path() / "j.yaml");
}

std::string proxy_for(const Config& config, const std::string& url) {
  const auto proxy = http_options(config.slack->out).proxies.choose(net::parse_url(url).value());
  if (!proxy) return proxy.error().message;
  return *proxy ? (*proxy)->where() : "direct";
}

}  // namespace

TEST_CASE("the CA file is the configuration's, else the one that SSL_CERT_FILE names", "[config][outbound]") {
  const Folder folder;
  const TestCertificates certificates("DNS:localhost");
  std::filesystem::copy_file(certificates.ca_file(), folder.path() / "ca.pem");
  const std::string own = (folder.path() / "ca.pem").string();
  const auto ca_file = [&](const std::string& rest, const Variables& variables) {
    const auto config = loaded(folder, slack_with(rest), variables);
    REQUIRE(config);
    CHECK(http_options(config->config.slack->out).ca_file == config->config.slack->out.ca_file);
    return config->config.slack->out.ca_file;
  };
  CHECK(ca_file("", {}).empty());
  CHECK(ca_file(", ca_file: ca.pem", {}) == own);
  CHECK(ca_file(", ca_file: \"${CA}\"", {{"CA", own}}) == own);
  CHECK(ca_file("", {{"SSL_CERT_FILE", certificates.ca_file()}}) == certificates.ca_file());
  CHECK(ca_file("", {{"SSL_CERT_FILE", ""}}).empty());
  CHECK(ca_file(", ca_file: ca.pem", {{"SSL_CERT_FILE", "/nonexistent"}}) == own);
}

TEST_CASE("a CA file that cannot be used is a problem of the configuration", "[config][outbound]") {
  const Folder folder;
  const TestCertificates certificates("DNS:localhost");
  const auto file = [&](const std::string& name) { return (folder.path() / name).string(); };
  folder.write("empty.pem", "");
  folder.write("key.pem", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
  const std::string at_key = "j.yaml:1:68: chat[0].slack.ca_file: ";
  const auto said = [&](const std::string& name) {
    return problems(folder, slack_with(", ca_file: \"" + name + "\""), {});
  };
  CHECK(said("none.pem") ==
        at_key + "the CA file cannot be read: " + file("none.pem") + ": No such file or directory\n");
  CHECK(said(".") == at_key + "the CA file is not a regular file: " + folder.path().string() + "/\n");
  for (const std::string name : {"empty.pem", "key.pem"})
    CHECK(said(name) == at_key + "the CA file holds no certificate in PEM form: " + file(name) + "\n");
  CHECK(problems(folder, slack_with(""), {{"SSL_CERT_FILE", "/nonexistent/ca.pem"}}) ==
        "j.yaml:1:16: chat[0].slack: SSL_CERT_FILE: the CA file cannot be read: /nonexistent/ca.pem: No such "
        "file or directory\n");
}

TEST_CASE("the environment's proxies go with the configuration", "[config][outbound]") {
  const Folder folder;
  const auto config =
      loaded(folder, slack_with(""),
             {{"HTTPS_PROXY", "http://al:pw@proxy.example:3128"}, {"NO_PROXY", ".corp.example"}});
  REQUIRE(config);
  CHECK(proxy_for(config->config, "https://slack.com/api/") == "proxy.example:3128");
  CHECK(proxy_for(config->config, "wss://wss-primary.slack.com/") == "proxy.example:3128");
  CHECK(proxy_for(config->config, "https://x.corp.example/") == "direct");
  CHECK(proxy_for(config->config, "http://127.0.0.1:1/") == "direct");
}

TEST_CASE("a proxy that cannot be used stops the start where it would be needed", "[config][outbound]") {
  const Folder folder;
  const Variables socks{{"ALL_PROXY", "socks5://al:hunter2@p:1"}};
  const std::string said = problems(folder, slack_with(""), socks);
  CHECK(said.starts_with("j.yaml:1:16: chat[0].slack: ALL_PROXY names no usable proxy: "));
  CHECK(said.find("hunter2") == std::string::npos);
  CHECK(problems(folder, slack_with(", api_url: \"http://127.0.0.1:1/api/\""), socks) == said);
  Variables exempt = socks;
  exempt["NO_PROXY"] = "slack.com";
  CHECK(problems(folder, slack_with(""), exempt).empty());
  Variables other{{"http_proxy", "socks5://p:1"}};
  CHECK(problems(folder, slack_with(""), other).empty());
}

#include "adapters/net/proxy.hpp"

#include <catch2/catch.hpp>

#include <map>

using namespace jitbot;
using namespace jitbot::net;

namespace {

using Variables = std::map<std::string, std::string>;

Proxies proxies(Variables variables) {
  return Proxies::from_environment([&variables](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  });
}

// "host:port", "direct", or "invalid: " and why.
std::string chosen(const Variables& variables, const std::string& url) {
  const auto proxy = proxies(variables).choose(parse_url(url).value());
  if (!proxy) return "invalid: " + proxy.error().message;
  return *proxy ? (*proxy)->where() : "direct";
}

bool bypassed(const std::string& no_proxy, const std::string& host) {
  const Variables variables{{"HTTPS_PROXY", "http://p:1"}, {"NO_PROXY", no_proxy}};
  return chosen(variables, "https://" + host + "/") == "direct";
}

Proxy the_proxy(const std::string& value) {
  const auto proxy = proxies({{"HTTPS_PROXY", value}}).choose(parse_url("https://slack.com/").value());
  REQUIRE(proxy);
  REQUIRE(*proxy);
  return **proxy;
}

}  // namespace

TEST_CASE("the variable that applies is the one that curl takes", "[net][proxy]") {
  const auto [variables, url, expected] = GENERATE(table<Variables, std::string, std::string>({
      {{}, "https://slack.com/", "direct"},
      {{{"https_proxy", "http://low:1"}, {"HTTPS_PROXY", "http://up:2"}}, "https://slack.com/", "low:1"},
      {{{"HTTPS_PROXY", "http://up:2"}}, "https://slack.com/", "up:2"},
      {{{"HTTPS_PROXY", "http://up:2"}}, "wss://wss-primary.slack.com/link", "up:2"},
      {{{"HTTPS_PROXY", "http://up:2"}}, "http://127.0.0.1:8765/", "direct"},
      {{{"https_proxy", ""}, {"HTTPS_PROXY", "http://up:2"}}, "https://slack.com/", "up:2"},
      {{{"https_proxy", " "}}, "https://slack.com/", "direct"},
      {{{"http_proxy", "http://plain:3"}}, "http://127.0.0.1/", "plain:3"},
      {{{"http_proxy", "http://plain:3"}}, "ws://127.0.0.1/", "plain:3"},
      {{{"http_proxy", "http://plain:3"}}, "https://slack.com/", "direct"},
      {{{"HTTP_PROXY", "http://visitor:4"}}, "http://127.0.0.1/", "direct"},
      {{{"HTTP_PROXY", "http://visitor:4"}}, "https://slack.com/", "direct"},
      {{{"all_proxy", "http://all:5"}, {"ALL_PROXY", "http://ALL:6"}}, "https://slack.com/", "all:5"},
      {{{"ALL_PROXY", "http://ALL:6"}}, "http://127.0.0.1/", "ALL:6"},
      {{{"ALL_PROXY", "http://ALL:6"}, {"HTTPS_PROXY", "http://up:2"}}, "https://slack.com/", "up:2"},
      {{{"HTTPS_PROXY", "http://up:2"}, {"no_proxy", "a"}, {"NO_PROXY", "slack.com"}},
       "https://slack.com/",
       "up:2"},
      {{{"HTTPS_PROXY", "http://up:2"}, {"no_proxy", ""}, {"NO_PROXY", "slack.com"}},
       "https://slack.com/",
       "direct"},
  }));
  CAPTURE(variables, url);
  CHECK(chosen(variables, url) == expected);
}

TEST_CASE("a proxy's address is taken apart as curl does", "[net][proxy]") {
  const auto [value, tls, where] = GENERATE(table<std::string, bool, std::string>({
      {"http://proxy.example:3128", false, "proxy.example:3128"},
      {"http://proxy.example:3128/ignored?x", false, "proxy.example:3128"},
      {"HTTP://proxy.example:80", false, "proxy.example:80"},
      {"proxy.example:8080", false, "proxy.example:8080"},
      {"proxy.example", false, "proxy.example:1080"},
      {"http://proxy.example:", false, "proxy.example:1080"},
      {"https://proxy.example", true, "proxy.example:443"},
      {"https://proxy.example:8443", true, "proxy.example:8443"},
      {"http://[::1]:3128", false, "[::1]:3128"},
      {"[2001:db8::1]", false, "[2001:db8::1]:1080"},
      {"  http://10.0.0.1:3128\n", false, "10.0.0.1:3128"},
  }));
  CAPTURE(value);
  const Proxy proxy = the_proxy(value);
  CHECK(proxy.tls == tls);
  CHECK(proxy.where() == where);
  CHECK_FALSE(proxy.authenticates);
  CHECK(basic_authorization(proxy).empty());
}

TEST_CASE("user and password are percent-decoded and sent as Basic", "[net][proxy]") {
  const auto [value, user, password,
              header] = GENERATE(table<std::string, std::string, std::string, std::string>({
      {"http://Aladdin:open%20sesame@p:1", "Aladdin", "open sesame", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="},
      {"corp%5Cal%40x:p%3Aw%2F%25@p:1", "corp\\al@x", "p:w/%", "Basic Y29ycFxhbEB4OnA6dy8l"},
      {"http://al@p:1", "al", "", "Basic YWw6"},
      {"http://al:@p:1", "al", "", "Basic YWw6"},
      {"http://:pw@p:1", "", "pw", "Basic OnB3"},
      {"http://al:p@ss/w?rd@p:1", "al", "p@ss/w?rd", "Basic YWw6cEBzcy93P3Jk"},
  }));
  CAPTURE(value);
  const Proxy proxy = the_proxy(value);
  CHECK(proxy.where() == "p:1");
  CHECK(proxy.authenticates);
  CHECK(proxy.user.reveal() == user);
  CHECK(proxy.password.reveal() == password);
  CHECK(basic_authorization(proxy).reveal() == header);
}

TEST_CASE("an unusable proxy is named by its variable, never by its value", "[net][proxy]") {
  const auto [value, why] = GENERATE(table<std::string, std::string>({
      {"socks5h://hunter2:hunter2@p:1080", "not SOCKS"},
      {"ftp://p", "not SOCKS"},
      {"http://al:hunter2%zz@p:1", "hexadecimal"},
      {"http://al%0d:hunter2@p:1", "control character"},
      {"http://a%3Al:hunter2@p:1", "colon"},
      {"http://al:hunter2@", "host or port"},
      {"http://al:hunter2@p:0", "host or port"},
      {"http://al:hunter2@p:70000", "host or port"},
      {"http://al:hunter2@p q", "host or port"},
  }));
  CAPTURE(value);
  const std::string said = chosen({{"HTTPS_PROXY", value}}, "https://slack.com/");
  CHECK(said.starts_with("invalid: HTTPS_PROXY names no usable proxy: "));
  CHECK(said.find(why) != std::string::npos);
  CHECK(said.find("hunter2") == std::string::npos);
}

TEST_CASE("a proxy that does not apply may be unusable", "[net][proxy]") {
  const Variables variables{
      {"https_proxy", "http://p:1"}, {"ALL_PROXY", "socks5://s:1"}, {"NO_PROXY", "localhost"}};
  CHECK(chosen(variables, "https://slack.com/") == "p:1");
  CHECK(chosen(variables, "http://localhost/") == "direct");
  CHECK(chosen(variables, "http://127.0.0.1/").starts_with("invalid: ALL_PROXY names no usable proxy"));
}

TEST_CASE("NO_PROXY lists hosts, domains, addresses and networks as curl reads it", "[net][proxy]") {
  const auto [list, host, direct] = GENERATE(table<std::string, std::string, bool>({
      {"", "slack.com", false},
      {"*", "slack.com", true},
      {"*", "127.0.0.1", true},
      {" * ", "127.0.0.1", false},
      {"*,other.example", "slack.com", false},
      {"*.slack.com", "wss.slack.com", false},
      {"slack.com", "slack.com", true},
      {"SLACK.com", "slack.COM", true},
      {"slack.com", "wss-primary.slack.com", true},
      {".slack.com", "wss-primary.slack.com", true},
      {".slack.com", "slack.com", true},
      {"slack.com.", "slack.com", true},
      {"slack.com", "slack.com.", true},
      {"slack.com", "notslack.com", false},
      {"com", "slack.com", true},
      {"wss.slack.com", "slack.com", false},
      {".", "slack.com", false},
      {"a.example, b.example slack.com", "slack.com", true},
      {",,slack.com,,", "slack.com", true},
      {"slack.com:443", "slack.com", false},
      {"127.0.0.1", "127.0.0.1", true},
      {"127.0.0.1", "127.0.0.2", false},
      {"0.0.1", "127.0.0.1", false},
      {"127.0.0.0/8", "127.3.2.1", true},
      {"10.1.0.0/15", "10.0.255.255", true},
      {"10.2.0.0/15", "10.1.0.1", false},
      {"10.0.0.0/33", "10.0.0.0", false},
      {"10.0.0.0/x", "10.0.0.0", false},
      {"10.0.0.0/0", "192.168.0.1", false},
      {"10.0.0.0/0", "10.0.0.0", true},
      {"localhost", "127.0.0.1", false},
      {"::1", "[::1]", true},
      {"::1", "[0:0:0:0:0:0:0:1]", true},
      {"2001:db8::/32", "[2001:db8:1::5]", true},
      {"2001:db8::/32", "[2001:db9::5]", false},
      {"::1", "127.0.0.1", false},
      {"1.2.3.4", "[::1]", false},
  }));
  CAPTURE(list, host);
  CHECK(bypassed(list, host) == direct);
}

TEST_CASE("loopback goes through a proxy like anything else", "[net][proxy]") {
  const std::string url =
      GENERATE(as<std::string>{}, "http://localhost:1/", "http://127.0.0.1:1/", "http://[::1]:1/");
  CHECK(chosen({{"http_proxy", "http://p:1"}}, url) == "p:1");
  CHECK(chosen({{"http_proxy", "http://p:1"}, {"NO_PROXY", "localhost,127.0.0.0/8,::1"}}, url) == "direct");
}

TEST_CASE("nothing is asked of a proxy unless one was given", "[net][proxy]") {
  const auto none = Proxies().choose(parse_url("https://slack.com/").value());
  REQUIRE(none);
  CHECK_FALSE(none->has_value());
}

#include "adapters/net/url.hpp"

#include "adapters/net/http.hpp"

#include <catch2/catch.hpp>

using namespace jitbot;
using namespace jitbot::net;

TEST_CASE("a URL is split into what a connection needs", "[net][url]") {
  struct Row {
    std::string text, scheme, host;
    std::uint16_t port;
    std::string target;
  };
  const auto row = GENERATE(values<Row>({
      {"https://slack.com/api/auth.test", "https", "slack.com", 443, "/api/auth.test"},
      {"http://127.0.0.1:8080", "http", "127.0.0.1", 8080, "/"},
      {"wss://wss-primary.slack.com/link/?ticket=a%2Fb&app_id=1", "wss", "wss-primary.slack.com", 443,
       "/link/?ticket=a%2Fb&app_id=1"},
      {"ws://localhost?x=1", "ws", "localhost", 80, "/?x=1"},
      {"https://[::1]:9443/a/../b", "https", "::1", 9443, "/a/../b"},
      {"HTTPS://Example.COM/P#fragment", "https", "Example.COM", 443, "/P"},
  }));
  CAPTURE(row.text);
  const auto url = parse_url(row.text);
  REQUIRE(url);
  CHECK(url->scheme == row.scheme);
  CHECK(url->host == row.host);
  CHECK(url->port == row.port);
  CHECK(url->target == row.target);
  CHECK(url->secure() == (row.scheme == "https" || row.scheme == "wss"));
}

TEST_CASE("what is not a usable URL is refused without being repeated", "[net][url]") {
  const std::string text = GENERATE(
      as<std::string>{}, "", "slack.com/path", "ftp://slack.com/", "file:///etc/passwd", "https://",
      "https:///path", "https://user:hunter2@slack.com/", "https://slack.com:0/", "https://slack.com:65536/",
      "https://slack.com:x/", "https://sl ack.com/", "https://slack.com/a b",
      "https://slack.com/a\r\nHost: x", "https://[::1/", std::string("https://slack.com/\0x", 20));
  CAPTURE(text);
  const auto url = parse_url(text);
  REQUIRE_FALSE(url);
  CHECK(url.error().kind == ErrorKind::invalid);
  CHECK_FALSE(url.error().message.empty());
  CHECK(url.error().message.find("hunter2") == std::string::npos);
}

TEST_CASE("only this machine counts as loopback", "[net][url]") {
  const auto [text, loopback] = GENERATE(table<std::string, bool>({
      {"http://localhost/", true},
      {"http://LOCALHOST/", true},
      {"http://127.0.0.1/", true},
      {"http://127.255.0.9/", true},
      {"http://[::1]/", true},
      {"http://128.0.0.1/", false},
      {"http://127.0.0.1.example.com/", false},
      {"http://localhost.example.com/", false},
      {"http://[::2]/", false},
      {"http://0.0.0.0/", false},
  }));
  CAPTURE(text);
  REQUIRE(parse_url(text));
  CHECK(parse_url(text)->loopback() == loopback);
}

TEST_CASE("percent encoding keeps the unreserved characters alone", "[net][url]") {
  CHECK(percent_encode("aZ09-._~") == "aZ09-._~");
  CHECK(percent_encode("a b/c?d=e&f+g%") == "a%20b%2Fc%3Fd%3De%26f%2Bg%25");
  CHECK(percent_encode("\xc3\xbc") == "%C3%BC");
  std::string every;
  for (int byte = 0; byte < 256; ++byte) every += static_cast<char>(byte);
  CHECK(percent_decode(percent_encode(every)) == every);
}

TEST_CASE("percent decoding refuses broken escapes", "[net][url]") {
  CHECK(percent_decode("a%2fb%2F+") == "a/b/+");
  CHECK(percent_decode("") == "");
  const std::string broken = GENERATE(as<std::string>{}, "%", "a%", "a%2", "%zz", "%2g", "%%20");
  CAPTURE(broken);
  REQUIRE_FALSE(percent_decode(broken));
  CHECK(percent_decode(broken).error().kind == ErrorKind::invalid);
}

TEST_CASE("a form survives its encoding", "[net][form]") {
  const std::vector<FormField> fields{{"text", "give me <staging> & more = now"},
                                      {"empty", ""},
                                      {"payload", "{\"a\":\"\xc3\xbc%+\"}"},
                                      {"x y", "1"}};
  const std::string body = encode_form(fields);
  CHECK(
      body ==
      "text=give+me+%3Cstaging%3E+%26+more+%3D+now&empty=&payload=%7B%22a%22%3A%22%C3%BC%25%2B%22%7D&x+y=1");
  const auto back = decode_form(body);
  REQUIRE(back.size() == fields.size());
  for (std::size_t i = 0; i < fields.size(); ++i) {
    CHECK(back[i].name == fields[i].name);
    CHECK(back[i].value == fields[i].value);
  }
}

TEST_CASE("odd forms are read as every server reads them", "[net][form]") {
  struct Row {
    std::string body;
    std::vector<std::pair<std::string, std::string>> fields;
  };
  const auto row = GENERATE(values<Row>({
      {"", {}},
      {"&&", {}},
      {"a", {{"a", ""}}},
      {"a=", {{"a", ""}}},
      {"=b", {{"", "b"}}},
      {"a=b=c", {{"a", "b=c"}}},
      {"a=1&a=2&", {{"a", "1"}, {"a", "2"}}},
      {"a=%4&b=%zz&c=100%", {{"a", "%4"}, {"b", "%zz"}, {"c", "100%"}}},
  }));
  CAPTURE(row.body);
  std::vector<std::pair<std::string, std::string>> read;
  for (auto& field : decode_form(row.body)) read.emplace_back(field.name, field.value);
  CHECK(read == row.fields);
}

TEST_CASE("headers are found whatever their case", "[net][http]") {
  const Headers headers{{"Content-Type", "a"}, {"retry-after", "30"}, {"RETRY-AFTER", "31"}};
  CHECK(find_header(headers, "content-TYPE") == "a");
  CHECK(find_header(headers, "Retry-After") == "30");
  CHECK_FALSE(find_header(headers, "Retry").has_value());
}

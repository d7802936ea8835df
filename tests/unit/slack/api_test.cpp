#include "adapters/chat/read/http_date.hpp"
#include "adapters/chat/slack/api_error.hpp"
#include "adapters/chat/slack/hosts.hpp"

#include <catch2/catch.hpp>

using namespace jitbot;
using namespace jitbot::slack;

TEST_CASE("Slack's codes become kinds in one way", "[slack]") {
  const auto [code, kind] = GENERATE(table<std::string, ErrorKind>({
      {"ratelimited", ErrorKind::rate_limited},
      {"rate_limited", ErrorKind::rate_limited},
      {"channel_not_found", ErrorKind::not_found},
      {"message_not_found", ErrorKind::not_found},
      {"users_not_found", ErrorKind::not_found},
      {"is_archived", ErrorKind::refused},
      {"restricted_action_read_only_channel", ErrorKind::refused},
      {"missing_scope", ErrorKind::refused},
      {"invalid_auth", ErrorKind::unavailable},
      {"token_expired", ErrorKind::unavailable},
      {"invalid_blocks", ErrorKind::invalid},
      {"hash_conflict", ErrorKind::conflict},
      {"internal_error", ErrorKind::outcome_unknown},
      {"service_unavailable", ErrorKind::outcome_unknown},
      {"an_error_of_next_year", ErrorKind::refused},
  }));
  CAPTURE(code);
  CHECK(kind_of(code) == kind);
  CHECK_FALSE(words_for(code).empty());
}

TEST_CASE("errors that no retry mends are known", "[slack]") {
  for (const std::string code :
       {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired",
        "user_removed_from_team", "team_disabled", "not_allowed_token_type", "missing_scope", "no_permission",
        "org_login_required", "ekm_access_denied", "app_not_found"}) {
    CHECK(is_fatal(code));
  }
  for (const std::string code : {"", "ratelimited", "internal_error", "channel_not_found", "is_archived"}) {
    CHECK_FALSE(is_fatal(code));
  }
}

TEST_CASE("only Slack's own hosts are dialled and answered", "[slack]") {
  CHECK(may_dial("wss://wss-primary.slack.com/link/?ticket=1", Realm::slack));
  CHECK(may_dial("wss://wss.slack-gov.com/link", Realm::slack));
  CHECK_FALSE(may_dial("ws://wss-primary.slack.com/link", Realm::slack));
  CHECK_FALSE(may_dial("wss://slack.com.evil.example/link", Realm::slack));
  CHECK_FALSE(may_dial("wss://evilslack.com/", Realm::slack));
  CHECK_FALSE(may_dial("ws://127.0.0.1:9/", Realm::slack));
  CHECK_FALSE(may_dial("https://wss-primary.slack.com/", Realm::slack));
  CHECK(may_answer_to("https://hooks.slack.com/commands/1", Realm::slack));
  CHECK(may_answer_to("https://hooks.slack-gov.com/commands/1", Realm::slack));
  CHECK_FALSE(may_answer_to("http://hooks.slack.com/commands/1", Realm::slack));
  CHECK_FALSE(may_answer_to("https://hooks.slack.com:8443/commands/1", Realm::slack));
  CHECK_FALSE(may_answer_to("https://hooks.slack.com.evil.example/", Realm::slack));
  CHECK_FALSE(may_answer_to("https://hooks.slack.com@evil.example/", Realm::slack));
  CHECK_FALSE(may_answer_to("http://169.254.169.254/latest", Realm::slack));
  CHECK_FALSE(may_answer_to("http://127.0.0.1:80/", Realm::slack));
}

TEST_CASE("with the API on loopback, loopback is dialled and answered on any port", "[slack]") {
  CHECK(realm_of("http://127.0.0.1:9911/api/") == Realm::loopback);
  CHECK(realm_of("https://slack.com/api/") == Realm::slack);
  CHECK(may_dial("ws://127.0.0.1:7777/link", Realm::loopback));
  CHECK(may_dial("ws://localhost:7777/link", Realm::loopback));
  CHECK_FALSE(may_dial("ws://10.0.0.1:7777/link", Realm::loopback));
  CHECK(may_answer_to("http://127.0.0.1:5/commands/1", Realm::loopback));
  CHECK_FALSE(may_answer_to("http://10.0.0.1/commands/1", Realm::loopback));
  CHECK(may_call("http://127.0.0.1:9911/api/"));
  CHECK(may_call("https://slack.com/api/"));
  CHECK_FALSE(may_call("http://slack.com/api/"));
  CHECK_FALSE(may_call("slack"));
}

TEST_CASE("the server's Date is read, and nothing else is", "[slack]") {
  CHECK(chat::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT") == time_from_ms(784'111'777'000));
  CHECK(chat::parse_http_date("Sun, 29 Feb 2032 00:00:00 GMT") == time_from_ms(1'961'625'600'000));
  for (const std::string text : {"", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT",
                                 "Sun, 31 Feb 2026 08:49:37 GMT", "Sun, 06 Nov 1994 25:49:37 GMT",
                                 "Sun, 06 Nov 19x4 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 UTC"}) {
    CAPTURE(text);
    CHECK_FALSE(chat::parse_http_date(text));
  }
}

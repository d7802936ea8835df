#include "adapters/access/lookup/lookup.hpp"

#include "adapters/http/frontdoor.hpp"
#include "adapters/net/http_client.hpp"
#include "tests/integration/access/grants.hpp"

#include <nlohmann/json.hpp>

namespace jitbot::testing {

namespace {

using http::bears;
using http::Frontdoor;
using http::Health;
using nlohmann::json;

Task<Health> report(const Health* health) {
  co_return *health;
}

// The door on a free port, and somebody who asks at it.
struct Door {
  explicit Door(Secret token) : grants(loop), door(make(std::move(token))) {
    const auto started = door->start();
    if (!started) FAIL(started.error().message);
  }

  std::unique_ptr<Frontdoor> make(Secret token) {
    http::FrontdoorOptions options;
    options.lookup_token = std::move(token);
    return std::make_unique<Frontdoor>(
        loop.executor(), std::move(options), *grants.store, [this] { return now; },
        [this] { return report(&health); });
  }

  net::HttpResponse ask(const std::string& path, const std::string& authorization = "Bearer t0ken",
                        const std::string& method = "GET") {
    net::HttpRequest request;
    request.method = method;
    request.url = "http://127.0.0.1:" + std::to_string(door->port()) + path;
    if (!authorization.empty()) request.headers.push_back({"Authorization", authorization});
    auto answer = loop.run(client.send(std::move(request)));
    if (!answer) FAIL(answer.error().message);
    return std::move(*answer);
  }

  EventLoop loop;
  Time now = k_now;
  Health health;
  Grants grants;
  net::HttpClient client;
  std::unique_ptr<Frontdoor> door;
};

}  // namespace

TEST_CASE("A lookup connector answers from the store, baseline and restart included") {
  EventLoop loop;
  Grants grants(loop);
  Time now = k_now;
  const Grants::Row row{.id = "AAAA", .state = GrantState::activating, .end = k_now + 1h};
  grants.put(row);
  const auto connector = make_lookup_connector(
      {.name = "portal", .view = store_lookup_view(*grants.store, [&now] { return now; })});
  const auto observe = [&](bool untouched) {
    Target target = Grants::target(row);
    target.untouched = untouched;
    return loop.run(connector->observe(target));
  };
  CHECK(connector->capabilities().native_end);

  // The grant that wants it is durable already: the baseline must not take it for a standing right.
  CHECK(observe(true).presence == Presence::absent);
  REQUIRE(loop.run(connector->present(Grants::target(row), row.end)));
  CHECK(observe(false).presence == Presence::present);
  CHECK(observe(false).until == k_now + 1h);

  SECTION("a second connector, as after a restart, sees the same") {
    const auto again = make_lookup_connector(
        {.name = "portal", .view = store_lookup_view(*grants.store, [&now] { return now; })});
    CHECK(loop.run(again->observe(Grants::target(row))).presence == Presence::present);
  }
  SECTION("the end needs no call") {
    now = k_now + 1h;
    CHECK(observe(false).presence == Presence::absent);
  }
  SECTION("a grant that is ending is over at once") {
    grants.put({.id = "AAAA", .state = GrantState::ending, .end = k_now + 1h});
    REQUIRE(loop.run(connector->absent(Grants::target(row))));
    CHECK(observe(false).presence == Presence::absent);
  }
  SECTION("two grants hold it until the later end") {
    grants.put({.id = "BBBB", .end = k_now + 3h});
    CHECK(observe(false).until == k_now + 3h);
  }
  SECTION("an unreadable store is unknown") {
    const LookupView broken = [](Target) -> Task<Result<std::optional<Time>>> {
      co_return fail(ErrorKind::internal, "disk gone");
    };
    const auto blind = make_lookup_connector({.name = "portal", .view = broken});
    const auto seen = loop.run(blind->observe(Grants::target(row)));
    CHECK(seen.presence == Presence::unknown);
    CHECK(seen.detail == "disk gone");
  }
}

TEST_CASE("The door tells who holds what until when") {
  Door at(Secret("t0ken"));
  at.grants.put({.id = "AAAA"});
  at.grants.put({.id = "BBBB", .end = k_now + 2h});
  at.grants.put({.id = "CCCC", .role = "editor", .state = GrantState::activating, .end = k_now + 5min});
  at.grants.put({.id = "DDDD", .role = "owner", .state = GrantState::ending});
  at.grants.put({.id = "EEEE", .role = "admin", .state = GrantState::scheduled});
  at.grants.put({.id = "FFFF", .role = "guest", .end = k_now});
  at.grants.put({.id = "GGGG", .account = "bob/ops +1", .resource = "data lake"});

  struct Row {
    const char* path;
    int status;
    const char* roles;
  };
  const auto row = GENERATE(
      Row{"/v1/access/wiki/alice@example.com", 200,
          R"([{"role":"editor","until":"2026-03-01T02:05:00Z"},{"role":"reader","until":"2026-03-01T04:00:00Z"}])"},
      Row{"/v1/access/wiki/alice%40example.com?role=reader", 200,
          R"([{"role":"reader","until":"2026-03-01T04:00:00Z"}])"},
      Row{"/v1/access/wiki/alice@example.com?x=y&role=%72eader", 200,
          R"([{"role":"reader","until":"2026-03-01T04:00:00Z"}])"},
      Row{"/v1/access/wiki/alice@example.com?role=owner", 403, "[]"},
      Row{"/v1/access/wiki/alice@example.com?role=admin", 403, "[]"},
      Row{"/v1/access/wiki/alice@example.com?role=guest", 403, "[]"},
      Row{"/v1/access/wiki/alice@example.com?role=", 403, "[]"},
      Row{"/v1/access/wiki/ALICE@example.com", 403, "[]"},
      Row{"/v1/access/other/alice@example.com", 403, "[]"},
      Row{"/v1/access/data%20lake/bob%2Fops%20+1", 200,
          R"([{"role":"reader","until":"2026-03-01T03:00:00Z"}])"},
      Row{"/v1/access/data%20lake/bob%2fops%20%2B1?role=reader", 200,
          R"([{"role":"reader","until":"2026-03-01T03:00:00Z"}])"});
  CAPTURE(row.path);
  const auto answer = at.ask(row.path);
  CHECK(answer.status == row.status);
  CHECK(json::parse(answer.body) == json{{"roles", json::parse(row.roles)}});
  CHECK(net::find_header(answer.headers, "Cache-Control") == "no-store");

  at.now = k_now + 10h;
  CHECK(at.ask(row.path).status == 403);
}

TEST_CASE("The door is closed to whoever has no token, and to nonsense") {
  Door at(Secret("t0ken"));
  at.grants.put({.id = "AAAA"});
  const std::string path = "/v1/access/wiki/alice@example.com";
  for (const std::string wrong : {"", "Bearer", "Bearer ", "Bearer t0ke", "Bearer t0kenn", "Bearer T0ken",
                                  "Basic dDBrZW4=", "t0ken", "Bearert0ken"}) {
    CAPTURE(wrong);
    const auto refused = at.ask(path, wrong);
    CHECK(refused.status == 401);
    CHECK(net::find_header(refused.headers, "WWW-Authenticate").value_or("").substr(0, 6) == "Bearer");
    CHECK(refused.body.find("reader") == std::string::npos);
  }
  CHECK(at.ask(path, "bearer   t0ken").status == 200);  // the scheme is case-blind (RFC 9110 §11.1)
  CHECK(at.ask(path, "", "POST").status == 401);
  const auto posted = at.ask(path, "Bearer t0ken", "POST");
  CHECK(posted.status == 405);
  CHECK(net::find_header(posted.headers, "Allow") == "GET");
  for (const char* nowhere :
       {"/", "/v1/access", "/v1/access/", "/v1/access/wiki", "/v1/access/wiki/", "/v1/access//alice",
        "/v1/access/wiki/alice/more", "/v2/access/wiki/alice", "/healthz/"}) {
    CAPTURE(nowhere);
    CHECK(at.ask(nowhere).status == 404);
  }
  for (const char* broken : {"/v1/access/wiki/%zz", "/v1/access/wi%0aki/alice", "/v1/access/wiki/alice%00",
                             "/v1/access/wiki/alice?role=%4", "/v1/access/wiki/alice?role=a&role=b"}) {
    CAPTURE(broken);
    CHECK(at.ask(broken).status == 400);
  }
}

TEST_CASE("A token is compared whole and only once given") {
  CHECK(bears({{"authorization", "Bearer x"}}, Secret("x")));
  CHECK_FALSE(bears({{"Authorization", "Bearer "}}, Secret("")));
  CHECK_FALSE(bears({}, Secret("")));
  CHECK_FALSE(bears({{"Authorization", "Bearer x"}, {"Authorization", "Bearer y"}}, Secret("x")));
}

TEST_CASE("Without a token nothing but health is served, and only on loopback") {
  Door at{Secret()};
  CHECK(at.ask("/v1/access/wiki/alice", "Bearer ").status == 404);
  CHECK(at.ask("/healthz", "").status == 200);

  const std::string address = GENERATE("0.0.0.0", "::", "192.0.2.1", "10.0.0.1");
  http::FrontdoorOptions open;
  open.address = address;
  Frontdoor refused(
      at.loop.executor(), open, *at.grants.store, [] { return k_now; }, [&at] { return report(&at.health); });
  const auto started = refused.start();
  REQUIRE_FALSE(started);
  CHECK(started.error().kind == ErrorKind::invalid);
  CHECK(started.error().message.find("lookup_token") != std::string::npos);
  CHECK(http::is_loopback("[::1]"));
  CHECK(http::is_loopback("127.1.2.3"));
  CHECK_FALSE(http::is_loopback("127.0.0.1.example.com"));
}

TEST_CASE("Readiness says what is wrong") {
  Door at(Secret("t0ken"));
  at.health = {.chat_live = true, .store_writable = true, .oldest_overdue = std::nullopt};
  CHECK(at.ask("/healthz", "").status == 200);
  auto answer = at.ask("/readyz", "");
  CHECK(answer.status == 200);
  CHECK(json::parse(answer.body) ==
        json{{"ready", true}, {"chat", "live"}, {"store", "writable"}, {"oldest_overdue_seconds", nullptr}});

  SECTION("chat away") {
    at.health.chat_live = false;
    answer = at.ask("/readyz", "");
    CHECK(answer.status == 503);
    CHECK(json::parse(answer.body).at("chat") == "away");
  }
  SECTION("store not writable") {
    at.health.store_writable = false;
    answer = at.ask("/readyz", "");
    CHECK(answer.status == 503);
    CHECK(json::parse(answer.body).at("store") == "not writable");
  }
  SECTION("overdue") {
    at.health.oldest_overdue = 90s;
    answer = at.ask("/readyz", "");
    CHECK(answer.status == 503);
    CHECK(json::parse(answer.body).at("oldest_overdue_seconds") == 90);
  }
  CHECK(at.ask("/readyz", "", "DELETE").status == 405);
  CHECK(at.ask("/healthz", "").status == 200);  // the process is alive whatever is away
}

}  // namespace jitbot::testing

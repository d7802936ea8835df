#pragma once

#include "adapters/access/postgres/pg_connection.hpp"
#include "adapters/access/postgres/postgres.hpp"
#include "bot/app/demo/demo_database.hpp"
#include "bot/app/demo/private_postgres.hpp"
#include "tests/support/event_loop.hpp"

#include <catch2/catch.hpp>

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace jitbot::testing {

// A real server with the demo's database, one per test case, and people who use it.
struct Server {
  Server() {
    auto started = PrivatePostgres::start({});
    if (!started) FAIL(started.error().message);
    postgres = std::move(*started);
    auto made = make_demo_database(*postgres, {"alice", "bob"});
    if (!made) FAIL(made.error().message);
    demo = std::move(*made);
  }

  void sql(const std::string& script) {
    auto done = postgres->run("postgres", script);
    if (!done) FAIL(done.error().message);
  }

  // Null: refused, with the server's words in `refusal`.
  std::unique_ptr<access::PgConnection> login(const std::string& user) {
    auto opened =
        access::PgConnection::open(postgres->url(user, demo.passwords.at(user), demo.name), patience());
    if (!opened) {
      refusal = opened.error().message;
      return nullptr;
    }
    return std::make_unique<access::PgConnection>(std::move(*opened));
  }

  static access::Patience patience() { return access::patience_of(20s); }

  std::unique_ptr<PrivatePostgres> postgres;
  DemoDatabase demo;
  std::string refusal;
};

inline bool works(access::PgConnection& session, const std::string& sql) {
  return session.query(sql, {}, Server::patience()).has_value();
}

inline std::string answer(access::PgConnection& session, const std::string& sql) {
  auto rows = session.query(sql, {}, Server::patience());
  if (!rows) return "error: " + rows.error().message;
  return rows->empty() ? "" : rows->at(0).at(0).value_or("null");
}

inline Target target(const std::string& account, const std::string& role) {
  Target made;
  made.key = {"db", {{"role", role}}, account};
  made.resource = "staging";
  made.role = "read";
  made.grant = "JIT-7K3F";
  return made;
}

inline Target untouched(Target target) {
  target.untouched = true;
  return target;
}

// A connector on a loop of its own, with calls that look like the ones of the access loop.
struct Bench {
  explicit Bench(Secret url, Millis timeout = 10s, unsigned concurrency = 4)
      : connector(make_postgres_connector({.name = "db",
                                           .url = std::move(url),
                                           .enforce = false,
                                           .timeout = timeout,
                                           .concurrency = concurrency})) {}

  EventLoop loop;
  std::unique_ptr<Connector> connector;

  Observation observe(Target target) { return loop.run(connector->observe(std::move(target)), 40s); }
  Result<void> present(Target target) {
    return loop.run(connector->present(std::move(target), time_from_ms(1'772'330'400'000)), 40s);
  }
  Result<void> absent(Target target) { return loop.run(connector->absent(std::move(target)), 40s); }
};

}  // namespace jitbot::testing

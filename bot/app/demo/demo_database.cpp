#include "bot/app/demo/demo_database.hpp"

#include <fmt/format.h>

namespace jitbot {

namespace {

constexpr std::size_t k_password = 16;  // hex digits: people copy it by hand

constexpr auto k_roles = R"(
  create role staging_ro nologin;
  create role metrics_ro nologin;
  create role prod_rw nologin;
  revoke connect on database postgres from public;
  revoke connect on database template1 from public;)";

constexpr auto k_tables = R"(
  revoke all on schema public from public;
  create table orders (id bigint generated always as identity primary key, item text not null,
                       amount integer not null check (amount > 0), placed timestamptz not null default now());
  create table queue (id bigint generated always as identity primary key, task text not null,
                      attempts integer not null default 0);
  insert into orders (item, amount) values ('lamp', 2), ('chair', 4), ('desk', 1);
  insert into queue (task) values ('send invoice 1'), ('send invoice 2');
  grant usage on schema public to staging_ro, metrics_ro, prod_rw;
  grant select on orders, queue to staging_ro, prod_rw;
  grant select on orders to metrics_ro;
  grant insert, update, delete on orders, queue to prod_rw;
  revoke connect on database app from public;
  grant connect on database app to staging_ro, metrics_ro, prod_rw;)";

// A double quote inside an identifier is doubled (PostgreSQL documentation, 4.1.1).
std::string identifier(const std::string& name) {
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '"') quoted.push_back('"');
    quoted.push_back(c);
  }
  return quoted + "\"";
}

}  // namespace

Result<DemoDatabase> make_demo_database(PrivatePostgres& postgres, std::vector<std::string> people) {
  DemoDatabase made;
  if (auto done = postgres.run("postgres", "create database app"); !done)
    return tl::unexpected<Error>(done.error());
  const Secret bot_password = generate_password();
  std::string roles = k_roles;
  roles += fmt::format(
      "create role jitbot login password '{}';"
      "grant staging_ro, metrics_ro, prod_rw to jitbot with admin option;"
      "grant pg_signal_backend, pg_read_all_stats to jitbot;"
      "grant connect on database app to jitbot;",
      bot_password.reveal());
  for (const auto& person : people) {
    made.passwords[person] = Secret(generate_password().reveal().substr(0, k_password));
    roles += fmt::format("create role {} login password '{}';", identifier(person),
                         made.passwords[person].reveal());
  }
  if (auto done = postgres.run("postgres", roles); !done) return tl::unexpected<Error>(done.error());
  if (auto done = postgres.run(made.name, k_tables); !done) return tl::unexpected<Error>(done.error());
  made.bot_url = Secret(fmt::format("postgresql://jitbot:{}@127.0.0.1:{}/{}?sslmode=disable",
                                    bot_password.reveal(), postgres.port(), made.name));
  return made;
}

}  // namespace jitbot

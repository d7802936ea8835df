#include "tests/integration/access/server.hpp"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <sys/wait.h>
#include <unistd.h>

namespace jitbot::testing {

namespace {

bool mentions(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

bool any_mentions(const std::vector<std::string>& texts, const std::string& part) {
  return std::ranges::any_of(texts, [&part](const std::string& text) { return mentions(text, part); });
}

std::string all(const std::vector<std::string>& texts) {
  std::string joined;
  for (const auto& text : texts) joined += text + "\n";
  return joined;
}

}  // namespace

TEST_CASE("A PostgreSQL role is lent, used, and proven gone, open sessions included") {
  Server server;
  Bench bench(server.demo.bot_url);
  const Target staging = target("alice", "staging_ro");

  CHECK(server.login("alice") == nullptr);
  CHECK(mentions(server.refusal, "permission denied for database"));
  CHECK(bench.observe(untouched(staging)).presence == Presence::absent);

  REQUIRE(bench.present(staging));
  REQUIRE(bench.present(staging));  // twice is once
  const auto seen = bench.observe(staging);
  CHECK(seen.presence == Presence::present);
  CHECK_FALSE(seen.inherited);
  auto plain = server.login("alice");
  auto inside = server.login("alice");
  REQUIRE(plain);
  REQUIRE(inside);
  CHECK(answer(*plain, "select count(*) from orders") == "3");
  REQUIRE(works(*inside, "set role staging_ro"));

  SECTION("REVOKE alone would leave a session inside, and that is seen") {
    server.sql("revoke staging_ro from alice");
    CHECK(answer(*inside, "select count(*) from orders") == "3");
    CHECK(bench.observe(staging).presence == Presence::unknown);
    REQUIRE(bench.absent(staging));
    CHECK_FALSE(works(*inside, "select 1"));
    CHECK(bench.observe(staging).presence == Presence::absent);
  }
  SECTION("absent ends every session begun before") {
    REQUIRE(bench.absent(staging));
    CHECK_FALSE(works(*plain, "select 1"));
    CHECK_FALSE(works(*inside, "select 1"));
    CHECK(bench.observe(staging).presence == Presence::absent);
    CHECK(server.login("alice") == nullptr);
    REQUIRE(bench.absent(staging));  // twice is once
  }
  SECTION("a session begun after the end is nobody's business, and survives a repeated removal") {
    REQUIRE(bench.absent(staging));
    server.sql("grant connect on database app to alice");
    auto later = server.login("alice");
    REQUIRE(later);
    CHECK(bench.observe(staging).presence == Presence::absent);
    REQUIRE(bench.absent(staging));
    CHECK(works(*later, "select 1"));
  }
  SECTION(
      "after a restart nothing is known: an open session is never called absent, and a removal clears it "
      "up") {
    server.sql("revoke staging_ro from alice");
    Bench restarted(server.demo.bot_url);
    const auto after = restarted.observe(staging);
    CHECK(after.presence == Presence::unknown);
    CHECK(mentions(after.detail, "2 sessions of alice may still be inside role staging_ro"));
    REQUIRE(restarted.absent(staging));
    CHECK(restarted.observe(staging).presence == Presence::absent);
    CHECK_FALSE(works(*inside, "select 1"));
  }
  SECTION("another role stays, but its session has to reconnect") {
    const Target metrics = target("alice", "metrics_ro");
    REQUIRE(bench.present(metrics));
    auto session = server.login("alice");
    REQUIRE(bench.absent(staging));
    CHECK_FALSE(works(*session, "select 1"));
    auto again = server.login("alice");
    REQUIRE(again);
    CHECK(bench.observe(metrics).presence == Presence::present);
    CHECK(bench.observe(staging).presence == Presence::absent);
    CHECK_FALSE(works(*again, "set role staging_ro"));
  }
}

TEST_CASE("A session stuck in its process is not called ended") {
  Server server;
  Bench bench(server.demo.bot_url, 4s);
  const Target staging = target("alice", "staging_ro");
  REQUIRE(bench.present(staging));
  auto session = server.login("alice");
  REQUIRE(session);
  const int pid = std::stoi(answer(*session, "select pg_backend_pid()"));
  REQUIRE(kill(pid, SIGSTOP) == 0);

  const auto removed = bench.absent(staging);
  REQUIRE_FALSE(removed);
  CHECK(removed.error().kind == ErrorKind::outcome_unknown);
  CHECK(mentions(removed.error().message, "1 session of alice did not end yet"));
  const auto seen = bench.observe(staging);
  CHECK(seen.presence == Presence::present);
  CHECK(mentions(seen.detail, "begun before the revoke"));

  REQUIRE(kill(pid, SIGCONT) == 0);
  REQUIRE(bench.absent(staging));
  CHECK(bench.observe(staging).presence == Presence::absent);
}

TEST_CASE("What was there before is told apart from what was lent") {
  Server server;
  Bench bench(server.demo.bot_url);

  SECTION("a direct member before us") {
    server.sql("grant staging_ro to alice");
    const auto seen = bench.observe(untouched(target("alice", "staging_ro")));
    CHECK(seen.presence == Presence::present);
    CHECK_FALSE(seen.inherited);
  }
  SECTION("a member through other roles, NOINHERIT ones too") {
    server.sql(
        "create role devs noinherit; create role everyone; grant staging_ro to devs; grant devs to everyone;"
        "grant everyone to alice");
    const auto seen = bench.observe(untouched(target("alice", "staging_ro")));
    CHECK(seen.presence == Presence::present);
    CHECK(seen.inherited);
    CHECK(mentions(seen.detail, "devs"));
    REQUIRE(bench.present(target("alice", "staging_ro")));
    CHECK_FALSE(bench.observe(target("alice", "staging_ro")).inherited);
    REQUIRE(bench.absent(target("alice", "staging_ro")));
    CHECK(bench.observe(target("alice", "staging_ro")).inherited);
  }
  SECTION("a superuser has every role") {
    server.sql("alter role alice superuser");
    const auto seen = bench.observe(untouched(target("alice", "staging_ro")));
    CHECK(seen.presence == Presence::present);
    CHECK(seen.inherited);
    CHECK(mentions(seen.detail, "superuser"));
  }
  SECTION("an open session without membership is nothing at the baseline") {
    server.sql("grant connect on database app to alice");
    auto session = server.login("alice");
    REQUIRE(session);
    CHECK(bench.observe(untouched(target("alice", "staging_ro"))).presence == Presence::absent);
    CHECK(bench.observe(target("alice", "staging_ro")).presence == Presence::absent);
  }
  SECTION("a grant that was refused ends nobody's session") {
    server.sql("grant connect on database app to alice; revoke admin option for staging_ro from jitbot;");
    auto session = server.login("alice");
    REQUIRE(session);
    CHECK(bench.observe(untouched(target("alice", "staging_ro"))).presence == Presence::absent);
    REQUIRE_FALSE(bench.present(target("alice", "staging_ro")));
    CHECK(bench.observe(target("alice", "staging_ro")).presence == Presence::absent);
    CHECK(bench.absent(target("alice", "staging_ro")));
    CHECK(works(*session, "select 1"));
  }
}

TEST_CASE("What the server does not know is gone") {
  Server server;
  Bench bench(server.demo.bot_url);
  CHECK(bench.observe(target("nobody", "staging_ro")).presence == Presence::gone);
  CHECK(bench.observe(target("alice", "no_such_role")).presence == Presence::gone);
  const auto refused = bench.present(target("nobody", "staging_ro"));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::refused);
  CHECK(mentions(refused.error().message, "nobody"));
  CHECK(bench.absent(target("nobody", "staging_ro")));
  Target nameless = target("alice", "staging_ro");
  nameless.key.params.clear();
  CHECK(bench.observe(nameless).presence == Presence::unknown);
  REQUIRE_FALSE(bench.present(nameless));
}

TEST_CASE("What the bot may not do is refused in the server's words, and check says what to grant") {
  Server server;
  Bench bench(server.demo.bot_url);
  const std::vector<EntitlementKey> used = {target("alice", "staging_ro").key};
  CHECK(all(bench.loop.run(bench.connector->check(used), 40s)) == "");

  SECTION("without ADMIN OPTION") {
    server.sql("revoke staging_ro from jitbot");
    const auto refused = bench.present(target("alice", "staging_ro"));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::refused);
    CHECK(mentions(refused.error().message, "must have admin option on role \"staging_ro\""));
    CHECK(refused.error().detail == "42501");
    const auto problems = bench.loop.run(bench.connector->check(used), 40s);
    CHECK(any_mentions(problems, "GRANT \"staging_ro\" TO jitbot WITH ADMIN OPTION"));
  }
  SECTION("without pg_signal_backend sessions stay, and that is said") {
    server.sql("revoke pg_signal_backend from jitbot");
    REQUIRE(bench.present(target("alice", "staging_ro")));
    auto session = server.login("alice");
    const auto refused = bench.absent(target("alice", "staging_ro"));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::refused);
    CHECK(mentions(refused.error().message, "pg_signal_backend"));
    CHECK(bench.observe(target("alice", "staging_ro")).presence == Presence::present);
    CHECK(
        any_mentions(bench.loop.run(bench.connector->check(used), 40s), "GRANT pg_signal_backend TO jitbot"));
  }
  SECTION("without pg_read_all_stats removal is proven by the sessions seen at the revoke") {
    server.sql("revoke pg_read_all_stats from jitbot");
    REQUIRE(bench.present(target("alice", "staging_ro")));
    auto session = server.login("alice");
    REQUIRE(works(*session, "set role staging_ro"));
    REQUIRE(bench.absent(target("alice", "staging_ro")));
    CHECK_FALSE(works(*session, "select 1"));
    CHECK(bench.observe(target("alice", "staging_ro")).presence == Presence::absent);
    server.sql("grant connect on database app to alice");
    auto later = server.login("alice");
    REQUIRE(later);
    CHECK(bench.observe(target("alice", "staging_ro")).presence == Presence::absent);
    CHECK(works(*later, "select 1"));
    CHECK(
        any_mentions(bench.loop.run(bench.connector->check(used), 40s), "GRANT pg_read_all_stats TO jitbot"));
  }
  SECTION("names and circles") {
    server.sql(
        "create role boss superuser; alter role bob nologin; grant alice to staging_ro; grant alice to bob");
    const auto problems = bench.loop.run(
        bench.connector->check({target("nobody", "no_role").key, target("bob", "boss").key, used.front()}),
        40s);
    CAPTURE(all(problems));
    CHECK(any_mentions(problems, "role \"no_role\" does not exist"));
    CHECK(any_mentions(problems, "account \"nobody\" does not exist"));
    CHECK(any_mentions(problems, "role boss is a superuser"));
    CHECK(any_mentions(problems, "account bob may not log in"));
    CHECK(any_mentions(problems, "account alice is itself granted to"));
    CHECK(any_mentions(problems, "is a member of role"));
    const auto circle = bench.present(used.empty() ? Target{} : target("alice", "staging_ro"));
    REQUIRE_FALSE(circle);
    CHECK(circle.error().kind == ErrorKind::refused);
  }
}

TEST_CASE("Names are names, whatever is in them") {
  const std::string name = GENERATE(as<std::string>{}, "a\"b; drop role bob; --", "with space", "Größe·表",
                                    "o'hara", "back\\slash", "$1", "CamelCase", "public_x");
  CAPTURE(name);
  static Server server;
  std::string quoted;
  for (const char c : name) quoted += c == '"' ? "\"\"" : std::string(1, c);
  server.sql("create role \"" + quoted + "\" login; create role \"r " + quoted + "\"; grant \"r " + quoted +
             "\" to jitbot with admin option");
  Bench bench(server.demo.bot_url);
  const Target odd = target(name, "r " + name);
  CHECK(bench.observe(untouched(odd)).presence == Presence::absent);
  REQUIRE(bench.present(odd));
  CHECK(bench.observe(odd).presence == Presence::present);
  const auto members = bench.loop.run(bench.connector->list({odd.key}), 40s);
  REQUIRE(members);
  CHECK(*members == std::vector<EntitlementKey>{odd.key});
  REQUIRE(bench.absent(odd));
  CHECK(bench.observe(odd).presence == Presence::absent);
  CHECK(bench.observe(target("bob", "staging_ro")).presence == Presence::absent);
}

TEST_CASE("A name that the server would cut to another one's is not that one") {
  Server server;
  const std::string full(63, 'x');
  server.sql("create role " + full + " login");
  Bench bench(server.demo.bot_url);
  CHECK(bench.observe(target(full, "staging_ro")).presence == Presence::absent);
  CHECK(bench.observe(target(full + "y", "staging_ro")).presence == Presence::gone);
  REQUIRE_FALSE(bench.present(target(full + "y", "staging_ro")));
  CHECK(bench.observe(target(full, "staging_ro")).presence == Presence::absent);
}

TEST_CASE("list finds the members that nobody asked for, and never the bot itself") {
  Server server;
  Bench bench(server.demo.bot_url);
  server.sql("grant staging_ro to bob; create role group_of_people; grant prod_rw to group_of_people");
  REQUIRE(bench.present(target("alice", "staging_ro")));
  const auto found = bench.loop.run(
      bench.connector->list({target("alice", "staging_ro").key, target("alice", "prod_rw").key}), 40s);
  REQUIRE(found);
  CHECK(*found == std::vector<EntitlementKey>{target("group_of_people", "prod_rw").key,
                                              target("alice", "staging_ro").key,
                                              target("bob", "staging_ro").key});
  CHECK(bench.connector->capabilities().list);
  CHECK(bench.connector->capabilities().ends_sessions);
}

TEST_CASE("A server that is down, hangs or dies leaves nothing claimed") {
  Server server;
  Bench bench(server.demo.bot_url, 1500ms);
  const Target staging = target("alice", "staging_ro");
  const auto within_timeout = [](std::chrono::steady_clock::time_point start) {
    // Generous to a machine that is busy with other tests: what is excluded is waiting for the server.
    return std::chrono::steady_clock::now() - start < 6s;
  };

  SECTION("down") {
    server.postgres->stop();
    CHECK(bench.observe(staging).presence == Presence::unknown);
    const auto failed = bench.present(staging);
    REQUIRE_FALSE(failed);
    CHECK(failed.error().kind == ErrorKind::unavailable);
    CHECK_FALSE(bench.absent(staging));
    CHECK_FALSE(bench.loop.run(bench.connector->check({staging.key}), 40s).empty());
    CHECK_FALSE(bench.loop.run(bench.connector->list({staging.key}), 40s));
  }
  SECTION("hanging before it accepts anybody") {
    REQUIRE(kill(server.postgres->pid(), SIGSTOP) == 0);
    const auto start = std::chrono::steady_clock::now();
    CHECK(bench.observe(staging).presence == Presence::unknown);
    const auto failed = bench.present(staging);
    CHECK(within_timeout(start));
    REQUIRE_FALSE(failed);
    CHECK(failed.error().kind == ErrorKind::unavailable);
    REQUIRE(kill(server.postgres->pid(), SIGCONT) == 0);
    CHECK(bench.observe(staging).presence == Presence::absent);
  }
  SECTION("hanging in the middle of a grant: it takes no effect later") {
    // Another transaction keeps the table of memberships, so that GRANT waits.
    auto blocker = access::PgConnection::open(server.postgres->superuser_url(), Server::patience());
    REQUIRE(blocker);
    REQUIRE(blocker->script("begin; lock table pg_auth_members in exclusive mode", Server::patience()));
    const auto start = std::chrono::steady_clock::now();
    const auto failed = bench.present(staging);
    CHECK(within_timeout(start));
    REQUIRE_FALSE(failed);
    CHECK(failed.error().kind == ErrorKind::unavailable);
    REQUIRE(blocker->script("rollback", Server::patience()));
    CHECK(bench.observe(untouched(staging)).presence == Presence::absent);
    REQUIRE(bench.present(staging));
  }
  SECTION("more calls than connections wait no longer than their time-out") {
    Bench narrow(server.demo.bot_url, 1500ms, 1);
    REQUIRE(kill(server.postgres->pid(), SIGSTOP) == 0);
    const auto start = std::chrono::steady_clock::now();
    int unknown = 0;
    for (int i = 0; i < 4; ++i) {
      boost::asio::co_spawn(narrow.loop.executor(), narrow.connector->observe(staging),
                            [&unknown](std::exception_ptr, Observation seen) {
                              if (seen.presence == Presence::unknown) ++unknown;
                            });
    }
    CHECK(narrow.loop.run_until([&unknown] { return unknown == 4; }, 20s));
    CHECK(within_timeout(start));
    REQUIRE(kill(server.postgres->pid(), SIGCONT) == 0);
  }
}

TEST_CASE("A private PostgreSQL leaves nothing behind") {
  std::filesystem::path folder;
  int pid = 0;
  {
    auto started = PrivatePostgres::start({});
    REQUIRE(started);
    folder = (*started)->folder();
    pid = (*started)->pid();
    CHECK((std::filesystem::status(folder).permissions() & std::filesystem::perms::others_all) ==
          std::filesystem::perms::none);
    CHECK_FALSE(std::filesystem::exists(folder / "superuser"));
    CHECK((*started)->run("postgres", "select 1"));
    const auto wrong = (*started)->run("postgres", "select nonsense");
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().detail == "42703");
  }
  CHECK_FALSE(std::filesystem::exists(folder));
  CHECK(kill(pid, 0) != 0);
  CHECK_FALSE(PrivatePostgres::start({.parent = "/no/such/folder"}));
}

TEST_CASE("What a killed demo left of its PostgreSQL is removed, and nothing that somebody uses or owns") {
  namespace fs = std::filesystem;
  std::string name = (fs::temp_directory_path() / "jitbot-abandoned-XXXXXX").string();
  REQUIRE(mkdtemp(name.data()) != nullptr);
  const fs::path parent = name;
  const pid_t dead = fork();
  if (dead == 0) _exit(0);
  REQUIRE(waitpid(dead, nullptr, 0) == dead);
  const auto folder = [&](const std::string& last, std::optional<pid_t> owner, std::optional<pid_t> server) {
    const fs::path path = parent / ("jitbot-postgres-" + last);
    fs::create_directories(path / "data");
    if (owner) std::ofstream(path / "owner") << *owner << "\n";
    if (server) std::ofstream(path / "data" / "postmaster.pid") << *server << "\n/somewhere\n";
    return path;
  };
  const fs::path left = folder("left", dead, dead);
  const fs::path before_it_served = folder("early", dead, {});
  const fs::path no_owner = folder("older", {}, dead);
  const fs::path used = folder("used", getpid(), dead);
  const fs::path still_served = folder("served", dead, getpid());
  const fs::path unknown = folder("unknown", {}, {});
  const fs::path elsewhere = parent / "precious";
  fs::create_directories(elsewhere / "data");
  std::ofstream(elsewhere / "owner") << dead << "\n";
  fs::create_directory_symlink(elsewhere, parent / "jitbot-postgres-link");
  CHECK(remove_abandoned_servers(parent) == 3);
  for (const fs::path& gone : {left, before_it_served, no_owner}) CHECK_FALSE(fs::exists(gone));
  for (const fs::path& kept : {used, still_served, unknown, elsewhere / "owner"}) CHECK(fs::exists(kept));
  CHECK(remove_abandoned_servers("/no/such/folder") == 0);
  fs::remove_all(parent);
}

}  // namespace jitbot::testing

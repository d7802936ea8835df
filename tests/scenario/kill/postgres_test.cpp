#include "bot/app/demo/private_postgres.hpp"
#include "tests/scenario/kill/stage.hpp"

#include <fmt/format.h>

#include <fstream>

// The same at a real database.
namespace jitbot::kill {

#ifdef JITBOT_CRASH_POINTS

namespace {

constexpr auto k_patience = std::chrono::seconds(60);

// An error when it is not so: 1/0.
Result<void> expect_members(PrivatePostgres& database, int count) {
  return database.run("postgres",
                      fmt::format("select 1 / (case when (select count(*) from pg_auth_members m join "
                                  "pg_roles r on r.oid = m.roleid join pg_roles p on p.oid = m.member "
                                  "where r.rolname = 'staging_ro' and p.rolname = 'p1') = {} then 1 "
                                  "else 0 end)",
                                  count));
}

Task<void> play(Stage& stage, PrivatePostgres& database) {
  const std::string words = "request staging 3s look at the queue";
  co_await stage.says("p1", words, words);
  std::function<bool()> asked = [&stage] { return stage.card(k_approvals, {}).has_value(); };
  co_await stage.until(std::move(asked), "the approval card");
  const std::string id = id_of(*stage.card(k_approvals, {}));
  if (!expect_members(database, 0)) throw Missed("no membership before the approval");
  co_await stage.presses("carol", k_approvals, id, "approve");
  std::function<bool()> dead = [&stage] { return stage.kills() > 0; };
  co_await stage.until(std::move(dead), "the crash");
  std::function<bool()> usable = [&stage, id] {
    const auto card = stage.card("@p1", id);
    return card && (!action_of(*card, "done").empty() || contains(raw_of(*card), "confirmed absent"));
  };
  co_await stage.until(std::move(usable), "the access that was approved");
  std::function<bool()> over = [&stage, id] {
    const auto card = stage.card("@p1", id);
    return card && contains(raw_of(*card), "confirmed absent") &&
           notices_among(stage.sandbox->messages("@p1"), id + "/ended") > 0;
  };
  co_await stage.until(std::move(over), "the proven end");
}

}  // namespace

TEST_CASE("a crash right after PostgreSQL granted a role leaves nobody in it beyond the end") {
  auto database = PrivatePostgres::start({});
  if (!database) {
    WARN("skipped: " << database.error().message);
    return;
  }
  const Secret password = generate_password();
  const auto made = (*database)->run(
      "postgres", fmt::format("create role staging_ro; create role play; create role p1 login;"
                              "create role jitbot login password '{}';"
                              "grant staging_ro, play to jitbot with admin option;"
                              "grant pg_signal_backend, pg_read_all_stats to jitbot",
                              password.reveal()));
  REQUIRE(made.has_value());
  jitbot::testing::EventLoop loop;
  StageOptions options;
  options.connector = R"({type: postgres, url: "file:database_url", timeout: 2s,
    account: {claim: email_local, domains: [example.com]}})";
  Stage stage(loop.executor(), options);
  const auto url_file = stage.folder() / "database_url";
  std::ofstream(url_file) << fmt::format("postgresql://jitbot:{}@127.0.0.1:{}/postgres\n", password.reveal(),
                                         (*database)->port());
  std::filesystem::permissions(url_file,
                               std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);

  // The first call observes, the second one grants.
  stage.start_bot("call.after:2");
  loop.run(play(stage, **database), k_patience);
  CHECK(stage.kills() == 1);
  CHECK(expect_members(**database, 0).has_value());
  CHECK(loop.run(stage.stop_bot(), k_patience) == 0);
  std::vector<std::string> people{"p1"};
  const auto untrue = loop.run(check_truth(stage, people), k_patience);
  for (const std::string& problem : untrue) UNSCOPED_INFO(problem);
  CHECK(untrue.empty());
}

#endif

}  // namespace jitbot::kill

#include "store/sqlite_store.hpp"
#include "tests/bench/commit_floor.hpp"
#include "tests/bench/end_watch.hpp"
#include "tests/bench/part.hpp"
#include "tests/bench/rig.hpp"
#include "tests/bench/seed.hpp"
#include "tests/bench/slow_disk.hpp"

#include <fmt/format.h>

// 100 000 grants end: all at one instant, and one after the other within a minute. How fast the chat takes
// the 400 000 messages that follow from it must make no difference.
namespace jitbot::bench {

namespace {

namespace fs = std::filesystem;
using Better = Figure::Better;

struct EndsRun {
  double all_durable_s = 0;  // since the first end was due
  double all_proven_s = 0;
  Waits lateness;
  double cpu = 0;
  std::int64_t commits = 0;
  std::int64_t messages = 0;  // taken by the chat until then
};

struct Seeded {
  const Folder& folder;
  std::vector<std::string> ids;
};

EndsRun end_all(const Seeded& seeded, const fs::path& folder, Millis spread, MemoryChatOptions chat) {
  fs::create_directories(folder);
  fs::copy_file(seeded.folder.path() / "jitbot.db", folder / "jitbot.db");
  constexpr Millis k_head_start = 10s;  // what is looked at once after a start is over by then
  const Time first = std::chrono::floor<Millis>(std::chrono::system_clock::now()) +
                     Millis(static_cast<std::int64_t>(seeded.ids.size()) / 20) + k_head_start;
  move_ends(folder, seeded.ids, first, spread);
  std::unordered_map<std::string, Time> ends;
  for (std::size_t i = 0; i < seeded.ids.size(); ++i) {
    ends.emplace(seeded.ids[i], first + spread * static_cast<std::int64_t>(i) /
                                            static_cast<std::int64_t>(seeded.ids.size()));
  }
  Rig rig(folder, chat);
  rig.start();
  if (rig.clock.now() > first) throw std::runtime_error("the first end came before the bot was there");
  EndWatch watch(folder / "jitbot.db", std::move(ends));
  const auto ms_to_first = first - rig.clock.now();
  const auto due = Steady::now() + ms_to_first;
  rig.until([&] { return Steady::now() >= due; });
  const double cpu = cpu_seconds();
  const auto& store = dynamic_cast<SqliteStore&>(rig.app().store());
  const std::int64_t commits = store.commits();
  EndsRun run;
  rig.until([&] { return watch.ended() == seeded.ids.size(); });
  run.all_durable_s = seconds_since(due);
  rig.until([&] { return watch.proven() == seeded.ids.size(); });
  run.all_proven_s = seconds_since(due);
  run.cpu = cpu_seconds() - cpu;
  run.commits = store.commits() - commits;
  run.messages = rig.chat().posted + rig.chat().updated;
  watch.stop();
  run.lateness = watch.lateness;
  rig.stop();
  return run;
}

// Bare SQLite: the rows of an end that is durable, each written once, so many ends in a commit.
double end_floor(const Seeded& seeded, const fs::path& folder) {
  constexpr int k_rows_of_a_grant = 7;  // request, entitlement, grant, two cards, two due times
  constexpr int k_rows_of_an_end = 4;   // grant, entitlement, two audit events
  const int commits = static_cast<int>(seeded.ids.size() * k_rows_of_a_grant / 500 / k_rows_of_an_end) + 1;
  fs::create_directories(folder);
  const double all = rewrite_seconds(seeded.folder.path() / "jitbot.db", folder, commits);
  return all * k_rows_of_an_end / k_rows_of_a_grant;
}

}  // namespace

std::vector<Figure> measure_ends(const Settings& settings) {
  make_disk_slower(settings.slower_flush);
  const Folder folder(settings.folder);
  const Seeded seeded{folder, seed_grants(folder.path(), settings.count(100'000))};
  const double floor = end_floor(seeded, folder.path() / "floor");
  const std::string suffix = settings.suffix();
  const bool goals = settings.slower_flush.count() == 0;
  const std::string what = fmt::format("{} ends at one instant", seeded.ids.size());
  std::vector<Figure> figures;
  const auto fast = end_all(seeded, folder.path() / "fast", Millis{0}, {});
  const auto goal = goals ? std::optional<double>(4) : std::nullopt;
  const std::string of = "4 rows an end by bare SQLite, 500 ends a commit";
  figures.push_back(
      {"ends", what + ": all durable" + suffix, fast.all_durable_s, "s", Better::less, goal, floor, of});
  figures.push_back({"ends",
                     what + ": lateness p50" + suffix,
                     fast.lateness.p50() / 1000,
                     "s",
                     Better::less,
                     {},
                     floor / 2,
                     "half of that"});
  figures.push_back({"ends",
                     what + ": lateness p99" + suffix,
                     fast.lateness.p99() / 1000,
                     "s",
                     Better::less,
                     {},
                     floor,
                     of});
  figures.push_back(
      {"ends", what + ": all proven absent" + suffix, fast.all_proven_s, "s", Better::less, {}, floor, of});
  figures.push_back(
      {"ends", what + ": CPU until all are proven" + suffix, fast.cpu, "s", Better::less, {}, {}, {}});
  if (!goals) return figures;
  // As Slack's chat.update: less than one message a second.
  const auto slow = end_all(seeded, folder.path() / "slow", Millis{0}, {1s, 1});
  figures.push_back({"ends", what + ", chat takes 1 message/s: all durable", slow.all_durable_s, "s",
                     Better::less, goal, fast.all_durable_s, "with the fast chat"});
  figures.push_back({"ends",
                     what + ", chat takes 1 message/s: all proven absent",
                     slow.all_proven_s,
                     "s",
                     Better::less,
                     {},
                     fast.all_proven_s,
                     "with the fast chat"});
  return figures;
}

std::vector<Figure> measure_spread_ends(const Settings& settings) {
  make_disk_slower(settings.slower_flush);
  const Folder folder(settings.folder);
  // With a slower disk for a third of the time, as many a second.
  const bool goals = settings.slower_flush.count() == 0;
  const int ends = settings.count(goals ? 100'000 : 33'333);
  const Millis spread = Millis(60'000) * ends / 100'000;
  const Seeded seeded{folder, seed_grants(folder.path(), ends)};
  const auto floor = commit_one_by_one(folder.path(), settings.count(1000), {});
  const auto run = end_all(seeded, folder.path() / "spread", spread, {});
  const std::string what = fmt::format("{} ends within {} s", ends, spread.count() / 1000);
  const auto goal = goals ? std::optional<double>(0.1) : std::nullopt;
  return {
      {"ends",
       what + ": lateness p50" + settings.suffix(),
       run.lateness.p50() / 1000,
       "s",
       Better::less,
       {},
       floor.commits.p50() / 1000,
       "one commit, p50"},
      {"ends", what + ": lateness p99" + settings.suffix(), run.lateness.p99() / 1000, "s", Better::less,
       goal, floor.commits.p99() / 1000, "one commit, p99"},
      {"ends", what + ": CPU" + settings.suffix(), run.cpu, "s", Better::less, {}, {}, {}},
  };
}

}  // namespace jitbot::bench

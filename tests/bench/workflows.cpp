#include "tests/bench/commit_floor.hpp"
#include "tests/bench/part.hpp"
#include "tests/bench/slow_disk.hpp"
#include "tests/bench/workflow_driver.hpp"

#include <fmt/format.h>

// Command → card → click → grant at a lookup connector → cards updated → direct message. The chat is in
// memory, so that the figures are the bot's own; measure_wire adds Slack's wire.
namespace jitbot::bench {

namespace {

using Better = Figure::Better;

void add_pace(std::vector<Figure>& figures, const Settings& settings, const WorkflowDriver::Run& run,
              int rate, const CommitFloor& floor) {
  const bool goals = settings.slower_flush.count() == 0;
  const std::string suffix = fmt::format(" at {}/s", rate) + settings.suffix();
  const auto only_at_100 = [&](double goal) {
    return goals && rate == 100 ? std::optional<double>(goal) : std::nullopt;
  };
  // One after the other, at least: the command, the request, the mark before the card, the click, the
  // decision, the mark before the message.
  constexpr double k_commits_in_turn = 6;
  figures.push_back({"workflows",
                     "CPU per 1 000 workflows" + suffix,
                     1000 * run.cpu_seconds / run.asked,
                     "s",
                     Better::less,
                     only_at_100(0.65),
                     {},
                     {}});
  figures.push_back({"workflows", "acknowledged among workflows, p99" + suffix, run.acks.p99(), "ms",
                     Better::less, only_at_100(2), floor.commits.p99(), "one commit, p99"});
  figures.push_back({"workflows",
                     "command to “it works”, p50" + suffix,
                     run.whole.p50(),
                     "ms",
                     Better::less,
                     {},
                     k_commits_in_turn * floor.commits.p50(),
                     "6 commits in turn, p50"});
  figures.push_back({"workflows",
                     "command to “it works”, p99" + suffix,
                     run.whole.p99(),
                     "ms",
                     Better::less,
                     {},
                     k_commits_in_turn * floor.commits.p99(),
                     "6 commits in turn, p99"});
}

}  // namespace

std::vector<Figure> measure_workflows(const Settings& settings) {
  make_disk_slower(settings.slower_flush);
  const Folder folder(settings.folder);
  const double at_first = resident_mb();
  const auto floor = commit_one_by_one(folder.path(), settings.count(1000), {});
  std::vector<Figure> figures;
  Rig rig(folder.path());
  rig.start();
  const double idle = resident_mb();
  WorkflowDriver driver(rig);
  constexpr std::chrono::microseconds k_second{1'000'000};
  const auto at_100 = driver.at_a_pace(settings.count(1000), k_second / 100);
  const auto at_200 = driver.at_a_pace(settings.count(2000), k_second / 200);
  const double busy = at_200.most_resident_mb;
  const auto full = driver.at_full_speed(settings.count(20'000), 200);
  rig.stop();

  const bool goals = settings.slower_flush.count() == 0;
  const std::string suffix = settings.suffix();
  const int all = at_100.asked + at_200.asked + full.asked;
  const double rewritten =
      rewrite_seconds(folder.path() / "jitbot.db", folder.path(), static_cast<int>(full.commits));
  const auto goal = goals ? std::optional<double>(3300) : std::nullopt;
  figures.push_back({"workflows", "workflows, full speed" + suffix, full.asked / full.quiet_seconds, "per s",
                     Better::more, goal, all / rewritten,
                     "their final rows, each written once by bare SQLite in as many commits"});
  figures.push_back({"workflows",
                     "CPU per 1 000 workflows, full speed" + suffix,
                     1000 * full.cpu_seconds / full.asked,
                     "s",
                     Better::less,
                     {},
                     {},
                     {}});
  figures.push_back({"workflows",
                     "workflows in one commit, full speed" + suffix,
                     static_cast<double>(full.asked) / static_cast<double>(full.commits),
                     "",
                     Better::more,
                     {},
                     {},
                     {}});
  add_pace(figures, settings, at_100, 100, floor);
  add_pace(figures, settings, at_200, 200, floor);
  if (goals) {
    figures.push_back({"memory",
                       "memory of bot and bench before the first workflow",
                       idle,
                       "MB",
                       Better::less,
                       {},
                       at_first,
                       "the same process before the bot"});
    figures.push_back({"memory",
                       "memory at 200 workflows/s, after 3 000",
                       busy,
                       "MB",
                       Better::less,
                       {},
                       at_first,
                       "the same process before the bot"});
  }
  return figures;
}

}  // namespace jitbot::bench

#include "tests/scenario/kill/stage.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <limits>

// A power cut before and after each commit, and before and after each call at the target.
namespace jitbot::kill {

namespace {

enum class Ending { by_time, by_hand };

constexpr int k_at_once = 8;      // stories, each with its workspace, its bot and its target
constexpr long k_all_until = 25;  // each pass up to here, later ones in steps
constexpr long k_step = 3;
constexpr long k_most = 120;

struct Walk {
  Executor executor;
  std::string name;  // of the crash point
  Ending ending = Ending::by_time;
  long next = 1;
  long beyond = std::numeric_limits<long>::max();  // the first pass that was never reached
  long crashes = 0;
  int working = 0;
  std::vector<std::string> problems = {};
};

std::string last_lines(const std::string& log) {
  constexpr std::size_t k_shown = 3000;
  return log.size() > k_shown ? log.substr(log.size() - k_shown) : log;
}

Task<void> play(Stage& stage, Ending ending) {
  const bool by_time = ending == Ending::by_time;
  const std::string words =
      by_time ? "request staging 2s look at the queue" : "request staging 10m look at the queue";
  co_await stage.says("p1", words, words);
  std::function<bool()> asked = [&stage] {
    const auto card = stage.card(k_approvals, {});
    return card && !action_of(*card, "approve").empty();
  };
  co_await stage.until(std::move(asked), "the approval card of what was accepted");
  if (stage.target().count("present ") > 0) throw Missed("nothing is given before the approval");
  const std::string id = id_of(*stage.card(k_approvals, {}));
  co_await stage.presses("carol", k_approvals, id, "approve");
  if (!by_time) {
    std::function<bool()> usable = [&stage, id] {
      const auto card = stage.card("@p1", id);
      return card && !action_of(*card, "done").empty();
    };
    co_await stage.until(std::move(usable), "the access that was approved");
    if (!stage.has_access("p1", "staging_ro")) throw Missed("what is called active is there");
    co_await stage.presses("p1", "@p1", id, "done");
  }
  std::function<bool()> over = [&stage, id] {
    for (const std::string& place : {k_approvals, std::string("@p1")}) {
      const auto card = stage.card(place, id);
      if (!card || !contains(raw_of(*card), "confirmed absent")) return false;
      const std::string told = place == k_approvals ? "/step/grant.ended" : "/ended";
      if (notices_among(stage.sandbox->messages(place), id + told) == 0) return false;
    }
    return true;
  };
  co_await stage.until(std::move(over), "the proven end, told in both places");
}

Task<void> stand_one(std::shared_ptr<Walk> walk, long pass) {
  StageOptions options;
  options.seed = static_cast<std::uint64_t>(pass);
  Stage stage(walk->executor, options);
  std::vector<std::string> problems;
  try {
    stage.start_bot(fmt::format("{}:{}", walk->name, pass));
    co_await play(stage, walk->ending);
    const int code = co_await stage.stop_bot();
    if (code != 0) problems.push_back(fmt::format("exit code {} after SIGTERM", code));
    std::vector<std::string> people{"p1"};
    const auto untrue = co_await check_truth(stage, std::move(people));
    problems.insert(problems.end(), untrue.begin(), untrue.end());
    const TargetLog log = stage.target();
    if (log.count("present ") > 1 + stage.kills())
      problems.emplace_back("granted more often than kills explain");
    if (stage.cards("@p1").size() != 1) problems.emplace_back("one request was asked for");
  } catch (const std::exception& missed) {
    problems.emplace_back(missed.what());
  }
  if (stage.kills() == 0) walk->beyond = std::min(walk->beyond, pass);
  walk->crashes += stage.kills() > 0 ? 1 : 0;
  for (const std::string& problem : problems) {
    walk->problems.push_back(fmt::format("{}:{}: {}", walk->name, pass, problem));
  }
  if (!problems.empty()) walk->problems.push_back(last_lines(stage.bot_log()));
}

Task<void> work(std::shared_ptr<Walk> walk) {
  while (walk->next < walk->beyond && walk->next <= k_most && walk->problems.empty()) {
    const long pass = walk->next;
    walk->next += pass < k_all_until ? 1 : k_step;
    co_await stand_one(walk, pass);
  }
  --walk->working;
}

// How many passes of the point a whole story has.
long survive_every(const std::string& name, Ending ending) {
  jitbot::testing::EventLoop loop;
  auto walk = std::make_shared<Walk>();
  walk->executor = loop.executor();
  walk->name = name;
  walk->ending = ending;
  walk->working = k_at_once;
  for (int i = 0; i < k_at_once; ++i) {
    boost::asio::co_spawn(walk->executor, work(walk), [walk](const std::exception_ptr& error) {
      if (error) walk->problems.emplace_back("a story broke off");
    });
  }
  const bool done = loop.run_until([&walk] { return walk->working == 0; }, std::chrono::minutes(4));
  REQUIRE(done);
  for (const std::string& problem : walk->problems) UNSCOPED_INFO(problem);
  REQUIRE(walk->problems.empty());
  REQUIRE(walk->beyond <= k_most);
  CHECK(walk->crashes > 0);
  return walk->beyond - 1;
}

}  // namespace

#ifdef JITBOT_CRASH_POINTS

TEST_CASE("a crash before any commit loses nothing that was accepted and grants nothing twice") {
  CHECK(survive_every("commit.before", Ending::by_time) >= 15);
}

TEST_CASE("a crash after any commit loses nothing that was accepted and grants nothing twice") {
  CHECK(survive_every("commit.after", Ending::by_hand) >= 15);
}

TEST_CASE("a crash before any call at the target leaves nothing unowned") {
  CHECK(survive_every("call.before", Ending::by_time) >= 4);
  CHECK(survive_every("call.before", Ending::by_hand) >= 4);
}

TEST_CASE("a crash after any call at the target leaves nothing unowned") {
  CHECK(survive_every("call.after", Ending::by_time) >= 4);
  CHECK(survive_every("call.after", Ending::by_hand) >= 4);
}

#endif

}  // namespace jitbot::kill

#include "tests/scenario/kill/stage.hpp"

#include <boost/asio/co_spawn.hpp>
#include <fmt/format.h>

#include <algorithm>

// kill -9 whenever it pleases, while people ask, approve and give back.
namespace jitbot::kill {

namespace {

constexpr int k_people = 8;
constexpr int k_kills = 12;
constexpr int k_most_rounds = 12;   // of one person
constexpr int k_most_tries = 10;    // to approve one request
constexpr Millis k_patience = 90s;  // each start spends what Slack lets the bot ask a minute

struct Scene {
  Stage stage;
  std::vector<std::string> people = {};
  int kills_left = k_kills;
  int asking = 0;
  int working = 0;
  std::vector<std::string> problems = {};

  explicit Scene(const Executor& executor, StageOptions options) : stage(executor, std::move(options)) {}
  bool quiet() const { return asking == 0 && kills_left == 0; }
};

using ScenePtr = std::shared_ptr<Scene>;

bool is_over(const Message& card) {
  return contains(raw_of(card), "Ended") && !has_buttons(card);
}

Task<void> ask_and_use(ScenePtr scene, std::string who, std::uint64_t seed) {
  jitbot::testing::SeededRandom random(seed);
  Stage& stage = scene->stage;
  const std::string place = "@" + who;
  for (int round = 0; round < k_most_rounds && (round == 0 || scene->kills_left > 0); ++round) {
    const std::string what =
        fmt::format("{} {}s", random.below(3) == 0 ? "play" : "staging", 2 + random.below(4));
    const std::size_t before = stage.cards(place).size();
    co_await stage.says(who, "request " + what, "ensure " + what);
    std::function<bool()> shown = [&stage, place, before] { return stage.cards(place).size() > before; };
    co_await stage.until(std::move(shown), who + "'s card");
    const std::string id = id_of(stage.cards(place).back());
    if (random.below(2) == 0) {
      std::function<bool()> usable = [&stage, place, id] {
        const auto card = stage.card(place, id);
        return is_over(*card) || !action_of(*card, "done").empty();
      };
      co_await stage.until(std::move(usable), fmt::format("{}'s access by {}", who, id), k_patience);
      co_await stage.presses(who, place, id, "done");
    }
    std::function<bool()> over = [&stage, place] { return std::ranges::all_of(stage.cards(place), is_over); };
    co_await stage.until(std::move(over), "the end of all that " + who + " had", k_patience);
  }
  --scene->asking;
}

bool is_decided(const Stage& stage, const std::string& id) {
  const auto card = stage.card(k_approvals, id);
  return card && action_of(*card, "approve").empty();
}

// A press is counted, or the one who pressed is told why it was not; then he presses again.
Task<void> approve_one(ScenePtr scene, std::string who, std::string id) {
  Stage& stage = scene->stage;
  for (int tries = 0; tries < k_most_tries && !is_decided(stage, id); ++tries) {
    const std::size_t told = stage.sandbox->ephemerals(who).size();
    co_await stage.presses(who, k_approvals, id, "approve");
    std::function<bool()> answered = [&stage, who, id, told] {
      return is_decided(stage, id) || stage.sandbox->ephemerals(who).size() > told;
    };
    co_await stage.until(std::move(answered), "the approval of " + id + " to be counted", k_patience);
  }
}

Task<void> approve_all(ScenePtr scene, std::string who) {
  Stage& stage = scene->stage;
  while (scene->asking > 0) {
    std::string id;
    std::function<bool()> something = [&scene, &stage, &id] {
      id.clear();
      for (const Message& card : stage.cards(k_approvals)) {
        if (!action_of(card, "approve").empty()) id = id_of(card);
      }
      return !id.empty() || scene->asking == 0;
    };
    co_await stage.until(std::move(something), "something to approve", k_patience);
    if (!id.empty()) co_await approve_one(scene, who, id);
  }
}

Task<void> kill_now_and_then(ScenePtr scene, std::uint64_t seed) {
  jitbot::testing::SeededRandom random(seed);
  Stage& stage = scene->stage;
  while (scene->kills_left > 0) {
    const std::uint64_t at = stage.sandbox->sequence() + 1 + random.below(60);
    std::function<bool()> reached = [&stage, at] {
      return stage.sandbox->sequence() >= at && stage.bot_running();
    };
    co_await stage.until(std::move(reached), "enough to happen before the next kill", k_patience);
    const int before = stage.kills();
    stage.kill_bot();
    std::function<bool()> dead = [&stage, before] { return stage.kills() > before; };
    co_await stage.until(std::move(dead), "the bot to be dead");
    --scene->kills_left;
  }
}

// Both places of everything have been told.
Task<void> quiet_down(ScenePtr scene) {
  Stage& stage = scene->stage;
  std::function<bool()> quiet = [&scene] { return scene->quiet(); };
  co_await stage.until(std::move(quiet), "everybody to be done", 4min);
  std::function<bool()> told = [&scene, &stage] {
    if (!std::ranges::all_of(stage.cards(k_approvals), is_over)) return false;
    for (const std::string& who : scene->people) {
      const auto messages = stage.sandbox->messages("@" + who);
      for (const Message& card : cards_among(messages)) {
        if (!is_over(card) || notices_among(messages, id_of(card) + "/ended") == 0) return false;
      }
    }
    return true;
  };
  co_await stage.until(std::move(told), "everybody to be told");
  const int code = co_await stage.stop_bot();
  if (code != 0) scene->problems.push_back(fmt::format("exit code {} after SIGTERM", code));
  const auto untrue = co_await check_truth(stage, scene->people);
  scene->problems.insert(scene->problems.end(), untrue.begin(), untrue.end());
}

void begin(const Executor& executor, const ScenePtr& scene, Task<void> task) {
  ++scene->working;
  boost::asio::co_spawn(executor, std::move(task), [scene](const std::exception_ptr& error) {
    --scene->working;
    if (!error) return;
    try {
      std::rethrow_exception(error);
    } catch (const std::exception& missed) {
      scene->problems.emplace_back(missed.what());
    }
  });
}

}  // namespace

TEST_CASE("whenever it is killed, the bot goes on: every request, every end, every card") {
  constexpr std::uint64_t k_seed = 20260301;
  jitbot::testing::EventLoop loop;
  StageOptions options;
  options.askers = k_people;
  options.seed = k_seed;
  auto scene = std::make_shared<Scene>(loop.executor(), options);
  scene->stage.start_bot();
  for (int i = 1; i <= k_people; ++i) {
    scene->people.push_back(fmt::format("p{}", i));
    ++scene->asking;
    begin(loop.executor(), scene,
          ask_and_use(scene, scene->people.back(), k_seed + static_cast<unsigned>(i)));
  }
  for (const char* who : {"carol", "dave"}) begin(loop.executor(), scene, approve_all(scene, who));
  begin(loop.executor(), scene, kill_now_and_then(scene, k_seed));
  begin(loop.executor(), scene, quiet_down(scene));
  const auto over = [&scene] { return scene->working == 0 || !scene->problems.empty(); };
  CHECK(loop.run_until(over, std::chrono::minutes(5)));
  for (const std::string& problem : scene->problems) UNSCOPED_INFO(problem);
  if (!scene->problems.empty()) UNSCOPED_INFO(scene->stage.bot_log());
  CHECK(scene->problems.empty());
  CHECK(scene->stage.kills() == k_kills);
}

}  // namespace jitbot::kill

#include "tests/bench/commit_floor.hpp"
#include "tests/bench/part.hpp"
#include "tests/bench/rig.hpp"
#include "tests/bench/slow_disk.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

// From what a person said to the moment when the platform may be told that we have it: Desk::accept, one
// durable row each. What follows from it (here: the answer to `/jit help`) is worked off at the same time.
namespace jitbot::bench {

namespace {

namespace asio = boost::asio;

struct Crowd {
  Rig& rig;
  int left = 0;
  int waiting = 0;
  int number = 0;
  Waits waits = {};
};

Inbound help_from(int number) {
  Inbound inbound;
  inbound.key = "bench/" + std::to_string(number);
  inbound.from = person_id(number % k_people);
  inbound.at = std::chrono::floor<Millis>(std::chrono::system_clock::now());
  inbound.reply.channel = "C0GENERAL";
  inbound.what = Said{"help"};
  return inbound;
}

Task<void> say_one(Crowd& crowd) {
  auto inbound = help_from(crowd.number++);
  const auto said = Steady::now();
  const auto taken = co_await crowd.rig.inbox().accept(std::move(inbound));
  if (!taken) throw std::runtime_error("not accepted: " + taken.error().detail);
  crowd.waits.add(said);
  --crowd.waiting;
}

Task<void> say_on_and_on(Crowd& crowd) {
  while (crowd.left > 0) {
    --crowd.left;
    ++crowd.waiting;
    co_await say_one(crowd);
  }
}

Task<void> say_at_a_pace(Crowd& crowd, std::chrono::microseconds every) {
  asio::steady_timer timer(co_await asio::this_coro::executor, Steady::now());
  while (crowd.left > 0) {
    timer.expires_at(timer.expiry() + every);
    co_await timer.async_wait(asio::use_awaitable);
    --crowd.left;
    ++crowd.waiting;
    asio::co_spawn(crowd.rig.loop, say_one(crowd), [](const std::exception_ptr& bug) {
      if (bug) std::rethrow_exception(bug);
    });
  }
}

void rethrow(const std::exception_ptr& bug) {
  if (bug) std::rethrow_exception(bug);
}

}  // namespace

std::vector<Figure> measure_acks(const Settings& settings) {
  make_disk_slower(settings.slower_flush);
  const Folder folder(settings.folder);
  const bool slow = settings.slower_flush.count() > 0;
  constexpr std::chrono::microseconds k_each_10_ms{10'000};
  const auto floor = commit_one_by_one(folder.path(), settings.count(slow ? 2000 : 20'000), {});
  const auto paced_floor = commit_one_by_one(folder.path(), settings.count(800), k_each_10_ms);

  Rig rig(folder.path());
  rig.start();
  Crowd crowd{rig, settings.count(100'000)};
  const int said = crowd.left;
  constexpr int k_at_once = 128;
  const auto start = Steady::now();
  for (int i = 0; i < k_at_once; ++i) asio::co_spawn(rig.loop, say_on_and_on(crowd), rethrow);
  rig.until([&] { return crowd.left == 0 && crowd.waiting == 0; });
  const double took = seconds_since(start);
  rig.until([&] { return rig.chat().answered == said; });
  const double all_took = seconds_since(start);

  Crowd calm{rig, settings.count(800)};
  calm.number = crowd.number;
  asio::co_spawn(rig.loop, say_at_a_pace(calm, k_each_10_ms), rethrow);
  rig.until([&] { return calm.left == 0 && calm.waiting == 0; });
  rig.stop();

  const std::string suffix = settings.suffix();
  using Better = Figure::Better;
  const auto goal = slow ? std::optional<double>() : std::optional<double>(2);
  return {
      {"acks",
       "acknowledgements, full speed, 128 at once" + suffix,
       said / took,
       "per s",
       Better::more,
       {},
       floor.per_second,
       "SQLite commits one by one"},
      {"acks",
       "… and answered" + suffix,
       said / all_took,
       "per s",
       Better::more,
       {},
       floor.per_second,
       "SQLite commits one by one"},
      {"acks",
       "acknowledged at full speed, p50" + suffix,
       crowd.waits.p50(),
       "ms",
       Better::less,
       {},
       floor.commits.p50(),
       "one commit, p50"},
      {"acks",
       "acknowledged at full speed, p99" + suffix,
       crowd.waits.p99(),
       "ms",
       Better::less,
       {},
       floor.commits.p99(),
       "one commit, p99"},
      {"acks",
       "acknowledged at 100/s, p50" + suffix,
       calm.waits.p50(),
       "ms",
       Better::less,
       {},
       paced_floor.commits.p50(),
       "one commit at 100/s, p50"},
      {"acks", "acknowledged at 100/s, p99" + suffix, calm.waits.p99(), "ms", Better::less, goal,
       paced_floor.commits.p99(), "one commit at 100/s, p99"},
  };
}

}  // namespace jitbot::bench

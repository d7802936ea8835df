#include "adapters/access/exec/child.hpp"
#include "adapters/chat/sandbox/sandbox.hpp"
#include "tests/bench/part.hpp"
#include "tests/bench/rig.hpp"
#include "tests/bench/seed.hpp"

#include <fmt/format.h>

#include <csignal>
#include <optional>
#include <stdexcept>

// The real program, from its start until Slack greets its first connection, and what it holds when nothing
// happens.
namespace jitbot::bench {

namespace {

namespace fs = std::filesystem;
using Better = Figure::Better;

class Office {
 public:
  Office() : sandbox_(loop_.get_executor(), clock_, random_, sandbox::demo_world()) {
    const auto started = sandbox_.start();
    if (!started) throw std::runtime_error(started.error().message);
  }
  ~Office() {
    sandbox_.stop();
    loop_.restart();
    loop_.poll();
  }
  Office(const Office&) = delete;
  Office& operator=(const Office&) = delete;

  SlackAddress address() const { return {sandbox_.api_url(), sandbox_.app_token(), sandbox_.bot_token()}; }

  struct Start {
    double hello_ms = 0;
    double resident_mb = 0;  // some seconds later
  };
  Start run_once(const fs::path& folder, std::chrono::milliseconds idle) {
    access::ChildSpec spec;
    spec.argv = {JITBOT_PROGRAM, "run", "--config", (folder / "jitbot.yaml").string()};
    spec.env = {{"PATH", "/usr/bin:/bin"}};
    spec.directory = folder;
    spec.log_file = folder / "log";
    const auto begun = Steady::now();
    auto child = access::Child::start(spec);
    if (!child) throw std::runtime_error(child.error().message);
    Start start;
    spin([&] { return greeted(); }, *child);
    start.hello_ms = seconds_since(begun) * 1000;
    const auto enough = Steady::now() + idle;
    spin([&] { return Steady::now() >= enough; }, *child);
    start.resident_mb = resident_mb_of(child->pid());
    child->signal(SIGTERM);
    // Who is in the middle of asking about 25 000 people takes his time; what he knows is durable anyway.
    const auto patience = Steady::now() + std::chrono::seconds(1);
    spin([&] { return sandbox_.connections().empty() || Steady::now() >= patience; }, *child);
    child->signal(SIGKILL);
    child->reap();
    spin([&] { return sandbox_.connections().empty(); }, *child);
    return start;
  }

 private:
  bool greeted() const {
    for (const auto& connection : sandbox_.connections()) {
      if (connection.greeted) return true;
    }
    return false;
  }
  template <class Condition>
  void spin(const Condition& condition, const access::Child& child) {
    const auto deadline = Steady::now() + std::chrono::seconds(60);
    while (!condition()) {
      if (Steady::now() > deadline)
        throw std::runtime_error(fmt::format("jitbot (process {}) does not do what it should", child.pid()));
      loop_.restart();
      loop_.run_one_for(std::chrono::milliseconds(20));
    }
  }

  boost::asio::io_context loop_{1};
  net::SystemClock clock_;
  net::SystemRandom random_;
  sandbox::Sandbox sandbox_;
};

// The first start makes keys and tables; then the middle of so many.
Office::Start usual_start(Office& office, const fs::path& folder, int times) {
  (void)office.run_once(folder, {});
  std::vector<double> hellos;
  Office::Start last;
  for (int i = 0; i < times; ++i) {
    const bool idle = i + 1 == times;
    last = office.run_once(folder, std::chrono::milliseconds(idle ? 3000 : 0));
    hellos.push_back(last.hello_ms);
  }
  last.hello_ms = percentile(hellos, 0.5);
  return last;
}

}  // namespace

std::vector<Figure> measure_start(const Settings& settings) {
  Office office;
  const Folder empty(settings.folder);
  write_set_up(empty.path(), office.address());
  const int times = settings.size == Settings::Size::tiny ? 1 : 7;
  const auto bare = usual_start(office, empty.path(), times);
  const Folder folder(settings.folder);
  const int grants = settings.count(100'000);
  (void)seed_grants(folder.path(), grants);
  write_set_up(folder.path(), office.address());
  const auto full = usual_start(office, folder.path(), times);
  return {
      {"start", fmt::format("start until the first hello, {} active grants", grants), full.hello_ms, "ms",
       Better::less, 60, bare.hello_ms, "with an empty store"},
      {"memory", "memory idle, empty store", bare.resident_mb, "MB", Better::less, 20, {}, {}},
      {"memory",
       fmt::format("memory idle, {} active grants", grants),
       full.resident_mb,
       "MB",
       Better::less,
       {},
       bare.resident_mb,
       "with an empty store"},
  };
}

}  // namespace jitbot::bench

#include "adapters/access/exec/child.hpp"
#include "adapters/chat/sandbox/sandbox.hpp"
#include "adapters/chat/slack/slack.hpp"
#include "tests/bench/commit_floor.hpp"
#include "tests/bench/part.hpp"
#include "tests/bench/rig.hpp"

#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <csignal>
#include <map>
#include <stdexcept>

// The same workflows over Slack's wire: the bot with its real adapter in a process of its own, so that its
// CPU time is its own; people and Slack are the sandbox, in this process. Slack's rate limits are off on both
// sides. The sandbox takes more CPU than the bot: what is reached at full speed is its figure, not the bot's.
namespace jitbot::bench {

namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using Better = Figure::Better;
using Json = nlohmann::json;

sandbox::World world() {
  sandbox::World world = sandbox::demo_world();
  const auto add = [&world](const PrincipalId& id) {
    sandbox::Person person;
    person.id = "U0" + id.user;
    person.name = "bench" + id.user;
    person.email = email_of(id);
    world.people.push_back(person);
    world.find_channel("#general")->members.insert(person.id);
    return person.id;
  };
  for (int i = 0; i < k_people; ++i) add(person_id(i));
  sandbox::Channel approvals;
  approvals.id = "C0BENCHAPPR";
  approvals.name = "approvals";
  approvals.members.insert(world.bot.user_id);
  auto* group = world.find_group("S0APPROVE");
  for (int i = 0; i < k_approvers; ++i) {
    group->members.push_back(add(approver_id(i)));
    approvals.members.insert(group->members.back());
  }
  world.channels.push_back(approvals);
  return world;
}

Json object_of(const Json& json) {
  return json.is_string() ? Json::parse(json.get<std::string>(), nullptr, false) : json;
}

// The button of a message that approves; empty: it has none.
std::string approve_on(const Json& blocks) {
  for (const Json& block : blocks) {
    if (block.value("type", "") != "actions") continue;
    for (const Json& element : block["elements"]) {
      const std::string action = element.value("action_id", "");
      if (action.starts_with("approve")) return action;
    }
  }
  return {};
}

class Town {
 public:
  Town() : sandbox_(loop.get_executor(), clock_, random_, world(), options()) {
    const auto started = sandbox_.start();
    if (!started) throw std::runtime_error(started.error().message);
    watching_ = sandbox_.on_change([this] { changed_ = true; });
  }
  ~Town() {
    sandbox_.stop();
    loop.restart();
    loop.poll();
  }
  Town(const Town&) = delete;
  Town& operator=(const Town&) = delete;

  SlackAddress address() const { return {sandbox_.api_url(), sandbox_.app_token(), sandbox_.bot_token()}; }
  std::size_t connections() const { return sandbox_.connections().size(); }

  struct Run {
    int asked = 0;
    double seconds = 0;
    double bot_cpu = 0;
    double own_cpu = 0;
    Waits clicks;  // until acknowledged
    Waits whole;
  };

  Run run(pid_t bot, int workflows, int at_once, std::chrono::microseconds every) {
    run_ = {};
    left_ = workflows;
    under_way_ = 0;
    endless_ = at_once > 0;
    const double cpu = cpu_seconds_of(bot);
    const double own = cpu_seconds();
    const auto start = Steady::now();
    if (endless_) {
      for (int i = 0; i < at_once && left_ > 0; ++i) ask();
    } else {
      asio::co_spawn(loop, pace(every), rethrow);
    }
    until([this] { return left_ == 0 && under_way_ == 0; });
    run_.seconds = seconds_since(start);
    // The last cards are updated meanwhile.
    const auto enough = Steady::now() + std::chrono::milliseconds(500);
    until([enough] { return Steady::now() >= enough; });
    run_.bot_cpu = cpu_seconds_of(bot) - cpu;
    run_.own_cpu = cpu_seconds() - own;
    return std::move(run_);
  }

  void until(const std::function<bool()>& condition) {
    const auto deadline = Steady::now() + std::chrono::seconds(120);
    while (!condition()) {
      if (Steady::now() > deadline) throw std::runtime_error("the story does not go on");
      loop.restart();
      loop.run_one_for(std::chrono::milliseconds(20));
      if (std::exchange(changed_, false)) look();
    }
  }

  asio::io_context loop{1};

 private:
  static sandbox::SandboxOptions options() {
    sandbox::SandboxOptions options;
    options.remembered = 5000;
    return options;
  }
  static void rethrow(const std::exception_ptr& bug) {
    if (bug) std::rethrow_exception(bug);
  }

  Task<void> pace(std::chrono::microseconds every) {
    asio::steady_timer timer(co_await asio::this_coro::executor, Steady::now());
    while (left_ > 0) {
      timer.expires_at(timer.expiry() + every);
      co_await timer.async_wait(asio::use_awaitable);
      ask();
    }
  }

  void ask() {
    --left_;
    ++under_way_;
    ++run_.asked;
    const int number = number_++;
    sandbox::CommandInput command;
    command.user = "U0" + person_id(number % k_people).user;
    command.channel = "#general";
    command.text = fmt::format("request r{} 1h look at the queue of ticket {}", number / k_people, number);
    asked_.insert_or_assign(command.user, Steady::now());
    asio::co_spawn(loop, run_command(std::move(command)), rethrow);
  }
  Task<void> run_command(sandbox::CommandInput command) {
    const auto outcome = co_await sandbox_.run_command(std::move(command));
    if (!outcome.ok()) throw std::runtime_error("a command failed: " + outcome.error);
  }
  Task<void> click(sandbox::ClickInput input) {
    const auto clicked = Steady::now();
    const auto outcome = co_await sandbox_.click(std::move(input));
    if (!outcome.ok()) throw std::runtime_error("a click failed: " + outcome.error);
    run_.clicks.add(clicked);
  }

  // What the bot posted since the last look.
  void look() {
    const auto& calls = sandbox_.api_calls();
    auto at = calls.rbegin();
    while (at != calls.rend() && at->number > seen_) ++at;
    for (auto call = at.base(); call != calls.end(); ++call) {
      if (call->status == 0) return;  // under way: the next look begins here
      seen_ = call->number;
      if (call->method == "chat.postMessage" && call->answer.value("ok", false)) posted(*call);
    }
  }
  void posted(const sandbox::ApiCall& call) {
    const std::string channel = call.answer.value("channel", "");
    const std::string key = object_of(call.args.at("metadata"))["event_payload"].value("key", "");
    if (key.starts_with("notice/") && key.ends_with("/usable")) return told(channel);
    const std::string action = approve_on(object_of(call.args.at("blocks")));
    if (action.empty()) return;
    sandbox::ClickInput input;
    input.user = "U0" + approver_id(0).user;
    input.channel = channel;
    input.ts = call.answer.value("ts", "");
    input.action_id = action;
    asio::co_spawn(loop, click(std::move(input)), rethrow);
  }
  void told(const std::string& channel) {
    const auto* direct = sandbox_.world().find_channel(channel);
    if (direct == nullptr) return;
    const auto asked = asked_.find(direct->dm_with);
    if (asked == asked_.end()) return;
    run_.whole.add(asked->second);
    asked_.erase(asked);
    --under_way_;
    if (endless_ && left_ > 0) ask();
  }

  net::SystemClock clock_;
  net::SystemRandom random_;
  sandbox::Sandbox sandbox_;
  std::shared_ptr<void> watching_;
  bool changed_ = false;
  std::uint64_t seen_ = 0;
  int number_ = 0;
  int left_ = 0;
  int under_way_ = 0;
  bool endless_ = false;
  std::map<std::string, Steady::time_point> asked_;
  Run run_;
};

access::Child start_bot(const fs::path& folder) {
  access::ChildSpec spec;
  spec.argv = {"/proc/self/exe", "--be-the-bot", folder.string()};
  spec.argv.front() = fs::read_symlink("/proc/self/exe").string();
  spec.env = {{"PATH", "/usr/bin:/bin"}};
  spec.directory = folder;
  spec.log_file = folder / "log";
  auto child = access::Child::start(spec);
  if (!child) throw std::runtime_error(child.error().message);
  return std::move(*child);
}

}  // namespace

std::vector<Figure> measure_wire(const Settings& settings) {
  const Folder folder(settings.folder);
  const auto floor = commit_one_by_one(folder.path(), settings.count(1000), std::chrono::microseconds(1000));
  Town town;
  write_set_up(folder.path(), town.address());
  auto bot = start_bot(folder.path());
  town.until([&] { return town.connections() >= 2; });
  constexpr std::chrono::microseconds k_second{1'000'000};
  const auto calm = town.run(bot.pid(), settings.count(1000), 0, k_second / 100);
  const double resident = resident_mb_of(bot.pid());
  const auto full = town.run(bot.pid(), settings.count(2000), 32, {});
  bot.signal(SIGTERM);
  bot.reap();
  return {
      {"wire",
       "Slack's wire: clicks acknowledged at 100 workflows/s, p50",
       calm.clicks.p50(),
       "ms",
       Better::less,
       {},
       floor.commits.p50(),
       "one commit, p50"},
      {"wire",
       "Slack's wire: clicks acknowledged at 100 workflows/s, p99",
       calm.clicks.p99(),
       "ms",
       Better::less,
       {},
       floor.commits.p99(),
       "one commit, p99"},
      {"wire",
       "Slack's wire: bot's CPU per 1 000 workflows at 100/s",
       1000 * calm.bot_cpu / calm.asked,
       "s",
       Better::less,
       {},
       1000 * calm.own_cpu / calm.asked,
       "CPU of the sandbox on the other end"},
      {"wire",
       "Slack's wire: command to “it works” at 100/s, p99",
       calm.whole.p99(),
       "ms",
       Better::less,
       {},
       {},
       {}},
      {"wire",
       "Slack's wire: workflows, 32 at once",
       full.asked / full.seconds,
       "per s",
       Better::more,
       {},
       {},
       {}},
      {"wire",
       "Slack's wire: bot's CPU per 1 000 workflows, 32 at once",
       1000 * full.bot_cpu / full.asked,
       "s",
       Better::less,
       {},
       1000 * full.own_cpu / full.asked,
       "CPU of the sandbox on the other end"},
      {"memory",
       "Slack's wire: memory of the bot after 100 workflows/s",
       resident,
       "MB",
       Better::less,
       {},
       {},
       {}},
  };
}

int be_the_bot(const fs::path& folder) {
  net::HttpClient http;
  Rig rig(folder, [&](const AppPorts& ports) -> std::unique_ptr<Platform> {
    const auto settings = load_set_up(folder / "jitbot.yaml").config.slack.value();
    slack::SlackOptions options;
    options.app_token = settings.app_token;
    options.bot_token = settings.bot_token;
    options.api_url = settings.api_url;
    options.pace = slack::Pace::unlimited;
    return std::make_unique<slack::Slack>(ports.executor, ports.clock, ports.random, http,
                                          std::move(options));
  });
  bool stopping = false;
  asio::signal_set stop(rig.loop, SIGTERM, SIGINT);
  stop.async_wait([&stopping](const boost::system::error_code&, int) { stopping = true; });
  rig.start();
  rig.until([&] { return stopping; }, std::chrono::hours(1));
  rig.stop();
  return 0;
}

}  // namespace jitbot::bench

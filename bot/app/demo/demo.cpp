#include "bot/app/demo/demo.hpp"

#include "adapters/chat/sandbox/sandbox.hpp"
#include "adapters/net/system_clock.hpp"
#include "adapters/net/system_random.hpp"
#include "bot/app/cli.hpp"
#include "bot/app/demo/demo_database.hpp"
#include "bot/app/demo/demo_folder.hpp"
#include "bot/app/demo/guide.hpp"
#include "bot/app/demo/story.hpp"
#include "commands/families.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>

#include <csignal>
#include <deque>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>

namespace jitbot::cli {

namespace {

namespace asio = boost::asio;

constexpr Millis k_stop_time{20s};
constexpr std::size_t k_shown_log_lines = 30;

int complain(const std::string& message, int code) {
  std::cerr << "jitbot: " << message << "\n";
  return code;
}

// The terminal is for people; the bot's own log goes into the folder.
void log_into(const std::filesystem::path& file) {
  auto logger = std::make_shared<spdlog::logger>(
      "demo", std::make_shared<spdlog::sinks::basic_file_sink_mt>(file.string()));
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

void show_end_of_log(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::deque<std::string> lines;
  for (std::string line; std::getline(in, line);) {
    lines.push_back(std::move(line));
    if (lines.size() > k_shown_log_lines) lines.pop_front();
  }
  if (lines.empty()) return;
  std::cerr << "the end of the bot's log:\n";
  for (const std::string& line : lines) std::cerr << "  " << line << "\n";
}

// gina reads #prod-approvals and is of group sre: what keeps her from deciding there is that she is a guest.
sandbox::World demo_workspace() {
  sandbox::World world = sandbox::demo_world();
  world.find_channel("#prod-approvals")->members.insert(world.find_person("gina")->id);
  return world;
}

sandbox::SandboxOptions workspace_options(const DemoOptions& options) {
  const std::uint16_t unnamed = options.play == DemoPlay::story ? 0 : k_demo_port;
  sandbox::SandboxOptions workspace;
  workspace.port = options.port.value_or(unnamed);
  workspace.remembered = 5000;  // it may run for weeks
  workspace.banner = "The database is being made …";
  for (const auto& command : grammar::commands()) {
    const std::string_view usage = command.usage;
    const auto blank = usage.find(' ');
    const std::string hint(blank == std::string_view::npos ? "" : usage.substr(blank + 1));
    workspace.command_words.push_back({std::string(command.word), hint});
  }
  return workspace;
}

// Everything of one run. The members' order is the order in which they come up; they go down in reverse.
class Demo {
 public:
  Demo(const DemoOptions& options, DemoFolder folder)
      : options_(options),
        folder_(std::move(folder)),
        signals_(loop_, SIGINT, SIGTERM),
        deadline_(loop_),
        workspace_(loop_.get_executor(), clock_, random_, demo_workspace(), workspace_options(options)) {}

  int run();

 private:
  int set_up();
  Result<void> make_database();
  int open_bot();
  void play();
  void stop();
  int verdict();
  int verify();

  const DemoOptions& options_;
  DemoFolder folder_;
  asio::io_context loop_{1};
  net::SystemClock clock_;
  net::SystemRandom random_;
  asio::signal_set signals_;
  asio::steady_timer deadline_;
  std::unique_ptr<PrivatePostgres> postgres_;
  DemoDatabase database_;
  sandbox::Sandbox workspace_;
  std::unique_ptr<App> bot_;
  std::unique_ptr<story::Stage> stage_;
  bool interrupted_ = false;
  std::string failed_;   // what went wrong with the bot itself
  std::string missing_;  // what the story did not see
};

Result<void> Demo::make_database() {
  // The same port again, where it is free: what people were told of how to log in goes on being true.
  PrivatePostgresOptions wanted;
  wanted.port = folder_.last_database_port().value_or(0);
  auto postgres = PrivatePostgres::start(std::move(wanted));
  if (!postgres) return tl::unexpected<Error>(postgres.error());
  postgres_ = std::move(*postgres);
  auto made = make_demo_database(*postgres_, demo_people());
  if (!made) return tl::unexpected<Error>(made.error());
  database_ = std::move(*made);
  return {};
}

int Demo::set_up() {
  const auto bound = workspace_.start();
  if (!bound) {
    return complain(bound.error().message +
                        ". Choose another port: jitbot demo --port N, or --port 0 for any "
                        "free one",
                    k_usage);
  }
  // Only what comes up leaves something in the folder.
  if (const auto claimed = folder_.claim(); !claimed) return complain(claimed.error().message, k_usage);
  log_into(folder_.log());
  if (const auto made = make_database(); !made) return complain(made.error().message, k_failed);
  workspace_.set_banner(page_banner(database_, postgres_->port()));
  const DemoPlaces places{workspace_.api_url(), Secret(workspace_.app_token()),
                          Secret(workspace_.bot_token()), database_.bot_url, postgres_->port()};
  if (const auto written = folder_.write(places); !written) return complain(written.error().message, k_usage);
  return open_bot();
}

int Demo::open_bot() {
  // Everything is on this machine and in the folder: a proxy of the machine's would only stand between.
  const Environment nothing_from_outside = [](const std::string&) { return std::optional<std::string>(); };
  auto loaded = load(folder_.config(), nothing_from_outside);
  if (!loaded) return k_usage;
  AppOptions options;
  options.config = std::move(loaded->config);
  options.policy = std::move(loaded->policy);
  auto bot = App::open({loop_.get_executor(), clock_, random_}, std::move(options));
  if (!bot)
    return complain(bot.error().message, bot.error().kind == ErrorKind::internal ? k_failed : k_usage);
  bot_ = std::move(*bot);
  return k_fine;
}

void Demo::stop() {
  bot_->stop();
  deadline_.expires_after(k_stop_time);
  deadline_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    failed_ = "the bot did not stop in time";
    loop_.stop();
  });
}

std::string words_of(const std::exception_ptr& bug) {
  try {
    std::rethrow_exception(bug);
  } catch (const std::exception& failure) {
    return failure.what();
  }
}

void Demo::play() {
  stage_ = std::make_unique<story::Stage>(
      story::Stage::Ports{loop_.get_executor(), clock_, workspace_, *postgres_, database_, std::cout});
  missing_ = "the story was not played to its end";
  asio::co_spawn(loop_, story::play(*stage_, workspace_.world()),
                 [this](const std::exception_ptr& bug, const story::Told& told) {
                   missing_ = bug ? words_of(bug) : told ? "" : told.error().message;
                   stop();
                 });
}

// The bot has ended: what is in the files must now hold by itself.
int Demo::verify() {
  stage_->chapter("Afterwards, offline");
  if (audit_verify({folder_.config(), {}, {}}) != k_fine) {
    stage_->missed("the audit log does not verify");
    return k_failed;
  }
  stage_->seen("the audit log verifies, from its first event to the signed head");
  std::cout << fmt::format("\nAll {} steps were seen.\n", stage_->seen_count());
  return k_fine;
}

int Demo::verdict() {
  bot_.reset();
  if (!failed_.empty()) {
    show_end_of_log(folder_.log());
    return complain(failed_, k_failed);
  }
  if (!stage_) return k_fine;
  if (interrupted_) return complain("interrupted", k_failed);
  if (missing_.empty()) return verify();
  stage_->missed("not seen: " + missing_);
  show_end_of_log(folder_.log());
  return k_failed;
}

int Demo::run() {
  // From here on an interrupt is heard by the loop, so that nothing is left behind.
  signals_.async_wait([this](const boost::system::error_code& error, int) {
    if (error) return;
    interrupted_ = true;
    stop();
  });
  if (const int code = set_up(); code != k_fine) return code;
  asio::co_spawn(loop_, bot_->run(), [this](const std::exception_ptr& bug, const Result<void>& ended) {
    if (bug) failed_ = words_of(bug);
    if (!bug && !ended) failed_ = ended.error().message;
    loop_.stop();
  });
  if (options_.play == DemoPlay::story) {
    play();
  } else {
    std::cout << terminal_guide({database_, postgres_->port(), folder_, workspace_.page_url()}) << std::flush;
  }
  loop_.run();
  if (interrupted_) std::cout << "\n";
  return verdict();
}

}  // namespace

int demo(const DemoOptions& options) {
  auto folder = DemoFolder::open(options.data);
  if (!folder) return complain(folder.error().message, k_usage);
  Demo demo(options, std::move(*folder));
  return demo.run();
}

}  // namespace jitbot::cli

#include "bot/app/demo/demo.hpp"

#include "adapters/net/system_clock.hpp"
#include "adapters/net/system_random.hpp"
#include "bot/app/cli.hpp"
#include "bot/app/demo/demo_database.hpp"
#include "bot/app/demo/demo_folder.hpp"
#include "bot/app/demo/mattermost/mattermost_venue.hpp"
#include "bot/app/demo/sandbox_venue.hpp"
#include "bot/app/demo/story.hpp"

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
constexpr Millis k_clear_time{60s};
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

std::unique_ptr<Venue> make_venue(const DemoOptions& options, const Executor& executor, Clock& clock,
                                  Random& random) {
  if (options.mattermost)
    return std::make_unique<MattermostVenue>(executor, clock, random, *options.mattermost, options.play);
  const std::uint16_t unnamed = options.play == DemoPlay::story ? 0 : k_demo_port;
  return std::make_unique<SandboxVenue>(executor, clock, random, options.port.value_or(unnamed));
}

// Everything of one run. The members' order is the order in which they come up; they go down in reverse.
class Demo {
 public:
  Demo(const DemoOptions& options, DemoFolder folder)
      : options_(options),
        folder_(std::move(folder)),
        signals_(loop_, SIGINT, SIGTERM),
        deadline_(loop_),
        venue_(make_venue(options, loop_.get_executor(), clock_, random_)) {}

  int run();

 private:
  void hear_signals();
  int ready(Task<Ready> task);
  int set_up();
  Result<void> make_database();
  int open_bot();
  int run_bot();
  void play();
  void stop();
  int verdict();
  int verify();
  bool clear();

  const DemoOptions& options_;
  DemoFolder folder_;
  asio::io_context loop_{1};
  asio::io_context clearing_{1};  // as loop_ it outlives the threads that answer on it
  net::SystemClock clock_;
  net::SystemRandom random_;
  asio::signal_set signals_;
  asio::steady_timer deadline_;
  std::unique_ptr<PrivatePostgres> postgres_;
  DemoDatabase database_;
  std::unique_ptr<Venue> venue_;
  std::unique_ptr<App> bot_;
  std::unique_ptr<story::Stage> stage_;
  bool interrupted_ = false;
  std::string failed_;   // what went wrong with the bot itself
  std::string missing_;  // what the story did not see
};

std::string words_of(const std::exception_ptr& bug) {
  try {
    std::rethrow_exception(bug);
  } catch (const std::exception& failure) {
    return failure.what();
  }
}

// From the first on an interrupt is heard by the loop, so that nothing is left behind.
void Demo::hear_signals() {
  signals_.async_wait([this](const boost::system::error_code& error, int) {
    if (error) return;
    interrupted_ = true;
    if (bot_ == nullptr) venue_->give_up();
    if (bot_ != nullptr) stop();
  });
}

// Runs the loop until that has ended.
int Demo::ready(Task<Ready> task) {
  std::optional<Ready> done;
  asio::co_spawn(loop_, std::move(task), [&](const std::exception_ptr& bug, Ready result) {
    if (bug) failed_ = words_of(bug);
    if (!bug) done = std::move(result);
    loop_.stop();
  });
  loop_.restart();
  loop_.run();
  if (interrupted_) return complain("interrupted", k_failed);
  if (!done) return complain(failed_, k_failed);
  return *done ? k_fine : complain(done->error().words, done->error().code);
}

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
  if (const int code = ready(venue_->open()); code != k_fine) return code;
  // Only what comes up leaves something in the folder.
  if (const auto claimed = folder_.claim(venue_->kind()); !claimed)
    return complain(claimed.error().message, k_usage);
  log_into(folder_.log());
  if (const auto made = make_database(); !made) return complain(made.error().message, k_failed);
  venue_->show(database_, postgres_->port());
  if (const int code = ready(venue_->prepare()); code != k_fine) return code;
  const DemoPlaces places{venue_->chat(), database_.bot_url, postgres_->port()};
  if (const auto written = folder_.write(places); !written) return complain(written.error().message, k_usage);
  return open_bot();
}

int Demo::open_bot() {
  auto loaded = load(folder_.config(), venue_->environment());
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

void Demo::play() {
  stage_ = std::make_unique<story::Stage>(
      story::Stage::Ports{loop_.get_executor(), clock_, venue_->company(), *postgres_, database_, std::cout});
  missing_ = "the story was not played to its end";
  asio::co_spawn(loop_, story::play(*stage_), [this](const std::exception_ptr& bug, const story::Told& told) {
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

int Demo::run_bot() {
  asio::co_spawn(loop_, bot_->run(), [this](const std::exception_ptr& bug, const Result<void>& ended) {
    if (bug) failed_ = words_of(bug);
    if (!bug && !ended) failed_ = ended.error().message;
    loop_.stop();
  });
  if (options_.play == DemoPlay::story) {
    play();
  } else {
    std::cout << venue_->guide({database_, postgres_->port(), folder_}) << std::flush;
  }
  loop_.restart();
  loop_.run();
  if (interrupted_) std::cout << "\n";
  return verdict();
}

// What stands on somebody else's server is not left there. On a loop of its own: what the bot's end left on
// the other may refer to what is gone.
bool Demo::clear() {
  signals_.cancel();
  asio::io_context& loop = clearing_;
  asio::signal_set enough(loop, SIGINT, SIGTERM);
  const auto leave = [&loop](const boost::system::error_code& error, auto...) {
    if (!error) loop.stop();
  };
  enough.async_wait(leave);
  asio::steady_timer deadline(loop, k_clear_time);
  deadline.async_wait(leave);
  std::optional<bool> cleared;
  asio::co_spawn(loop, venue_->close(std::cout), [&](const std::exception_ptr& bug, bool all) {
    if (!bug) cleared = all;
    loop.stop();
  });
  loop.run();
  if (!cleared) complain("not all of it was taken back; the next demo there takes up what is left", 0);
  return cleared.value_or(false);
}

int Demo::run() {
  hear_signals();
  int code = set_up();
  if (code == k_fine) code = run_bot();
  const bool cleared = clear();
  return code == k_fine && !cleared ? k_failed : code;
}

}  // namespace

int demo(const DemoOptions& options) {
  spdlog::set_level(spdlog::level::off);  // until there is a folder to write into
  auto folder = DemoFolder::open(options.data);
  if (!folder) return complain(folder.error().message, k_usage);
  Demo demo(options, std::move(*folder));
  return demo.run();
}

}  // namespace jitbot::cli

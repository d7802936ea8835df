#include "adapters/net/system_clock.hpp"
#include "adapters/net/system_random.hpp"
#include "bot/app/cli.hpp"
#include "bot/app/logging.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <csignal>
#include <iostream>

namespace jitbot::cli {

namespace {

void listen_for_hangup(boost::asio::signal_set& hangup, App& app) {
  hangup.async_wait([&hangup, &app](const boost::system::error_code& error, int) {
    if (error) return;
    spdlog::info("event=hangup detail=\"the policy is read anew; the configuration is read at start only\"");
    app.reload_policy();
    listen_for_hangup(hangup, app);
  });
}

// On standard output whatever the log level is: who configured port 0 learns the real one here.
void tell_where(const std::string& address, std::uint16_t port) {
  const bool bare_v6 = address.find(':') != std::string::npos && address.front() != '[';
  const std::string host = bare_v6 ? "[" + address + "]" : address;
  std::cout << fmt::format("listening on {}:{}\n", host, port) << std::flush;
}

}  // namespace

std::optional<Loaded> load(const std::filesystem::path& file, const Environment& environment) {
  auto loaded = load_config(file, environment);
  if (!loaded) {
    for (const PolicyProblem& problem : loaded.error()) std::cerr << to_string(problem) << "\n";
    return std::nullopt;
  }
  for (const PolicyProblem& warning : loaded->warnings)
    std::cerr << "warning: " << to_string(warning) << "\n";
  auto policy = policy_of_folder(loaded->config);
  if (!policy) {
    for (const PolicyProblem& problem : policy.error()) std::cerr << to_string(problem) << "\n";
    return std::nullopt;
  }
  return Loaded{std::move(loaded->config), std::move(*policy)};
}

int run(const std::filesystem::path& config, Restored restored) {
  auto loaded = load(config);
  if (!loaded) return k_usage;
  set_up_logging(loaded->config.log);

  boost::asio::io_context loop(1);
  net::SystemClock clock;
  net::SystemRandom random;
  AppOptions options;
  options.config = std::move(loaded->config);
  options.policy = std::move(loaded->policy);
  options.restored = restored;
  options.on_listening = tell_where;
  auto app = App::open({loop.get_executor(), clock, random}, std::move(options));
  if (!app) {
    std::cerr << "jitbot: " << app.error().message << "\n";
    return app.error().kind == ErrorKind::internal ? k_failed : k_usage;
  }

  boost::asio::signal_set stop(loop, SIGTERM, SIGINT);
  stop.async_wait([&](const boost::system::error_code& error, int) {
    if (!error) (*app)->stop();
  });
  boost::asio::signal_set hangup(loop, SIGHUP);
  listen_for_hangup(hangup, **app);

  int exit_code = k_failed;
  boost::asio::co_spawn(loop, (*app)->run(), [&](const std::exception_ptr& bug, Result<void> ended) {
    if (bug) {
      try {
        std::rethrow_exception(bug);
      } catch (const std::exception& failure) {
        std::cerr << "jitbot: " << failure.what() << "\n";
      }
    } else if (!ended) {
      std::cerr << "jitbot: " << ended.error().message << "\n";
      exit_code = ended.error().kind == ErrorKind::invalid ? k_usage : k_failed;
    } else {
      exit_code = k_fine;
    }
    stop.cancel();
    hangup.cancel();
    loop.stop();
  });
  loop.run();
  return exit_code;
}

}  // namespace jitbot::cli

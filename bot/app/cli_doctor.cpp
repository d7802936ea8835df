#include "adapters/net/system_clock.hpp"
#include "adapters/net/system_random.hpp"
#include "bot/app/cli.hpp"
#include "bot/app/doctor.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <iostream>

namespace jitbot::cli {

namespace {

std::string summary_of(const Diagnosis& diagnosis) {
  const auto count = [&](Finding::Level level) {
    return std::ranges::count(diagnosis.findings, level, &Finding::level);
  };
  const auto failed = count(Finding::Level::failed);
  const auto warnings = count(Finding::Level::warning);
  if (failed == 0 && warnings == 0) return "all is well";
  return fmt::format("{} to mend, {} to know", failed, warnings);
}

}  // namespace

int doctor(const std::filesystem::path& config) {
  spdlog::set_level(spdlog::level::off);  // the lines say it all
  boost::asio::io_context loop(1);
  net::SystemClock clock;
  net::SystemRandom random;
  DoctorOptions options;
  options.config = config;
  options.tell = [](const Finding& finding) { std::cout << line_of(finding) << "\n" << std::flush; };
  Doctor doctor({loop.get_executor(), clock, random}, std::move(options));
  std::exception_ptr bug;
  Diagnosis diagnosis;
  boost::asio::co_spawn(loop, doctor.examine(), [&](const std::exception_ptr& thrown, Diagnosis made) {
    bug = thrown;
    diagnosis = std::move(made);
    loop.stop();
  });
  loop.run();
  if (bug) std::rethrow_exception(bug);
  std::cout << summary_of(diagnosis) << "\n" << std::flush;
  const int exit_code = exit_code_of(diagnosis);
  // A library that hangs in a system call cannot be stopped, and would keep the process as long as it likes.
  if (diagnosis.stuck) std::_Exit(exit_code);
  return exit_code;
}

}  // namespace jitbot::cli

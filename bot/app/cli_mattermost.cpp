#include "adapters/chat/mattermost/setup.hpp"
#include "adapters/net/ca_file.hpp"
#include "adapters/net/system_clock.hpp"
#include "adapters/net/system_random.hpp"
#include "adapters/net/url.hpp"
#include "bot/app/cli.hpp"
#include "bot/app/config_values.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <cerrno>
#include <cstring>
#include <exception>
#include <fcntl.h>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <unistd.h>

// `jitbot mattermost setup`: what an administrator would click together in the System Console.
namespace jitbot::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_largest_token = 4096;

Result<Secret> token_in(const std::filesystem::path& file) {
  auto text = read_whole_file(file, k_largest_token);
  if (!text) return tl::unexpected<Error>(text.error());
  while (!text->empty() && (text->back() == '\n' || text->back() == '\r' || text->back() == ' '))
    text->pop_back();
  if (text->empty()) return fail(ErrorKind::invalid, "the file is empty", file.string());
  return Secret(std::move(*text));
}

bool others_read(const std::filesystem::path& file) {
  std::error_code gone;
  const auto rights = fs::status(file, gone).permissions();
  return !gone && (rights & (fs::perms::group_all | fs::perms::others_all)) != fs::perms::none;
}

// For its owner alone from the first byte on, and whole or not at all.
Result<void> write_token(const std::filesystem::path& file, const Secret& token) {
  const std::string text = token.reveal() + "\n";
  const std::string fresh = file.string() + ".new";
  ::unlink(fresh.c_str());
  const int descriptor = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) return fail(ErrorKind::refused, "cannot write " + file.string(), std::strerror(errno));
  const bool written = ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       ::fsync(descriptor) == 0;
  ::close(descriptor);
  std::error_code error;
  if (written) std::filesystem::rename(fresh, file, error);
  if (!written || error) {
    ::unlink(fresh.c_str());
    return fail(ErrorKind::refused, "cannot write " + file.string(), error.message());
  }
  return {};
}

void say(const mattermost::SetupStep& step) {
  using What = mattermost::SetupStep::What;
  switch (step.what) {
    case What::there:
      std::cout << "  ";
      break;
    case What::done:
      std::cout << "+ ";
      break;
    case What::wanting:
      std::cout << "! ";
      break;
  }
  std::cout << step.words << "\n" << std::flush;
}

// The same token again leaves the file as it is.
Result<void> keep(const std::filesystem::path& file, const Secret& token) {
  const auto kept = token_in(file);
  if (kept && kept->reveal() == token.reveal()) return {};
  auto written = write_token(file, token);
  if (written) std::cout << "+ " << file.string() << " written, for its owner alone\n";
  return written;
}

std::string configuration(const MattermostSetup& setup) {
  std::string text = fmt::format(
      "chat:\n"
      "  - mattermost:\n"
      "      url: {}\n"
      "      token: \"file:{}\"\n"
      "      team: {}\n",
      setup.url, fs::absolute(setup.token_file).string(), setup.team);
  if (!setup.ca_file.empty())
    text += fmt::format("      ca_file: \"{}\"\n", fs::absolute(setup.ca_file).string());
  if (!setup.callbacks_url.empty()) {
    text += fmt::format(
        "      callbacks: {{listen: \"{}\", url: \"{}\"}}\n"
        "      command_token: \"file:{}\"\n",
        setup.listen, setup.callbacks_url, fs::absolute(setup.command_token_file).string());
  }
  return text;
}

int fail_with(const Error& error) {
  std::cerr << "jitbot: " << error.message;
  if (!error.detail.empty()) std::cerr << " (" << error.detail << ")";
  std::cerr << "\n";
  return k_failed;
}

// A mistake of whoever typed it; empty: none.
std::string wrong_in(const MattermostSetup& setup) {
  const auto url = net::parse_url(setup.url);
  if (!url) return "--url: " + url.error().message;
  if (!url->secure() && !url->loopback()) return "--url: tokens are not sent without TLS; write https://…";
  if (setup.callbacks_url.empty()) return {};
  if (!parse_listen(setup.listen)) return "--listen " + setup.listen + ": it must be ADDRESS:PORT";
  const auto callbacks = net::parse_url(setup.callbacks_url);
  return callbacks ? "" : "--callbacks-url: " + callbacks.error().message;
}

Result<mattermost::SetupDone> run(const MattermostSetup& setup, const Secret& admin_token) {
  boost::asio::io_context loop(1);
  net::SystemClock clock;
  net::SystemRandom random;
  net::HttpClientOptions http_options;
  http_options.ca_file = setup.ca_file.string();
  http_options.proxies = net::Proxies::from_environment(process_environment());
  net::HttpClient http(std::move(http_options));
  const auto rest_with = [&](Secret token) {
    return mattermost::Rest(clock, random, http, mattermost::RestOptions{setup.url, std::move(token)});
  };
  auto admin = rest_with(admin_token);
  mattermost::SetupWish wish;
  wish.team = setup.team;
  wish.username = setup.username;
  wish.channels = setup.channels;
  wish.callbacks_url = setup.callbacks_url;
  wish.keep_token = [&](const Secret& token) { return keep(setup.token_file, token); };
  if (const auto known = token_in(setup.token_file)) wish.known_token = *known;
  std::exception_ptr bug;
  Result<mattermost::SetupDone> done;
  boost::asio::co_spawn(loop, mattermost::set_up(admin, rest_with, std::move(wish), say),
                        [&](const std::exception_ptr& thrown, Result<mattermost::SetupDone> made) {
                          bug = thrown;
                          done = std::move(made);
                        });
  loop.run();
  if (bug) std::rethrow_exception(bug);
  return done;
}

}  // namespace

int mattermost_setup(MattermostSetup setup) {
  spdlog::set_level(spdlog::level::off);  // the lines say it all
  while (setup.url.ends_with('/')) setup.url.pop_back();
  while (setup.callbacks_url.ends_with('/')) setup.callbacks_url.pop_back();
  if (const std::string wrong = wrong_in(setup); !wrong.empty()) {
    std::cerr << "jitbot: " << wrong << "\n";
    return k_usage;
  }
  auto admin = token_in(setup.admin_token_file);
  if (admin && others_read(setup.admin_token_file))
    admin = fail(ErrorKind::invalid, "others can read it, and it opens the whole server; chmod 600 it");
  if (!admin) {
    std::cerr << "jitbot: --admin-token-file " << setup.admin_token_file.string() << ": "
              << admin.error().message << "\n";
    return k_usage;
  }
  auto done = run(setup, *admin);
  if (!done) return fail_with(done.error());
  if (!done->command_token.empty()) {
    const auto kept = keep(setup.command_token_file, done->command_token);
    if (!kept) return fail_with(kept.error());
  }
  std::cout << "\nIn jitbot.yaml:\n\n" << configuration(setup) << std::flush;
  return k_fine;
}

}  // namespace jitbot::cli

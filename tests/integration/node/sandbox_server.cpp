#include "adapters/chat/sandbox/sandbox.hpp"
#include "adapters/net/system_clock.hpp"
#include "adapters/net/system_random.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <nlohmann/json.hpp>

#include <array>
#include <iostream>
#include <unistd.h>

// The sandbox workspace alone, for clients in other languages. One JSON line on standard output says where it
// is and what its tokens are; it ends when standard input does.
namespace {

namespace asio = boost::asio;

void end_with_stdin(asio::posix::stream_descriptor& input, std::array<char, 256>& bytes,
                    jitbot::sandbox::Sandbox& sandbox, asio::io_context& loop) {
  input.async_read_some(asio::buffer(bytes), [&](const boost::system::error_code& error, std::size_t) {
    if (error) {
      sandbox.stop();
      loop.stop();
    } else {
      end_with_stdin(input, bytes, sandbox, loop);
    }
  });
}

}  // namespace

int main(int argc, char** argv) {
  using namespace jitbot;
  CLI::App app{"A Slack workspace on loopback"};
  sandbox::SandboxOptions options;
  int lifetime = 18060;
  bool rate_limits = false;
  app.add_option("--port", options.port, "0: any free one");
  app.add_option("--lifetime", lifetime, "Seconds a connection lives");
  app.add_option("--banner", options.banner, "Shown beside the conversations");
  app.add_flag("--rate-limits", rate_limits, "Enforce them from the start");
  CLI11_PARSE(app, argc, argv);
  options.connection_lifetime = std::chrono::seconds(lifetime);
  options.rate_limits = rate_limits ? sandbox::Switch::on : sandbox::Switch::off;
  options.command_words = {
      {"request", "<resource> <duration> [reason]"}, {"mine", ""}, {"help", "[command]"}};

  asio::io_context loop{1};
  net::SystemClock clock;
  net::SystemRandom random;
  sandbox::Sandbox sandbox(loop.get_executor(), clock, random, sandbox::demo_world(), options);
  const auto started = sandbox.start();
  if (!started) {
    std::cerr << started.error().message << '\n';
    return 1;
  }
  const nlohmann::json hello = {{"api_url", sandbox.api_url()},
                                {"page_url", sandbox.page_url()},
                                {"app_token", sandbox.app_token()},
                                {"bot_token", sandbox.bot_token()}};
  std::cout << hello.dump() << std::endl;

  asio::posix::stream_descriptor input(loop, ::dup(STDIN_FILENO));
  std::array<char, 256> bytes{};
  end_with_stdin(input, bytes, sandbox, loop);
  loop.run();
  return 0;
}

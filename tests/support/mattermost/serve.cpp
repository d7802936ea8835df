#include "adapters/net/system_clock.hpp"
#include "adapters/net/system_random.hpp"
#include "tests/support/mattermost/stand_in.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iostream>
#include <string>
#include <unistd.h>

// The stand-in as a server of its own, by the wall clock, for trying programs by hand:
//   mattermost_stand_in_server TOKEN_FILE [--port N] [--guests] [--no-callbacks] [--team NAME]
// It writes an administrator's token into the file, prints its address, and runs until it is interrupted.
namespace {

namespace mm = jitbot::mattermost_stand_in;

bool write_token(const char* file, const std::string& token) {
  ::unlink(file);
  const int made = ::open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (made < 0) return false;
  ::close(made);
  std::ofstream out(file);
  out << token << "\n";
  out.close();
  return out.good();
}

struct Wanted {
  mm::World world;
  mm::Options options;
};

Wanted wanted(int argc, char** argv) {
  Wanted all;
  all.world.team = "";
  all.world.users = {{.username = "sysadmin", .kind = mm::Kind::admin},
                     {.username = "alice"},
                     {.username = "jitbot", .kind = mm::Kind::bot}};
  for (int at = 2; at < argc; ++at) {
    const std::string word = argv[at];
    const bool more = at + 1 < argc;
    if (word == "--guests") all.options.guests = true;
    if (word == "--no-callbacks") all.options.allowed_internal = "";
    if (word == "--port" && more) all.options.port = static_cast<std::uint16_t>(std::stoi(argv[++at]));
    if (word == "--team" && more) all.world.team = argv[++at];
  }
  return all;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: mattermost_stand_in_server TOKEN_FILE [--port N] [--guests] [--no-callbacks] "
                 "[--team NAME]\n";
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);
  const Wanted what = wanted(argc, argv);
  boost::asio::io_context loop(1);
  jitbot::net::SystemClock clock;
  jitbot::net::SystemRandom random;
  mm::StandIn server(loop.get_executor(), clock, random, what.world, what.options);
  if (const auto started = server.start(); !started) {
    std::cerr << started.error().message << "\n";
    return 1;
  }
  if (!write_token(argv[1], server.token_of("sysadmin"))) {
    std::cerr << argv[1] << ": " << std::strerror(errno) << "\n";
    return 1;
  }
  std::cout << server.url() << "\n" << std::flush;
  boost::asio::signal_set stop(loop, SIGINT, SIGTERM);
  stop.async_wait([&loop](const boost::system::error_code&, int) { loop.stop(); });
  loop.run();
  return 0;
}

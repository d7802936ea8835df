#pragma once

#include "adapters/net/system_clock.hpp"
#include "adapters/net/system_random.hpp"
#include "tests/scenario/kill/program.hpp"
#include "tests/support/event_loop.hpp"
#include "tests/support/mattermost/stand_in.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

// `jitbot demo --platform mattermost`, the program itself, against a server of its own on loopback, by the
// wall clock.
namespace jitbot::demo_test {

namespace mm = mattermost_stand_in;

// An administrator, and nobody and nothing else: not even a team.
mm::World empty_server();

class DemoRun {
 public:
  explicit DemoRun(const mm::World& world = empty_server(), mm::Options options = {});

  mm::StandIn& server() { return server_; }
  // Starts it with these words besides --platform, --url and --token-file; a later one of these wins.
  void start(std::vector<std::string> words);
  // Its exit code, once it has ended; -1: not within the deadline, and it was killed.
  int wait(std::chrono::seconds deadline = std::chrono::seconds(150));
  int run(std::vector<std::string> words);
  bool until_printed(const std::string& words);
  void interrupt();
  // The running one, so that another can be started beside it; and back again.
  std::shared_ptr<kill::Program> put_aside() { return std::exchange(program_, nullptr); }
  void take_back(std::shared_ptr<kill::Program> program) { program_ = std::move(program); }

  std::string printed() const;  // both outputs of the last run
  void write_token(const std::string& token, std::filesystem::perms mode);
  std::filesystem::path token_file() const { return folder_ / "token"; }

  // What an administrator finds.
  bool active(const std::string& username);
  bool archived(const std::string& channel);
  std::size_t commands();
  std::size_t tokens_of(const std::string& username);

  DemoRun(const DemoRun&) = delete;
  DemoRun& operator=(const DemoRun&) = delete;
  ~DemoRun();

 private:
  testing::EventLoop loop_;
  net::SystemClock clock_;
  net::SystemRandom random_;
  std::filesystem::path folder_;
  mm::StandIn server_;
  std::string url_;
  std::shared_ptr<kill::Program> program_;
};

}  // namespace jitbot::demo_test

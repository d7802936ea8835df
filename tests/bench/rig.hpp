#pragma once

#include "adapters/net/system_clock.hpp"
#include "adapters/net/system_random.hpp"
#include "bot/app/app.hpp"
#include "tests/bench/measure.hpp"
#include "tests/bench/memory_chat.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <filesystem>
#include <memory>
#include <optional>

namespace jitbot::bench {

inline constexpr int k_resources = 200;  // r0 … r199, at a lookup connector

// A folder of its own below `parent`, gone with this.
class Folder {
 public:
  explicit Folder(const std::filesystem::path& parent);
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

struct SlackAddress {
  std::string url = "http://127.0.0.1:9/api/";
  std::string app_token = "xapp-1-A0BENCH-bench";
  std::string bot_token = "xoxb-bench";
};

// jitbot.yaml and the policy: everybody may ask for every resource, one approver says yes. Returns the file.
std::filesystem::path write_set_up(const std::filesystem::path& folder, const SlackAddress& slack);
AppOptions load_set_up(const std::filesystem::path& file);

// The whole bot in this process, on the machine's clock, over a chat in memory or the one that is given.
class Rig {
 public:
  explicit Rig(const std::filesystem::path& folder, MemoryChatOptions options = {});
  // Where the set-up is written already.
  Rig(const std::filesystem::path& folder, ChatFactory factory);
  ~Rig();
  Rig(const Rig&) = delete;
  Rig& operator=(const Rig&) = delete;

  void start();  // and waits until people reach it
  void stop();
  App& app() { return *app_; }
  MemoryChat& chat() { return *chat_; }
  Inbox& inbox() { return *chat_->inbox(); }

  // Runs the loop until the condition holds; throws after `patience`.
  void until(const std::function<bool()>& condition,
             std::chrono::seconds patience = std::chrono::seconds(300));
  // Until nothing is to be sent any more.
  void until_quiet();

  template <class T>
  T get(std::function<Result<T>(Tx&)> work) {
    std::optional<Result<T>> result;
    boost::asio::co_spawn(loop, query<T>(app_->store(), std::move(work)),
                          [&result](const std::exception_ptr& bug, Result<T> value) {
                            if (bug) std::rethrow_exception(bug);
                            result = std::move(value);
                          });
    until([&] { return result.has_value(); });
    if (!*result) throw std::runtime_error("the store cannot be read: " + result->error().detail);
    return std::move(**result);
  }

  boost::asio::io_context loop{1};
  net::SystemClock clock;
  net::SystemRandom random;

 private:
  MemoryChat* chat_ = nullptr;
  AppOptions options_;
  std::unique_ptr<App> app_;
  std::optional<Result<void>> ended_;
};

}  // namespace jitbot::bench

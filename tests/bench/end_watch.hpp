#pragma once

#include "bot/model/time.hpp"
#include "tests/bench/measure.hpp"

#include <atomic>
#include <filesystem>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

namespace jitbot::bench {

// Reads the audit log beside the bot, by a connection of its own every few milliseconds: what it finds there
// is durable. Tells when the end of each grant was (its access is over: askers are told no) and when it was
// proven at the target. Late by what it looks at most.
class EndWatch {
 public:
  // `ends`: when each grant is to end.
  EndWatch(std::filesystem::path store, std::unordered_map<std::string, Time> ends);
  ~EndWatch();
  EndWatch(const EndWatch&) = delete;
  EndWatch& operator=(const EndWatch&) = delete;

  std::size_t ended() const { return ended_; }
  std::size_t proven() const { return proven_; }
  void stop();
  // After stop(): how late each end was durable, and was proven, in milliseconds.
  Waits lateness;
  Waits proof;

 private:
  void look();

  const std::filesystem::path store_;
  const std::unordered_map<std::string, Time> ends_;
  std::atomic<std::size_t> ended_ = 0;
  std::atomic<std::size_t> proven_ = 0;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace jitbot::bench

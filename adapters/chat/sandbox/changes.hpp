#pragma once

#include "bot/ports/task.hpp"

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>

namespace jitbot::sandbox {

// A number that grows with each change, and those who want to hear of it. Belongs to the loop's thread.
class Changes {
 public:
  Changes();
  ~Changes();
  Changes(const Changes&) = delete;
  Changes& operator=(const Changes&) = delete;

  std::uint64_t sequence() const;
  void touch();
  std::shared_ptr<void> subscribe(std::function<void()> listener);
  Task<void> after(std::uint64_t seen) const;  // returns at once when closed
  void close();

 private:
  struct State;
  static Task<void> wait(std::shared_ptr<State> state, std::uint64_t seen);
  std::shared_ptr<State> state_;
};

}  // namespace jitbot::sandbox

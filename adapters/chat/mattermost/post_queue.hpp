#pragma once

#include "adapters/net/waiter.hpp"
#include "bot/ports/task.hpp"

#include <deque>
#include <map>
#include <memory>
#include <string>

namespace jitbot::mattermost {

// Whoever changes a post waits for his turn with it: two changes on their way at once could land in the other
// order, and the older would stay. Belongs to the loop.
class PostQueue {
  struct State;

 public:
  PostQueue();

  // Until it is destroyed nobody else has a turn with that post.
  class Turn {
   public:
    Turn(std::shared_ptr<State> state, std::string post, std::shared_ptr<net::Waiter> waiter);
    ~Turn();
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    std::shared_ptr<State> state_;
    std::string post_;
    std::shared_ptr<net::Waiter> waiter_;
  };
  // In the order of asking.
  Task<std::unique_ptr<Turn>> take(std::string post);

 private:
  std::shared_ptr<State> state_;
};

}  // namespace jitbot::mattermost

#include "adapters/chat/mattermost/post_queue.hpp"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <utility>

namespace jitbot::mattermost {

// The first in line of each post has the turn.
struct PostQueue::State {
  std::map<std::string, std::deque<std::shared_ptr<net::Waiter>>> lines;
};

PostQueue::PostQueue() : state_(std::make_shared<State>()) {}

PostQueue::Turn::Turn(std::shared_ptr<State> state, std::string post, std::shared_ptr<net::Waiter> waiter)
    : state_(std::move(state)), post_(std::move(post)), waiter_(std::move(waiter)) {
  auto& line = state_->lines[post_];
  line.push_back(waiter_);
  if (line.size() == 1) waiter_->set();
}

// Also of one who is gone before his turn came.
PostQueue::Turn::~Turn() {
  const auto found = state_->lines.find(post_);
  auto& line = found->second;
  std::erase(line, waiter_);
  if (line.empty()) {
    state_->lines.erase(found);
  } else if (!line.front()->done()) {
    line.front()->set();
  }
}

Task<std::unique_ptr<PostQueue::Turn>> PostQueue::take(std::string post) {
  const auto executor = co_await boost::asio::this_coro::executor;
  const auto waiter = std::make_shared<net::Waiter>(executor);
  auto turn = std::make_unique<Turn>(state_, std::move(post), waiter);
  co_await net::Waiter::wait(waiter);
  co_return turn;
}

}  // namespace jitbot::mattermost

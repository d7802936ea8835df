#pragma once

#include "adapters/chat/mattermost/frames.hpp"
#include "adapters/net/backoff.hpp"
#include "bot/model/result.hpp"
#include "bot/ports/clock.hpp"
#include "bot/ports/random.hpp"
#include "bot/ports/task.hpp"

#include <deque>
#include <functional>
#include <memory>

namespace jitbot::mattermost {

struct DeliveryHooks {
  // One event, in order, one after the other. An error: not taken; what was missed is then looked up.
  std::function<Task<Result<void>>(Event)> on_event;
  // Events may have been missed: look up what they would have told. Later events wait meanwhile. An error:
  // called again after a pause.
  std::function<Task<Result<void>>()> on_lost;
  std::function<void()> on_stuck;  // on_lost failed several times in a row
};

// Hands events over in the order in which they came, whatever becomes of the connections they came on.
// Belongs to the loop.
class Delivery {
 public:
  Delivery(Clock& clock, Random& random, DeliveryHooks hooks);

  void push(Event event);
  void lost();
  // Until stop().
  static Task<void> run(std::shared_ptr<Delivery> self);
  void stop();

  std::size_t waiting() const { return events_.size(); }

 private:
  Task<void> hand_over(Event event);
  Task<void> look_up();
  Task<void> pause();

  Clock& clock_;
  Random& random_;
  DeliveryHooks hooks_;
  std::shared_ptr<Timer> wake_;
  std::shared_ptr<Timer> rest_;  // between tries: what comes meanwhile does not cut it short
  std::deque<Event> events_;
  bool lost_ = false;
  bool stopping_ = false;
  unsigned failures_ = 0;
  net::Backoff backoff_;
};

}  // namespace jitbot::mattermost

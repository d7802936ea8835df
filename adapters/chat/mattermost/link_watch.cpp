#include "adapters/chat/mattermost/link.hpp"

#include <algorithm>

namespace jitbot::mattermost {

namespace {

Task<void> past_deadline(CorePtr core, LinkPtr link) {
  std::string why = "took too long";
  if (link->state == LinkState::greeting) {
    core->stream.forget();
    core->in_doubt = true;
    why = link->answered ? "no hello came" : "the server is silent";
  }
  co_await close_link(core, link, Ending::trouble, std::move(why));
}

}  // namespace

Task<void> watch_link(CorePtr core, LinkPtr link) {
  Millis next_ping{0};
  while (link->state != LinkState::closed) {
    const Millis now = core->clock.steady();
    Millis until = link->deadline;
    if (link->state == LinkState::live) {
      if (link->answer_deadline && now >= *link->answer_deadline) {
        co_await close_link(core, link, Ending::trouble, "dead: no answer to a ping");
        co_return;
      }
      if (now - *link->live_since >= k_healthy) core->backoff.reset();
      if (next_ping == Millis{0}) next_ping = *link->live_since + k_ping_every;
      if (now >= next_ping && !link->answer_deadline) {
        next_ping = now + k_ping_every;
        co_await ping(core, link);
        continue;
      }
      until = link->answer_deadline.value_or(next_ping);
    } else if (now >= link->deadline) {
      co_await past_deadline(core, link);
      co_return;
    }
    const auto timer = link->watch;
    co_await timer->wait(until - now);
  }
}

}  // namespace jitbot::mattermost

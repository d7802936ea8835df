#pragma once

#include "adapters/chat/slack/messenger.hpp"
#include "adapters/chat/slack/web_api.hpp"
#include "bot/ports/chat.hpp"

#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace jitbot::slack {

// Private answers by the best way still open: the acknowledgement, the answer address (at most 5 times within
// 30 min), an ephemeral post, a DM. Belongs to the loop.
class Answers {
 public:
  using Acknowledge = std::function<Task<Result<void>>(std::shared_ptr<const nlohmann::json>)>;

  // An acknowledgement that waits a moment for the answer to travel in it.
  struct Slot {
    std::string key;
    Acknowledge acknowledge;
    std::shared_ptr<Timer> timer;
    bool used = false;
  };

  Answers(Clock& clock, WebApi& api, Messenger& messenger)
      : clock_(clock), api_(api), messenger_(messenger) {}

  // Nothing: an acknowledgement for that key waits already.
  std::shared_ptr<Slot> open(std::string key, Acknowledge acknowledge);
  // Returns when the acknowledgement went out: with the answer, or empty at `deadline` (steady).
  Task<void> finish(std::shared_ptr<Slot> slot, Millis deadline);
  // The acknowledgement is not to be sent.
  void withdraw(const std::shared_ptr<Slot>& slot);
  // Sends what waits, empty, now.
  void release_all();

  Task<Result<void>> answer(Inbound to, Card card);

 private:
  struct Uses {
    int count = 0;
    Millis first{0};
  };

  bool may_use(const Inbound& to);
  Task<Result<void>> by_address(Inbound to, Card card);

  Clock& clock_;
  WebApi& api_;
  Messenger& messenger_;
  std::map<std::string, std::shared_ptr<Slot>> slots_;  // by Inbound key
  std::map<std::string, Uses> uses_;                    // by answer address
};

}  // namespace jitbot::slack

#pragma once

#include "bot/cards/card.hpp"
#include "bot/model/secret.hpp"
#include "bot/ports/clock.hpp"
#include "bot/ports/task.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace jitbot::mattermost {

// Callbacks that are still open, so that an answer can travel back in them. Belongs to the loop.
class OpenCallbacks {
 public:
  explicit OpenCallbacks(Clock& clock) : clock_(clock) {}

  struct Slot {
    std::string key;
    std::shared_ptr<Timer> timer;
    std::optional<Card> card;
  };

  // Nothing: a callback with that key is open already.
  std::shared_ptr<Slot> open(std::string key);
  // What was answered until `deadline` (steady), at once when it comes; from then on the slot is closed.
  Task<std::optional<Card>> wait(std::shared_ptr<Slot> slot, Millis deadline);
  void close(const std::shared_ptr<Slot>& slot);
  // Whether a callback takes the answer with it.
  bool answer(const std::string& key, const Card& card);
  void release_all();  // those that wait go out empty, now

 private:
  Clock& clock_;
  std::map<std::string, std::shared_ptr<Slot>> slots_;  // by Inbound key
};

// How often an answer address was used: the server takes five messages within half an hour
// (cmd_delayed_7_sixth.json).
class AddressUses {
 public:
  explicit AddressUses(Clock& clock) : clock_(clock) {}
  bool may_use(const Secret& address, Time given);  // counts it

 private:
  struct Uses {
    int count = 0;
    Millis first{0};
  };
  Clock& clock_;
  std::map<std::string, Uses> uses_;
};

}  // namespace jitbot::mattermost

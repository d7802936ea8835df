#pragma once

#include "bot/model/time.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace jitbot::slack {

// What an operator may want to know of the connections.
struct SlackStats {
  unsigned live = 0;             // connections on which people reach us
  unsigned draining = 0;         // replaced, still read
  unsigned num_connections = 0;  // of the app, whoever opened them, as the last hello told
  unsigned opened = 0;           // of those, ours
  std::uint64_t dials = 0;       // since the start
  std::uint64_t envelopes = 0;
  std::uint64_t failed_acks = 0;
  std::optional<Time> last_event;  // when Slack last sent an envelope
  std::string last_problem;        // why a connection was last lost or not made; empty: never
};

// What a person must look after. Told once each time it begins.
enum class Alarm {
  too_many_connections,  // Slack refuses more: more than 10 for the app
  others_connected,  // somebody else uses our app token, or dead connections linger: they get a share of the
                     // clicks
  link_disabled,     // Socket Mode was switched off in the app's settings
  wrong_app,         // the app token is another app's than the bot token
  refused,           // a token or a permission is not as it must be
};
std::string_view to_string(Alarm alarm);
using AlarmHandler = std::function<void(Alarm, std::string words)>;

}  // namespace jitbot::slack

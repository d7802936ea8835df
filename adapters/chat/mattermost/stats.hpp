#pragma once

#include "bot/model/time.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace jitbot::mattermost {

// What an operator may want to know of the socket.
struct SocketStats {
  bool live = false;          // what people say reaches us
  std::uint64_t dials = 0;    // since the start
  std::uint64_t resumed = 0;  // went on where the last connection ended
  std::uint64_t lost = 0;     // began anew: what was missed is looked up
  std::uint64_t events = 0;
  std::size_t waiting = 0;  // came, and not yet handed over
  std::optional<Time> last_event;
  std::string server_version;  // as the last hello told
  std::string last_problem;    // why a connection was last lost or not made; empty: never
};

// What a person must look after. Told once each time it begins.
enum class Alarm {
  refused,       // the token is not accepted, or the bot is disabled
  not_caught_up  // what was missed cannot be looked up, again and again
};
std::string_view to_string(Alarm alarm);
using AlarmHandler = std::function<void(Alarm, std::string words)>;

}  // namespace jitbot::mattermost

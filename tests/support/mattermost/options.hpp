#pragma once

#include "adapters/net/proxy.hpp"
#include "bot/model/time.hpp"

#include <cstdint>
#include <string>

namespace jitbot::mattermost_stand_in {

struct Options {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;                                // 0: any free one
  std::string server_id = "xk7cqmd1wjfrdqwq3q4qeqhrne";  // DiagnosticId of /config/client
  std::string version = "5.37.0";
  // Space-separated hosts, addresses and networks of IPv4: where callbacks may go though reserved.
  std::string allowed_internal = "127.0.0.1 localhost";
  // Of captured servers; those since 6.0 take 800 000.
  std::size_t max_props = 8000;
  Millis trigger_life = 3s;  // newer servers: 30 s
  bool publishes_signing_key = true;
  bool guests = false;  // licensed for guest accounts, and set to have them
};

}  // namespace jitbot::mattermost_stand_in

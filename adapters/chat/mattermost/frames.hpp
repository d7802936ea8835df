#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

// What the server says on the WebSocket (recorded in ws_*.json and wsrel_*.json).
namespace jitbot::mattermost {

// The first event of a connection that is not the continuation of an earlier one; may come twice.
struct Hello {
  std::string connection_id;
  std::string server_version;
  std::int64_t seq = 0;
};
struct Event {
  std::string name;
  std::int64_t seq = 0;
  std::string connection;                      // the id that the hello told: with `seq` it names the event
  std::shared_ptr<const nlohmann::json> body;  // the whole frame
};
// The answer to a request of ours. Its error's message is not read: it may repeat the token.
struct Reply {
  std::int64_t to = 0;
  bool ok = false;
  int status = 0;  // of the error
  std::string id;
};
struct UnknownFrame {
  std::string what;
};
using Frame = std::variant<Hello, Event, Reply, UnknownFrame>;

Frame read_frame(std::string_view text);
std::string ping_frame(std::int64_t number);

}  // namespace jitbot::mattermost

#pragma once

#include <nlohmann/json_fwd.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace jitbot::slack {

// The text frames of Socket Mode (docs.slack.dev, "Using Socket Mode"), as far as they are understood.
struct Hello {
  unsigned num_connections = 0;            // live registrations of the app, whoever opened them; 0: not told
  std::optional<std::int64_t> lifetime_s;  // approximate_connection_time
  std::string app_id;
};

enum class DisconnectReason { warning, refresh_requested, too_many_websockets, link_disabled, other };
struct Disconnect {
  DisconnectReason reason = DisconnectReason::other;
  std::string word;  // as Slack spelled it
};

enum class EnvelopeType { slash_commands, interactive, events_api };
struct Envelope {
  std::string id;
  EnvelopeType type = EnvelopeType::events_api;
  bool accepts_response = false;
  std::shared_ptr<const nlohmann::json> payload;  // an object
};

struct UnknownFrame {
  std::string what;
};

using Frame = std::variant<Hello, Disconnect, Envelope, UnknownFrame>;

// Total: whatever comes, something comes out. Text that is not UTF-8, or escapes half a surrogate pair, is
// mended first, so that one bad character loses no message.
Frame read_frame(std::string_view text);

}  // namespace jitbot::slack

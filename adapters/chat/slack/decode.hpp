#pragma once

#include "adapters/chat/slack/envelope.hpp"
#include "bot/cards/inbound.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace jitbot::slack {

// Who we are, as auth.test tells it.
struct Self {
  std::string team;
  std::string enterprise;  // empty outside Enterprise Grid
  std::string user;
  std::string bot;

  std::string workspace() const { return "slack:" + team; }
};

// A message for the Inbox, and what only Slack needs beside it.
struct Heard {
  Inbound inbound;
  std::string trigger;                    // opens a form within 3 s; empty: none can open
  std::vector<std::string> input_blocks;  // of a submitted form: where errors can be shown
};

struct Ignored {
  std::string why;
};  // to be acknowledged, with nothing in it
struct WantsOptions {};  // block_suggestion: acknowledged with an empty list of options
struct TokensLost {
  std::string why;
};  // the app was uninstalled or our token revoked

using Decoded = std::variant<std::vector<Heard>, Ignored, WantsOptions, TokensLost>;

// Pure and total. `received` stands in where the payload tells no time.
//
// Keys are what stays the same when Slack, or a person, repeats itself: event_id for events, trigger_id for
// commands, (action_ts, user, action_id, message_ts) for buttons, view id and hash for forms. Whoever clicks
// in a shared channel is passed on under our workspace with his own user id: whether he belongs here is asked
// of users.info at each decision, and never read from a payload.
Decoded decode(const Envelope& envelope, const Self& self, Time received);

}  // namespace jitbot::slack

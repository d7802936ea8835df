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
// block_suggestion: acknowledged with the options. No field: no menu of ours, none.
struct WantsOptions {
  PrincipalId who;
  std::string field;
  std::string typed;
};
// A field of an open form was filled in that others hang on; `hash` is of the view that the person saw.
struct FormChanged {
  PrincipalId who;
  std::string view;
  std::string hash;
  Submitted so_far;
  ReplyTo origin;
};
struct HomeOpened {
  PrincipalId who;
};
struct TokensLost {
  std::string why;
};  // the app was uninstalled or our token revoked

using Decoded = std::variant<std::vector<Heard>, Ignored, WantsOptions, FormChanged, HomeOpened, TokensLost>;

// Home has no channel: what is said there is answered in the direct conversation.
bool from_home(const ReplyTo& reply);

// Pure and total. `received` stands in where the payload tells no time.
//
// Keys are what stays the same when Slack, or a person, repeats itself: event_id for events, trigger_id for
// commands, (action_ts, user, action_id, message_ts) for buttons, view id and hash for forms. Whoever clicks
// in a shared channel is passed on under our workspace with his own user id: whether he belongs here is asked
// of users.info at each decision, and never read from a payload.
Decoded decode(const Envelope& envelope, const Self& self, Time received);

}  // namespace jitbot::slack

#pragma once

#include "bot/model/time.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>

// What people do, as data. People are named by id, handle or e-mail; channels by id, "#name" or "@handle"
// (that person's direct message with the bot).
namespace jitbot::sandbox {

struct CommandInput {
  std::string user = {};
  std::string channel = {};
  std::string text = {};       // as typed after the command: "@bob" becomes a mention, & < > are escaped
  std::string command = {};    // empty: the bot's own
  std::string thread_ts = {};  // a thread, where Slack's client runs no commands
  std::optional<std::string> wire_text = {};  // instead of `text`: exactly what goes on the wire
};

struct SayInput {
  std::string user = {};
  std::string channel = {};
  std::string text = {};  // as typed
  std::string thread_ts = {};
  std::optional<std::string> wire_text = {};
};

enum class Confirm { accept, decline };
enum class Replay {
  current,      // only what the message shows now
  any_version,  // also what an outdated window shows: earlier versions, deleted messages, newest first
};

struct ClickInput {
  std::string user = {};
  std::string channel = {};  // of a message
  std::string ts = {};
  std::string view = {};  // instead of channel and ts: an open modal or Home
  std::string action_id = {};
  std::string block_id = {};  // needed only where action_ids repeat
  Confirm confirm = Confirm::accept;
  Replay replay = Replay::current;
  std::optional<std::string> value = {};  // a forged value instead of the element's own
  nlohmann::json chosen = {};             // for menus and pickers: the option's value, user id, date …
  // In a view, what its inputs hold at that moment, as in SubmitInput: it goes along in view.state.
  nlohmann::json values = nlohmann::json::object();
};

// Somebody types into a menu whose options the app looks up (external_select).
struct SuggestInput {
  std::string user = {};
  std::string channel = {};  // of a message
  std::string ts = {};
  std::string view = {};  // instead of channel and ts; both empty: the topmost open modal
  std::string block_id = {};
  std::string action_id = {};  // may be empty where the block has one such menu
  std::string text = {};
};

struct SubmitInput {
  std::string user = {};
  std::string view = {};  // empty: the topmost open modal
  // block_id → what was typed or chosen (a string, an array for multi-choice, null to clear), or the full
  // {action_id: state} object. Blocks not named keep what they hold.
  nlohmann::json values = nlohmann::json::object();
};

enum class CloseWhat { view, stack };

struct CloseInput {
  std::string user = {};
  std::string view = {};  // empty: the topmost
  CloseWhat what = CloseWhat::view;
};

struct ShortcutInput {
  std::string user = {};
  std::string callback_id = {};  // empty: the configured one
};

enum class HomeTab { home, messages };

// Faults.
enum class DisconnectReason { warning, refresh_requested, too_many_websockets, link_disabled };

enum class MethodFaultKind {
  status,        // this HTTP status, before any effect
  error_before,  // 500, nothing was done
  error_after,   // 500, but it was done
  rate_limited,  // 429 with Retry-After
  api_error,     // 200 {"ok":false,"error":…}
  hang_before,   // no answer until released, then done and answered
  hang_after,    // done at once, no answer until released
  html,          // 200 with a proxy's login page
};

struct MethodFault {
  std::string method = {};  // "chat.postMessage", "*" for all, "response_url" for those
  MethodFaultKind kind = MethodFaultKind::error_before;
  int count = 1;  // how many calls; -1: until cleared
  int status = 500;
  std::string error = "internal_error";
  int retry_after = 1;  // seconds
};

struct UpgradeFault {
  int status = 409;
  int count = 1;
};

enum class Switch { off, on };

}  // namespace jitbot::sandbox

#pragma once

#include "bot/model/time.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// What the workspace remembers, as tests and the page read it.
namespace jitbot::sandbox {

struct MessageVersion {
  std::string text;
  nlohmann::json blocks =
      nlohmann::json::array();  // normalized as Slack returns them: every block has its block_id
  nlohmann::json metadata;      // null when none was given
};

struct Message {
  std::string channel;
  std::string ts;         // the message's id within its channel
  std::string thread_ts;  // the root's ts when in a thread (the root itself has it once it has replies)
  std::string user;
  std::string bot_id;    // not empty: posted by an app
  std::string only_for;  // not empty: ephemeral, seen by this user alone
  std::string text;
  nlohmann::json blocks = nlohmann::json::array();
  nlohmann::json metadata;
  std::string edited_ts;
  // block_id → action_id → the options looked up for that menu so far, newest first.
  nlohmann::json offered = nlohmann::json::object();
  bool deleted = false;
  std::vector<MessageVersion> earlier;  // oldest first; what an outdated window would still show
};

struct View {
  std::string id;
  std::string user;
  nlohmann::json content;  // as the app gave it, normalized
  std::string hash;
  std::string root_id;
  std::string previous_id;
  nlohmann::json values = nlohmann::json::object();  // block_id → action_id → state
  // block_id → action_id → the options looked up for that menu so far, newest first.
  nlohmann::json offered = nlohmann::json::object();
  // What the person sees besides the content after a submission: block_id → message.
  nlohmann::json errors = nlohmann::json::object();
};

struct ApiCall {
  std::uint64_t number = 0;
  Time at;
  std::string method;
  nlohmann::json args;  // decoded from form or JSON; the token is left out
  int status = 0;       // 0 while it hangs
  nlohmann::json answer;
  std::string fault;  // the fault that was applied, if any
};

struct EnvelopeRecord {
  std::string envelope_id;
  std::string type;
  nlohmann::json payload;
  std::uint64_t connection = 0;
  Time sent_at;
  std::optional<Time> acked_at;
  nlohmann::json ack;  // the acknowledgement's payload; null when it had none
  bool late = false;   // acknowledged after the deadline: without effect
  int retry_attempt = 0;
  std::string retry_reason;
};

struct ConnectionInfo {
  std::uint64_t id = 0;
  Time opened;
  bool greeted = false;  // hello went out
  bool frozen = false;
};

// How a connection ended that the sandbox did not end itself.
struct Farewell {
  std::uint64_t connection = 0;
  std::uint16_t close_code = 0;  // of the client's Close frame; 0: it sent none
};

// What a person sees of something they did.
struct Outcome {
  // Empty: it went through. `operation_timeout` (no acknowledgement in 3 s), `dispatch_failed` (no
  // connection), `invalid_command_response`, `view_errors`, or why the client would not have let them.
  std::string error;
  nlohmann::json ack;        // the acknowledgement's payload; null when none
  std::string envelope_id;   // empty: nothing was sent
  std::string trigger_id;    // what the app was given
  std::string response_url;  // likewise

  bool ok() const { return error.empty(); }
};

// What a person sees below a menu they type into.
struct Suggestions {
  // As in Outcome, and: `query_too_short` (Slack's client does not ask yet), `invalid_options` (the app's
  // answer could not be shown). The client says then that the options could not be loaded.
  std::string error;
  nlohmann::json options = nlohmann::json::array();  // all of them, those in groups too
  nlohmann::json option_groups;                      // as the app gave them; null when it gave none
  std::string envelope_id;                           // empty: nothing was sent

  bool ok() const { return error.empty(); }
};

}  // namespace jitbot::sandbox

#pragma once

#include "adapters/chat/mattermost/self.hpp"
#include "adapters/chat/mattermost/text_in.hpp"
#include "bot/cards/inbound.hpp"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace jitbot::mattermost {

// A message for the Inbox, and what only this platform needs beside it.
struct Heard {
  Inbound inbound;
  std::vector<std::string>
      names;                // usernames that its text may mention, still to be looked up: see `resolve`
  std::string trigger;      // opens a dialog within 3 s; empty: none can open
  std::string command;      // of a slash command: what it is called on this server, "/jit"; else empty
  std::string message_key;  // of a click: the clicked post must be ours and carry it
  std::vector<std::string> fields;  // of a dialog: where errors can be shown
};

// Once the names are looked up (unknown ones are left out), mentions are told by id.
void resolve(Heard& heard, const Ids& ids);

// Somebody put an emoji on a post or took it back. Whether that means anything, the post tells.
struct Reaction {
  PrincipalId user;
  std::string post;
  std::string channel;
  std::string emoji;  // by its name, without colons
  bool added = false;
  Time at;
};

struct Ignored {
  std::string why;
};

// A callback that nobody may have meant, to be audited. Whom it names is what it claims.
enum class Refusal {
  malformed,        // not what the server sends
  unauthenticated,  // without the command's token
  forged,           // a button or dialog that we did not make
  expired,          // one of ours, too old
  elsewhere,        // a button of ours, in another channel than it was made for
  another_user,     // a dialog that was opened for somebody else
  relayed,          // a dialog's submission sent to where clicks go
  trigger_forged,   // not signed by the server for this user
  trigger_stale,    // signed long ago
};
std::string_view to_string(Refusal refusal);
struct Refused {
  Refusal why = Refusal::malformed;
  PrincipalId who;
  std::string channel;
  std::string post;
};
struct Cancelled {
  PrincipalId who;
};  // closed without submitting; nothing to do

using DecodedEvent = std::variant<Heard, Reaction, Ignored>;
using DecodedCallback = std::variant<Heard, Cancelled, Refused>;

// All of these are pure and total. `received` stands in where what came tells no time.
//
// Keys are what stays the same when the server, or a person, repeats itself: the post's id for what is said,
// SHA-256 of the trigger for commands and clicks, the nonce of the state for dialogs, connection and sequence
// number for what only refreshes. Authors are known by user id alone: names, senders and props can be chosen
// by whoever posts.

// One event of the WebSocket: {"event", "data", "broadcast", "seq"}; of which connection, its hello told.
DecodedEvent decode_event(const nlohmann::json& event, std::string_view connection, const Self& self,
                          Time received);
// A post as REST has it, said in a channel of that type ("D": a direct conversation of ours).
DecodedEvent decode_post(const nlohmann::json& post, std::string_view channel_type, const Self& self,
                         Time received);
// A reaction as REST has it; Ignored: none.
DecodedEvent decode_reaction(const nlohmann::json& reaction, std::string channel, const Self& self);

// By what a callback is judged.
struct Trust {
  Self self;
  Secret seal_key;
  Secret command_token;
  std::string signing_key;  // the server's AsymmetricSigningPublicKey; empty: it publishes none
  // The time by the server's clock, which dates what it signs; nothing: ours is all there is.
  std::optional<Time> server_now = std::nullopt;
};
// A slash command: its Authorization header, and its form as it came.
DecodedCallback decode_command(std::string_view authorization, std::string_view form, const Trust& trust,
                               Time received);
DecodedCallback decode_click(std::string_view body, const Trust& trust, Time received);
DecodedCallback decode_dialog(std::string_view body, const Trust& trust, Time received);

}  // namespace jitbot::mattermost

#pragma once

#include "bot/model/time.hpp"

#include <tl/expected.hpp>

#include <optional>
#include <string>
#include <string_view>

// The trigger_id of a click or a command: base64 of "<client id>:<user id>:<unix ms>:<base64 of a DER ECDSA
// signature over all before it>". It proves that the server saw this user act at that moment, and no more: it
// names no post, action or address. The server's documents promise nothing about it.
namespace jitbot::mattermost {

struct Trigger {
  std::string user;
  Time at;
  std::string signed_text;
  std::string signature;
};
std::optional<Trigger> read_trigger(std::string_view trigger_id);  // nothing is verified

enum class TriggerFault { malformed, forged, other_user, stale };
// When `user` acted. `signing_key`: the server's AsymmetricSigningPublicKey.
tl::expected<Time, TriggerFault> check_trigger(std::string_view trigger_id, std::string_view signing_key,
                                               std::string_view user, Time now);
// By how much the trigger's moment may differ from ours: clocks differ, and deliveries may wait.
inline constexpr Millis k_trigger_age = 5min;

}  // namespace jitbot::mattermost

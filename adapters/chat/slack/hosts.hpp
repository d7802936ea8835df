#pragma once

#include <string_view>

namespace jitbot::slack {

// Which addresses from a payload we talk to. A forged or mistaken one must not make us reach into somebody's
// network: only Slack's own hosts, encrypted; with an API address on loopback any loopback port, plain or
// not.
enum class Realm { slack, loopback };

Realm realm_of(std::string_view api_url);
bool may_dial(std::string_view socket_url, Realm realm);
bool may_answer_to(std::string_view response_url, Realm realm);
// The API itself: https, or plain http on loopback.
bool may_call(std::string_view api_url);

}  // namespace jitbot::slack

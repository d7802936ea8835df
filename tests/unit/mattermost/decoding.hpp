#pragma once

#include "adapters/chat/mattermost/decode.hpp"
#include "adapters/chat/mattermost/seal.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <string>
#include <variant>

// The people, places and keys that decoding is tested with: those of the recordings.
namespace jitbot::mattermost::testing {

using Json = nlohmann::json;

inline const std::string k_bot = "zejhfy86bpds9xkrhjoo5wgzqo";
inline const std::string k_alice = "d4mpocjspif3b8ukrhxgmokbke";
inline const std::string k_bob = "fp71a6zzafycjmqa45iabxja1w";
inline const std::string k_carol = "m83qf6qmxtdo9g5me1zkuh7k7r";
inline const std::string k_inc_42 = "5wjq35o8jpbe3csjba98kimsmh";
inline const std::string k_approvals = "8ig5y1m8qin95e1q7596tcqkoe";
inline const std::string k_post = "da1krwqrd7gt3x5rxd4kh7b36c";
inline const std::string k_team = "u341ujwu6jyx7mofcmqn8us3wy";
inline const std::string k_command_token = "r35o6h6uftdwfmjudp3qjokh6h";

inline const Time k_received = time_from_ms(1'772'330'400'000);  // 2026-03-01T02:00:00Z
inline const Self k_self{"S1", k_bot, "jitbot", k_team};
inline const Secret k_seal_key("a key of thirty-two bytes, or so");

inline PrincipalId who(const std::string& user) {
  return {"mattermost:S1", user};
}
inline std::string mention(const std::string& user) {
  return std::string(k_mention_open) + user + std::string(k_mention_close);
}
inline Trust trust() {
  Trust made;
  made.self = k_self;
  made.seal_key = k_seal_key;
  made.command_token = Secret(k_command_token);
  return made;
}

inline ButtonValue button(Act act = Act::approve) {
  return {RequestId{"7K3F"}, "1a2b3c4d5e6f", act};
}
inline ClickSeal click_seal() {
  return {button(), k_approvals, "card:7K3F:1", k_received + 1h};
}
inline FormSeal form_seal() {
  FormSeal form;
  form.form = FormKind::deny;
  form.about = button(Act::deny);
  form.user = k_bob;
  form.nonce = "n0nce";
  form.channel = k_approvals;
  form.message = k_post;
  form.expires = k_received + 1h;
  return form;
}

template <class Variant>
Heard heard_of(const Variant& decoded) {
  const auto* heard = std::get_if<Heard>(&decoded);
  REQUIRE(heard != nullptr);
  return *heard;
}
template <class Variant>
std::string said_in(const Variant& decoded) {
  return std::get<Said>(heard_of(decoded).inbound.what).text;
}
inline bool ignored(const DecodedEvent& decoded) {
  return std::holds_alternative<Ignored>(decoded);
}
// Why it was refused; "" where it was not.
inline std::string refusal(const DecodedCallback& decoded) {
  const auto* refused = std::get_if<Refused>(&decoded);
  return refused == nullptr ? std::string() : std::string(to_string(refused->why));
}

}  // namespace jitbot::mattermost::testing

// Any bytes as whatever a Mattermost server, or somebody who imitates it, may send: events of the WebSocket
// and the three kinds of callback. Something comes out, nothing of it is believed without our seal, and what
// people said in it survives the store.
#include "adapters/chat/mattermost/decode.hpp"
#include "adapters/chat/mattermost/literal.hpp"
#include "bot/cards/inbound.hpp"

#include <nlohmann/json.hpp>

#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace jitbot::mattermost;

constexpr std::string_view k_header = "Token a-command-token-of-26-chars";

void check(const jitbot::Inbound& inbound) {
  if (inbound.key.empty()) std::abort();
  const auto stored = jitbot::to_json(inbound);
  const auto again = jitbot::inbound_from_json(nlohmann::json::parse(stored.dump()));
  if (!again || jitbot::to_json(*again) != stored) std::abort();
}

template <class Decoded>
void check_heard(Decoded decoded) {
  auto* heard = std::get_if<Heard>(&decoded);
  if (heard == nullptr) return;
  Ids ids;
  for (const std::string& name : heard->names) ids.emplace(name, "fp71a6zzafycjmqa45iabxja1w");
  resolve(*heard, ids);
  check(heard->inbound);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const jitbot::Time now = jitbot::time_from_ms(1'772'330'400'000);
  Trust trust;
  trust.self = Self{"S1", "zejhfy86bpds9xkrhjoo5wgzqo", "jitbot", "u341ujwu6jyx7mofcmqn8us3wy"};
  trust.seal_key = jitbot::Secret("a key of thirty-two bytes, or so");
  trust.command_token = jitbot::Secret("a-command-token-of-26-chars");
  const auto json = nlohmann::json::parse(text, nullptr, false);
  check_heard(decode_event(json, "connection", trust.self, now));
  check_heard(decode_post(json, "D", trust.self, now));
  check_heard(decode_command(k_header, text, trust, now));
  // Without our key nobody makes a seal.
  if (std::holds_alternative<Heard>(decode_click(text, trust, now))) std::abort();
  if (std::holds_alternative<Heard>(decode_dialog(text, trust, now))) std::abort();
  if (literal(text).find_first_of("@`*") != std::string::npos) std::abort();
  return 0;
}

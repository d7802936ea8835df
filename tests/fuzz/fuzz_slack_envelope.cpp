// Any bytes as a Socket Mode frame: something comes out, and what people said in it survives the store.
#include "adapters/chat/slack/decode.hpp"
#include "bot/cards/inbound.hpp"

#include <nlohmann/json.hpp>

#include <cstdlib>
#include <string_view>

namespace {

void check(const jitbot::Inbound& inbound) {
  if (inbound.key.empty()) std::abort();
  const auto stored = jitbot::to_json(inbound);
  const auto again = jitbot::inbound_from_json(nlohmann::json::parse(stored.dump()));
  if (!again || jitbot::to_json(*again) != stored) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace jitbot::slack;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Frame frame = read_frame(text);
  const auto* envelope = std::get_if<Envelope>(&frame);
  if (envelope == nullptr) return 0;
  const Self self{"T1", "E1", "U0BOT", "B0BOT"};
  const Decoded decoded = decode(*envelope, self, jitbot::time_from_ms(1'772'330'400'000));
  if (const auto* all = std::get_if<std::vector<Heard>>(&decoded)) {
    for (const auto& heard : *all) check(heard.inbound);
  }
  return 0;
}

#pragma once

#include "adapters/chat/slack/decode.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <memory>
#include <string>
#include <vector>

namespace jitbot::slack::testing {

using Json = nlohmann::json;

inline const Time k_received = time_from_ms(1'772'330'400'000);
inline const Self k_self{"T111", "", "U0BOT", "B0BOT"};

inline Decoded decode_payload(EnvelopeType type, const Json& payload, const Self& self = k_self) {
  Envelope envelope;
  envelope.id = "e-1";
  envelope.type = type;
  envelope.payload = std::make_shared<const Json>(payload);
  return decode(envelope, self, k_received);
}

inline Heard only(const Decoded& decoded) {
  const auto* heard = std::get_if<std::vector<Heard>>(&decoded);
  REQUIRE(heard != nullptr);
  REQUIRE(heard->size() == 1);
  return heard->front();
}

inline bool ignored(const Decoded& decoded) {
  return std::holds_alternative<Ignored>(decoded);
}

inline Json event(Json inner, const std::string& id = "Ev1") {
  return {{"type", "event_callback"},
          {"team_id", "T111"},
          {"event_id", id},
          {"event_time", 1610241741},
          {"event", std::move(inner)}};
}

}  // namespace jitbot::slack::testing

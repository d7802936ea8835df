#include "adapters/chat/slack/envelope.hpp"

#include "adapters/chat/slack/json_read.hpp"
#include "adapters/chat/slack/utf.hpp"

#include <nlohmann/json.hpp>

#include <array>

namespace jitbot::slack {

namespace {

using Json = nlohmann::json;

constexpr std::size_t k_escape_length = 6;  // \uXXXX

// The value of a \uXXXX escape at the front, or nothing.
std::optional<unsigned> escape_at(std::string_view text) {
  if (text.size() < k_escape_length || !text.starts_with("\\u")) return std::nullopt;
  unsigned value = 0;
  for (const char c : text.substr(2, 4)) {
    value <<= 4U;
    if (c >= '0' && c <= '9') {
      value |= static_cast<unsigned>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      value |= static_cast<unsigned>(c - 'a' + 10);
    } else if (c >= 'A' && c <= 'F') {
      value |= static_cast<unsigned>(c - 'A' + 10);
    } else {
      return std::nullopt;
    }
  }
  return value;
}

bool is_high(unsigned value) {
  return value >= 0xD800 && value <= 0xDBFF;
}
bool is_low(unsigned value) {
  return value >= 0xDC00 && value <= 0xDFFF;
}

std::string mended(std::string_view text) {
  std::string out;
  const std::string valid = valid_utf8(text);
  std::string_view rest = valid;
  const auto copy = [&](std::size_t count) {
    count = std::min(count, rest.size());
    out += rest.substr(0, count);
    rest.remove_prefix(count);
  };
  while (!rest.empty()) {
    const auto escape = escape_at(rest);
    if (escape && is_high(*escape)) {
      const auto next = escape_at(rest.substr(k_escape_length));
      if (next && is_low(*next)) {
        copy(2 * k_escape_length);
        continue;
      }
    }
    if (escape && (is_high(*escape) || is_low(*escape))) {
      out += "\\ufffd";
      rest.remove_prefix(k_escape_length);
    } else if (rest.front() == '\\') {
      copy(2);
    } else {
      copy(1);
    }
  }
  return out;
}

Json parse(std::string_view text) {
  Json json = Json::parse(text, nullptr, false);
  if (!json.is_discarded()) return json;
  return Json::parse(mended(text), nullptr, false);
}

Hello hello_from(const Json& json) {
  Hello hello;
  const std::int64_t count = number_at(json, {"num_connections"});
  if (count > 0 && count < 1'000'000) hello.num_connections = static_cast<unsigned>(count);
  const std::int64_t lifetime = number_at(json, {"debug_info", "approximate_connection_time"});
  if (lifetime > 0) hello.lifetime_s = lifetime;
  hello.app_id = text_at(json, {"connection_info", "app_id"});
  return hello;
}

Disconnect disconnect_from(const Json& json) {
  constexpr std::array<std::pair<std::string_view, DisconnectReason>, 4> k_reasons{
      {{"warning", DisconnectReason::warning},
       {"refresh_requested", DisconnectReason::refresh_requested},
       {"too_many_websockets", DisconnectReason::too_many_websockets},
       {"link_disabled", DisconnectReason::link_disabled}}};
  Disconnect disconnect;
  disconnect.word = text_at(json, {"reason"}).substr(0, 64);
  for (const auto& [word, reason] : k_reasons) {
    if (disconnect.word == word) disconnect.reason = reason;
  }
  return disconnect;
}

std::optional<EnvelopeType> envelope_type(std::string_view type) {
  if (type == "slash_commands") return EnvelopeType::slash_commands;
  if (type == "interactive") return EnvelopeType::interactive;
  if (type == "events_api") return EnvelopeType::events_api;
  return std::nullopt;
}

}  // namespace

Frame read_frame(std::string_view text) {
  Json json = parse(text);
  if (!json.is_object()) return UnknownFrame{"not a JSON object"};
  const std::string type = text_at(json, {"type"});
  if (type == "hello") return hello_from(json);
  if (type == "disconnect") return disconnect_from(json);
  const auto known = envelope_type(type);
  if (!known) return UnknownFrame{"type " + type.substr(0, 64)};
  Envelope envelope;
  envelope.id = text_at(json, {"envelope_id"});
  envelope.type = *known;
  envelope.accepts_response = flag_at(json, {"accepts_response_payload"});
  if (envelope.id.empty()) return UnknownFrame{"an envelope without id"};
  const auto payload = json.find("payload");
  const bool whole = payload != json.end() && payload->is_object();
  envelope.payload = std::make_shared<const Json>(whole ? std::move(*payload) : Json::object());
  return envelope;
}

}  // namespace jitbot::slack

#include "adapters/chat/slack/decode.hpp"

#include "adapters/chat/slack/decode_parts.hpp"
#include "adapters/chat/slack/json_read.hpp"
#include "adapters/chat/slack/text_in.hpp"

#include <nlohmann/json.hpp>

#include <charconv>

namespace jitbot::slack {

namespace {

using Json = nlohmann::json;

// The number that a text of 1 to 15 digits is: what cannot overflow later.
std::optional<std::int64_t> digits(std::string_view text) {
  constexpr std::size_t k_most = 15;
  std::int64_t value = 0;
  if (text.empty() || text.size() > k_most) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

constexpr std::int64_t k_year_9999 = 253'402'300'799;

}  // namespace

Time time_of_ts(std::string_view ts, Time otherwise) {
  const auto dot = ts.find('.');
  const auto seconds = digits(ts.substr(0, dot));
  if (!seconds || *seconds > k_year_9999) return otherwise;
  std::string fraction = dot == std::string_view::npos ? "" : std::string(ts.substr(dot + 1, 3));
  fraction.resize(3, '0');
  const auto millis = digits(fraction);
  return millis ? time_from_ms(*seconds * 1000 + *millis) : otherwise;
}

bool from_home(const ReplyTo& reply) {
  return reply.where == ReplyTo::Where::direct && reply.channel.empty();
}

Decoded decode_command(const Json& payload, const Self& self, Time received) {
  Heard heard;
  const std::string user = text_at(payload, {"user_id"});
  if (!is_user_id(user)) return Ignored{"command of nobody"};
  heard.trigger = text_at(payload, {"trigger_id"});
  // A command is never sent again by itself; without its trigger the answer address is as unique.
  const std::string url = text_at(payload, {"response_url"});
  if (heard.trigger.empty() && url.empty())
    return Ignored{"command that can be neither told apart nor answered"};
  heard.inbound.key = "command:" + (heard.trigger.empty() ? url : heard.trigger);
  heard.inbound.from = PrincipalId{self.workspace(), user};
  heard.inbound.at = received;
  heard.inbound.reply.channel = text_at(payload, {"channel_id"});
  heard.inbound.reply.url = Secret(url);
  heard.inbound.what = Said{read_text(text_at(payload, {"text"}))};
  std::vector<Heard> all;
  all.push_back(std::move(heard));
  return all;
}

Decoded decode(const Envelope& envelope, const Self& self, Time received) {
  if (!envelope.payload || !envelope.payload->is_object()) return Ignored{"no payload"};
  switch (envelope.type) {
    case EnvelopeType::slash_commands:
      return decode_command(*envelope.payload, self, received);
    case EnvelopeType::interactive:
      return decode_interactive(*envelope.payload, self, received);
    case EnvelopeType::events_api:
      return decode_event(*envelope.payload, self, received);
  }
  return Ignored{"unknown envelope"};
}

}  // namespace jitbot::slack

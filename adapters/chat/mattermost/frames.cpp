#include "adapters/chat/mattermost/frames.hpp"

#include "adapters/chat/read/json_read.hpp"

#include <nlohmann/json.hpp>

namespace jitbot::mattermost {

namespace {

using Json = nlohmann::json;

using chat::member;
using chat::number_at;
using chat::text_at;

constexpr std::size_t k_longest_id = 100;

Frame read_event(std::shared_ptr<const Json> body) {
  const Json* seq = member(*body, "seq");
  if (seq == nullptr || !seq->is_number_integer()) return UnknownFrame{"an event without a number"};
  std::string name = text_at(*body, {"event"});
  const std::int64_t number = number_at(*body, {"seq"});
  if (name != "hello") return Event{std::move(name), number, {}, std::move(body)};
  Hello hello;
  hello.connection_id = text_at(*body, {"data", "connection_id"});
  hello.server_version = text_at(*body, {"data", "server_version"}).substr(0, k_longest_id);
  hello.seq = number;
  return hello;
}

}  // namespace

Frame read_frame(std::string_view text) {
  auto body = std::make_shared<const Json>(Json::parse(text, nullptr, false));
  if (!body->is_object()) return UnknownFrame{"no JSON object"};
  if (!text_at(*body, {"event"}).empty()) return read_event(std::move(body));
  if (member(*body, "seq_reply") == nullptr) return UnknownFrame{"neither an event nor an answer"};
  Reply reply;
  reply.to = number_at(*body, {"seq_reply"});
  reply.ok = text_at(*body, {"status"}) == "OK";
  reply.status = static_cast<int>(number_at(*body, {"error", "status_code"}) % 1000);
  reply.id = text_at(*body, {"error", "id"}).substr(0, k_longest_id);
  return reply;
}

std::string ping_frame(std::int64_t number) {
  return Json{{"seq", number}, {"action", "ping"}}.dump();
}

}  // namespace jitbot::mattermost

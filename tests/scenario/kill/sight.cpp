#include "tests/scenario/kill/sight.hpp"

#include <algorithm>
#include <cctype>

namespace jitbot::kill {

using Json = nlohmann::json;

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string raw_of(const Message& message) {
  return message.text + "\n" + message.blocks.dump();
}

std::string id_of(const Message& message) {
  const std::string text = raw_of(message);
  const auto at = text.find("JIT-");
  if (at == std::string::npos) return {};
  auto end = at + 4;
  while (end < text.size() && std::isalnum(static_cast<unsigned char>(text[end])) != 0) ++end;
  return text.substr(at, end - at);
}

std::string key_of(const Message& message) {
  if (!message.metadata.is_object()) return {};
  return message.metadata.value("event_payload", Json::object()).value("key", "");
}

bool is_card(const Message& message) {
  return key_of(message).starts_with("card/");
}

std::string action_of(const Message& message, const std::string& act) {
  for (const Json& block : message.blocks) {
    if (block.value("type", "") != "actions") continue;
    for (const Json& element : block["elements"]) {
      std::string action = element.value("action_id", "");
      if (action.starts_with(act + ":")) return action;
    }
  }
  return {};
}

bool has_buttons(const Message& message) {
  return std::ranges::any_of(message.blocks, [](const Json& block) {
    if (block.value("type", "") != "actions") return false;
    return std::ranges::any_of(block["elements"], [](const Json& element) {
      return !element.value("action_id", "").starts_with("again:");
    });
  });
}

std::vector<Message> cards_among(const std::vector<Message>& messages) {
  std::vector<Message> cards;
  std::ranges::copy_if(messages, std::back_inserter(cards), is_card);
  return cards;
}

int notices_among(const std::vector<Message>& messages, const std::string& key) {
  return static_cast<int>(std::ranges::count_if(
      messages, [&](const Message& message) { return key_of(message).starts_with("notice/" + key); }));
}

}  // namespace jitbot::kill

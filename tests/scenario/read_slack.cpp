#include "tests/scenario/scene_slack.hpp"

// What a person reads of Slack's blocks.
namespace jitbot::scenario {

namespace {

using Json = nlohmann::json;

// "<!date^1772330400^{time}|02:00 UTC> (02:00 UTC)" as its UTC.
void plain_dates(std::string& text) {
  for (auto at = text.find("<!date^"); at != std::string::npos; at = text.find("<!date^", at)) {
    const auto bar = text.find('|', at);
    const auto end = text.find('>', at);
    const auto paren = text.find(')', end);
    const std::string shown = text.substr(bar + 1, end - bar - 1);
    text.replace(at, paren - at + 1, shown);
  }
}

std::string readable(std::string text, const sandbox::World& world) {
  plain_dates(text);
  for (const auto& person : world.people) replace_all(text, "<@" + person.id + ">", "@" + person.name);
  for (const auto& channel : world.channels) replace_all(text, "<#" + channel.id + ">", "#" + channel.name);
  replace_all(text, "&lt;", "<");
  replace_all(text, "&gt;", ">");
  replace_all(text, "&amp;", "&");
  return text;
}

void add_text(const Json& json, std::string& out) {
  if (json.is_array()) {
    for (const Json& one : json) add_text(one, out);
    return;
  }
  if (!json.is_object()) return;
  const std::string type = json.value("type", "");
  if (type == "button") {
    out += "[" + json["text"].value("text", "") + "] ";
    return;
  }
  if (type == "rich_text_quote" || type == "rich_text_section") {
    for (const Json& part : json["elements"])
      out +=
          part.value("type", "") == "user" ? "<@" + part.value("user_id", "") + ">" : part.value("text", "");
    out += "\n";
    return;
  }
  if (json.contains("text") && json["text"].is_string()) {
    out += json["text"].get<std::string>() + "\n";
    return;
  }
  for (const char* key : {"text", "fields", "elements"}) {
    if (json.contains(key)) add_text(json[key], out);
  }
}

// "7K3F.2|digest|approve" is about JIT-7K3F.
Offer offer_of(const Json& element) {
  const std::string action = element.value("action_id", "");
  const std::string value = element.value("value", "");
  return {action.substr(0, action.find(':')), "JIT-" + value.substr(0, value.find_first_of(".|"))};
}

std::vector<Offer> offers_of(const Json& blocks) {
  std::vector<Offer> offers;
  for (const Json& block : blocks) {
    if (block.value("type", "") != "actions") continue;
    for (const Json& element : block["elements"]) offers.push_back(offer_of(element));
  }
  return offers;
}

}  // namespace

std::string slack_action(const Json& blocks, const std::string& act, const std::string& id) {
  for (const Json& block : blocks) {
    if (block.value("type", "") != "actions") continue;
    for (const Json& element : block["elements"]) {
      const Offer offer = offer_of(element);
      if (offer.act == act && (id.empty() || offer.id == id)) return element.value("action_id", "");
    }
  }
  return {};
}

std::string text_of(const sandbox::Message& message, const sandbox::World& world) {
  std::string text;
  add_text(message.blocks, text);
  if (text.empty()) text = message.text;
  return readable(text, world);
}

Message read(const sandbox::Message& message, const sandbox::World& world) {
  Message it;
  it.id = message.ts;
  it.channel = message.channel;
  if (message.thread_ts != message.ts) it.thread = message.thread_ts;
  it.text = text_of(message, world);
  it.raw = message.text + "\n" + message.blocks.dump();
  if (message.metadata.is_object())
    it.key = message.metadata.value("event_payload", Json::object()).value("key", "");
  it.offered = offers_of(message.blocks);
  it.edited = !message.earlier.empty();
  return it;
}

}  // namespace jitbot::scenario

#include "tests/scenario/harness.hpp"

#include <algorithm>

// What can be seen of a story, on any platform.
namespace jitbot::scenario {

std::optional<Message> Stage::card_message(const std::string& id, const std::string& channel) const {
  std::optional<Message> found;
  for (Message& message : scene_->messages(channel)) {
    if (message.thread.empty() && message.is_about(id)) found = std::move(message);
  }
  return found;
}

std::string Stage::card(const std::string& id, const std::string& channel) const {
  const auto message = card_message(id, channel);
  return message ? message->text : std::string();
}

int Stage::cards(const std::string& id, const std::string& channel) const {
  const auto all = scene_->messages(channel);
  return static_cast<int>(std::ranges::count_if(
      all, [&](const Message& message) { return message.thread.empty() && message.is_about(id); }));
}

bool Stage::offers(const std::string& act, const std::string& id, const std::string& channel) const {
  const auto message = card_message(id, channel);
  return message && message->offers(act, id);
}

std::string Stage::thread(const std::string& id, const std::string& channel) const {
  const auto root = card_message(id, channel);
  std::string text;
  if (!root) return text;
  for (const Message& message : scene_->messages(channel)) {
    if (message.thread == root->id) text += message.text + "\n";
  }
  return text;
}

// The one that is edited from asking to end is the first about the id.
std::optional<Message> Stage::requester_message(const std::string& id, const std::string& who) const {
  for (Message& message : scene_->messages("@" + who)) {
    if (message.key.starts_with("card/") && message.is_about(id)) return std::move(message);
  }
  return std::nullopt;
}

std::string Stage::requester_card(const std::string& id, const std::string& who) const {
  const auto message = requester_message(id, who);
  return message ? message->text : std::string();
}

bool Stage::requester_is_offered(const std::string& act, const std::string& id,
                                 const std::string& who) const {
  const auto message = requester_message(id, who);
  return message && message->offers(act, id);
}

std::string Stage::channel_text(const std::string& channel) const {
  std::string text;
  for (const Message& message : scene_->messages(channel)) text += message.text + "\n";
  return text;
}

int Stage::told_admins(const std::string& part) const {
  const auto all = scene_->messages(k_admins);
  return static_cast<int>(
      std::ranges::count_if(all, [&](const Message& message) { return contains(message.text, part); }));
}

}  // namespace jitbot::scenario

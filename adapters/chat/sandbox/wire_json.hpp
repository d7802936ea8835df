#pragma once

#include "adapters/chat/sandbox/core.hpp"

#include <nlohmann/json.hpp>

// Slack's JSON of people, conversations, messages and views, and the payloads of interactions.
namespace jitbot::sandbox {

enum class Detail { full, without_email, without_metadata, with_metadata };

nlohmann::json user_json(const World& world, const Person& person, Detail detail);
nlohmann::json bot_user_json(const World& world);
nlohmann::json channel_json(const World& world, const Channel& channel);
nlohmann::json group_json(const World& world, const UserGroup& group, Detail detail);
nlohmann::json message_json(const Core& core, const Message& message, Detail detail);
nlohmann::json view_json(const Core& core, const View& view);

// "user" and "team" of an interaction: the clicker's home team is in user.team_id.
nlohmann::json interaction_user(const World& world, const Person& person);
nlohmann::json interaction_base(const Core& core, const Person& person, std::string type);

// Text as people type it, as it goes on the wire: & < > escaped, @handle and #channel turned into tokens.
enum class Labels { with, without };  // slash commands carry "<@U1|name>", messages "<@U1>"
std::string typed_to_wire(const World& world, std::string_view typed, Labels labels);

// The rich_text block that Slack's client makes of a person's message (wire text).
nlohmann::json rich_text_of(Random& random, std::string_view wire_text);

// The app's message in an acknowledgement or a response URL. An error is Slack's word for it.
struct AppMessage {
  std::string text;
  nlohmann::json blocks = nlohmann::json::array();
  nlohmann::json metadata;
};
tl::expected<AppMessage, std::string> read_app_message(const nlohmann::json& payload);

}  // namespace jitbot::sandbox

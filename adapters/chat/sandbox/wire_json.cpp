#include "adapters/chat/sandbox/wire_json.hpp"

#include "adapters/chat/sandbox/block_kit.hpp"
#include "adapters/chat/sandbox/ids.hpp"

#include <algorithm>

namespace jitbot::sandbox {

using Json = nlohmann::json;

Json user_json(const World& world, const Person& person, Detail detail) {
  const bool guest = person.kind == PersonKind::guest || person.kind == PersonKind::single_channel_guest;
  const std::string& team = world.team_of(person);
  Json profile = {{"real_name", person.real_name},
                  {"real_name_normalized", person.real_name},
                  {"display_name", person.name},
                  {"display_name_normalized", person.name},
                  {"team", team}};
  const bool stranger = person.kind == PersonKind::stranger;
  if (detail != Detail::without_email && !stranger && !person.email.empty()) profile["email"] = person.email;
  Json user = {{"id", person.id},
               {"team_id", team},
               {"name", person.name},
               {"deleted", person.deactivated},
               {"real_name", person.real_name},
               {"profile", std::move(profile)},
               {"is_bot", person.kind == PersonKind::bot},
               {"is_app_user", false},
               {"updated", 1'700'000'000}};
  if (person.deactivated) return user;  // Slack leaves the rest out for deactivated people
  user["tz"] = person.tz;
  user["tz_label"] = person.tz;
  user["tz_offset"] = person.tz_offset;
  user["is_admin"] = person.is_admin;
  user["is_owner"] = false;
  user["is_primary_owner"] = false;
  user["is_restricted"] = guest;
  user["is_ultra_restricted"] = person.kind == PersonKind::single_channel_guest;
  if (stranger) {
    user["is_stranger"] = true;
  } else {
    user["is_email_confirmed"] = person.email_confirmed;
  }
  return user;
}

Json bot_user_json(const World& world) {
  return {
      {"id", world.bot.user_id},
      {"team_id", world.team_id},
      {"name", world.bot.name},
      {"deleted", false},
      {"real_name", world.bot.name},
      {"is_bot", true},
      {"is_app_user", false},
      {"is_restricted", false},
      {"is_ultra_restricted", false},
      {"profile", {{"real_name", world.bot.name}, {"bot_id", world.bot.bot_id}, {"team", world.team_id}}}};
}

Json channel_json(const World& world, const Channel& channel) {
  if (channel.is_dm()) {
    return {{"id", channel.id},
            {"created", 1'700'000'000},
            {"is_archived", channel.is_archived},
            {"is_im", true},
            {"is_org_shared", false},
            {"user", channel.dm_with},
            {"context_team_id", world.team_id}};
  }
  Json shared = Json::array({world.team_id});
  for (const Person& person : world.people) {
    if (channel.is_ext_shared && person.kind == PersonKind::stranger && channel.members.contains(person.id)) {
      shared.push_back(person.team_id);
    }
  }
  return {{"id", channel.id},
          {"name", channel.name},
          {"name_normalized", channel.name},
          {"previous_names", channel.previous_names},
          {"is_channel", true},
          {"is_group", false},
          {"is_im", false},
          {"is_mpim", false},
          {"is_private", channel.is_private},
          {"is_archived", channel.is_archived},
          {"is_general", channel.name == "general"},
          {"is_shared", channel.is_ext_shared},
          {"is_ext_shared", channel.is_ext_shared},
          {"is_org_shared", false},
          {"is_pending_ext_shared", false},
          {"shared_team_ids", shared},
          {"is_member", channel.members.contains(world.bot.user_id)},
          {"created", 1'700'000'000},
          {"creator", "U0ERIN001"},
          {"context_team_id", world.team_id},
          {"topic", {{"value", ""}, {"creator", ""}, {"last_set", 0}}},
          {"purpose", {{"value", ""}, {"creator", ""}, {"last_set", 0}}}};
}

Json group_json(const World& world, const UserGroup& group, Detail detail) {
  Json out = {{"id", group.id},
              {"team_id", world.team_id},
              {"is_usergroup", true},
              {"name", group.name},
              {"handle", group.handle},
              {"description", ""},
              {"is_external", false},
              {"date_create", 1'700'000'000},
              {"date_update", group.updated},
              {"date_delete", group.disabled ? std::max(group.updated, 1LL) : 0},
              {"user_count", std::to_string(group.members.size())}};
  if (detail == Detail::full) out["users"] = group.members;
  return out;
}

Json message_json(const Core& core, const Message& message, Detail detail) {
  const World& world = core.workspace.world;
  Json out = {{"type", "message"}, {"user", message.user}, {"text", message.text}, {"ts", message.ts}};
  const Person* person = world.find_person(message.user);
  out["team"] = person == nullptr ? world.team_id : world.team_of(*person);
  if (!message.bot_id.empty()) {
    out["bot_id"] = message.bot_id;
    out["app_id"] = core.options.app_id;
    out["bot_profile"] = {{"id", message.bot_id}, {"app_id", core.options.app_id}, {"name", world.bot.name}};
  }
  if (!message.blocks.empty()) out["blocks"] = message.blocks;
  if (!message.thread_ts.empty()) out["thread_ts"] = message.thread_ts;
  if (!message.edited_ts.empty()) out["edited"] = {{"user", message.user}, {"ts", message.edited_ts}};
  if (detail == Detail::with_metadata && message.metadata.is_object()) out["metadata"] = message.metadata;
  if (message.thread_ts == message.ts && !message.ts.empty()) {
    const auto replies = core.workspace.replies(message.channel, message.ts);
    out["reply_count"] = replies.empty() ? 0 : replies.size() - 1;
    if (replies.size() > 1) out["latest_reply"] = replies.back()->ts;
    Json who = Json::array();
    for (const Message* reply : replies) {
      if (reply->ts != message.ts && std::ranges::find(who, Json(reply->user)) == who.end())
        who.push_back(reply->user);
    }
    out["reply_users_count"] = who.size();
    out["reply_users"] = std::move(who);
  } else if (!message.thread_ts.empty()) {
    const Message* root = core.workspace.find(message.channel, message.thread_ts);
    if (root != nullptr) out["parent_user_id"] = root->user;
  }
  return out;
}

Json view_json(const Core& core, const View& view) {
  const World& world = core.workspace.world;
  const Json& content = view.content;
  // Home has no title of its own; Slack's payloads carry this one.
  const Json home_title = {{"type", "plain_text"}, {"text", "View Title"}, {"emoji", true}};
  const bool home = content.value("type", "modal") == "home";
  return {{"id", view.id},
          {"team_id", world.team_id},
          {"type", content.value("type", "modal")},
          {"blocks", content.value("blocks", Json::array())},
          {"private_metadata", content.value("private_metadata", "")},
          {"callback_id", content.value("callback_id", "")},
          {"state", {{"values", view.values}}},
          {"hash", view.hash},
          {"title", home ? home_title : content.value("title", Json())},
          {"clear_on_close", content.value("clear_on_close", false)},
          {"notify_on_close", content.value("notify_on_close", false)},
          {"close", content.value("close", Json())},
          {"submit", content.value("submit", Json())},
          {"previous_view_id", view.previous_id.empty() ? Json() : Json(view.previous_id)},
          {"root_view_id", view.root_id},
          {"app_id", core.options.app_id},
          {"external_id", content.value("external_id", "")},
          {"app_installed_team_id", world.team_id},
          {"bot_id", world.bot.bot_id}};
}

Json interaction_user(const World& world, const Person& person) {
  return {{"id", person.id},
          {"username", person.name},
          {"name", person.name},
          {"team_id", world.team_of(person)}};
}

Json interaction_base(const Core& core, const Person& person, std::string type) {
  const World& world = core.workspace.world;
  return {{"type", std::move(type)},
          {"user", interaction_user(world, person)},
          {"api_app_id", core.options.app_id},
          {"token", "verification-token"},
          {"team", {{"id", world.team_id}, {"domain", world.team_domain}}},
          {"enterprise", nullptr},
          {"is_enterprise_install", false}};
}

namespace {

bool name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
         c == '.';
}

// The token for "@alice" or "#general" at the start of `rest`; `used` is how much of it that was.
std::string mention_token(const World& world, std::string_view rest, Labels labels, std::size_t& used) {
  std::size_t end = 1;
  while (end < rest.size() && name_character(rest[end])) ++end;
  while (end > 1 && rest[end - 1] == '.') --end;  // the end of a sentence
  const std::string name(rest.substr(1, end - 1));
  const auto token = [&](std::string_view kind, const std::string& id) {
    used = end;
    const std::string label = labels == Labels::with ? "|" + name : std::string();
    return "<" + std::string(kind) + id + label + ">";
  };
  if (name.empty()) return {};
  if (rest.front() == '#') {
    for (const Channel& channel : world.channels) {
      if (!channel.is_dm() && channel.name == name) return token("#", channel.id);
    }
    return {};
  }
  if (name == world.bot.name) return token("@", world.bot.user_id);
  for (const Person& person : world.people) {
    if (person.name == name) return token("@", person.id);
  }
  for (const UserGroup& group : world.groups) {
    if (group.handle != name) continue;
    used = end;
    return "<!subteam^" + group.id + (labels == Labels::with ? "|@" + name : std::string()) + ">";
  }
  if (name == "here" || name == "channel" || name == "everyone") {
    used = end;
    return "<!" + name + ">";
  }
  return {};
}

}  // namespace

std::string typed_to_wire(const World& world, std::string_view typed, Labels labels) {
  std::string out;
  for (std::size_t i = 0; i < typed.size(); ++i) {
    const char c = typed[i];
    const bool word_start = i == 0 || !name_character(typed[i - 1]);
    if ((c == '@' || c == '#') && word_start) {
      std::size_t used = 0;
      const std::string token = mention_token(world, typed.substr(i), labels, used);
      if (used > 0) {
        out += token;
        i += used - 1;
        continue;
      }
    }
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else {
      out += c;
    }
  }
  return out;
}

tl::expected<AppMessage, std::string> read_app_message(const Json& payload) {
  AppMessage message;
  if (!payload.is_object()) return tl::unexpected<std::string>("invalid_payload");
  const Json text = payload.value("text", Json());
  if (!text.is_null() && !text.is_string()) return tl::unexpected<std::string>("invalid_payload");
  if (text.is_string()) message.text = cut_to_utf16(text.get_ref<const std::string&>(), k_max_message_text);
  const Json blocks = payload.value("blocks", Json());
  if (!blocks.is_null()) {
    if (!check_blocks(blocks, Surface::message).empty()) return tl::unexpected<std::string>("invalid_blocks");
    if (total_characters(blocks) > k_max_message_blocks_text) {
      return tl::unexpected<std::string>("msg_blocks_too_long");
    }
    message.blocks = blocks;
  }
  if (message.text.empty() && message.blocks.empty()) return tl::unexpected<std::string>("no_text");
  return message;
}

}  // namespace jitbot::sandbox

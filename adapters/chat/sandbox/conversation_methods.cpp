#include "adapters/chat/sandbox/web_api.hpp"
#include "adapters/chat/sandbox/wire_json.hpp"

#include <fmt/format.h>

#include <algorithm>

// conversations.* and users.conversations
namespace jitbot::sandbox {

using Json = nlohmann::json;

namespace {

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> out;
  std::string item;
  for (const char c : list + ",") {
    if (c != ',') {
      if (c != ' ') item += c;
    } else if (!item.empty()) {
      out.push_back(std::exchange(item, {}));
    }
  }
  return out;
}

Json open(Core& core, const Args& args) {
  World& world = core.workspace.world;
  if (args.has("channel")) {
    const Target target = find_target(core, args.text("channel"), Act::see);
    if (target.channel == nullptr || !target.channel->is_dm()) return api_error("channel_not_found");
    return {{"ok", true}, {"no_op", true}, {"channel", {{"id", target.channel->id}}}};
  }
  const std::vector<std::string> users = split(args.text("users"));
  if (users.empty()) return missing_argument("users");
  if (users.size() > 1) return api_error("missing_scope");  // group messages need mpim:write
  const Person* person = world.find_person(users.front());
  if (users.front() == world.bot.user_id) return api_error("cannot_dm_bot");
  if (person == nullptr) return api_error("user_not_found");
  if (person->deactivated) return api_error("user_disabled");
  if (person->kind == PersonKind::bot) return api_error("cannot_dm_bot");
  const Channel& dm = core.workspace.dm_of(person->id);
  if (!args.flag("return_im")) return {{"ok", true}, {"channel", {{"id", dm.id}}}};
  return {{"ok", true}, {"channel", channel_json(world, dm)}};
}

Json info(Core& core, const Args& args) {
  if (!args.has("channel")) return missing_argument("channel");
  const Target target = find_target(core, args.text("channel"), Act::see);
  if (target.channel == nullptr) return api_error(target.error);
  Json channel = channel_json(core.workspace.world, *target.channel);
  if (args.flag("include_num_members")) channel["num_members"] = target.channel->members.size();
  return {{"ok", true}, {"channel", std::move(channel)}};
}

// Slack leaves out what the token has no scope for, and refuses when nothing is left.
bool wanted_type(const std::vector<std::string>& types, const Channel& channel) {
  const char* type = channel.is_dm() ? "im" : channel.is_private ? "private_channel" : "public_channel";
  return std::ranges::find(types, type) != types.end();
}

Json list_of(Core& core, const Args& args, const std::string& member_only) {
  std::vector<std::string> types = split(args.text("types"));
  if (types.empty()) types = {"public_channel"};
  for (const std::string& type : types) {
    if (type != "public_channel" && type != "private_channel" && type != "im" && type != "mpim") {
      return api_error("invalid_types");
    }
  }
  const Workspace& workspace = core.workspace;
  std::vector<const Channel*> found;
  for (const Channel& channel : workspace.world.channels) {
    const bool bot_in = workspace.is_member(channel, workspace.world.bot.user_id);
    if (!wanted_type(types, channel) || (channel.is_private && !bot_in)) continue;
    if (args.flag("exclude_archived") && channel.is_archived) continue;
    if (!member_only.empty() && !workspace.is_member(channel, member_only)) continue;
    found.push_back(&channel);
  }
  const auto page = paginate(args, found.size(), 100);
  if (!page) return api_error("invalid_cursor");
  Json channels = Json::array();
  for (std::size_t i = page->begin; i < page->end; ++i) {
    channels.push_back(channel_json(workspace.world, *found[i]));
  }
  return {{"ok", true},
          {"channels", std::move(channels)},
          {"response_metadata", {{"next_cursor", page->next_cursor}}}};
}

Json list(Core& core, const Args& args) {
  return list_of(core, args, "");
}

Json users_conversations(Core& core, const Args& args) {
  const std::string user = args.has("user") ? args.text("user") : core.workspace.world.bot.user_id;
  if (user != core.workspace.world.bot.user_id && core.workspace.world.find_person(user) == nullptr) {
    return api_error("user_not_found");
  }
  return list_of(core, args, user);
}

Json members(Core& core, const Args& args) {
  if (!args.has("channel")) return missing_argument("channel");
  const Target target = find_target(core, args.text("channel"), Act::see);
  if (target.channel == nullptr) return api_error(target.error);
  std::vector<std::string> ids;
  for (const std::string& id : target.channel->members) {
    const Person* person = core.workspace.world.find_person(id);
    if (person == nullptr || !person->deactivated) ids.push_back(id);
  }
  const auto page = paginate(args, ids.size(), 100);
  if (!page) return api_error("invalid_cursor");
  Json out = Json::array();
  for (std::size_t i = page->begin; i < page->end; ++i) out.push_back(ids[i]);
  return {
      {"ok", true}, {"members", std::move(out)}, {"response_metadata", {{"next_cursor", page->next_cursor}}}};
}

// Slack's timestamps compare as text once they have the same number of digits, which they have until 2286.
bool in_window(const Args& args, const std::string& ts) {
  const std::string oldest = args.text("oldest");
  const std::string latest = args.text("latest");
  const bool inclusive = args.flag("inclusive");
  if (!oldest.empty() && oldest != "0" && (inclusive ? ts < oldest : ts <= oldest)) return false;
  if (!latest.empty() && (inclusive ? ts > latest : ts >= latest)) return false;
  return true;
}

Json page_of_messages(Core& core, const Args& args, const std::vector<const Message*>& found) {
  const auto page = paginate(args, found.size(), 100);
  if (!page) return api_error("invalid_cursor");
  const Detail detail = args.flag("include_all_metadata") ? Detail::with_metadata : Detail::without_metadata;
  Json messages = Json::array();
  for (std::size_t i = page->begin; i < page->end; ++i)
    messages.push_back(message_json(core, *found[i], detail));
  return {{"ok", true},
          {"messages", std::move(messages)},
          {"has_more", !page->next_cursor.empty()},
          {"response_metadata", {{"next_cursor", page->next_cursor}}}};
}

std::optional<Json> may_read(Core& core, const Channel& channel) {
  if (!core.workspace.is_member(channel, core.workspace.world.bot.user_id))
    return api_error("not_in_channel");
  const char* scope = channel.is_dm()      ? "im:history"
                      : channel.is_private ? "groups:history"
                                           : "channels:history";
  if (has_scope(core, scope)) return std::nullopt;
  Json error = api_error("missing_scope");
  error["needed"] = scope;
  error["provided"] = fmt::format("{}", fmt::join(core.options.scopes, ","));
  return error;
}

Json history(Core& core, const Args& args) {
  if (!args.has("channel")) return missing_argument("channel");
  const Target target = find_target(core, args.text("channel"), Act::see);
  if (target.channel == nullptr) return api_error(target.error);
  if (const auto refused = may_read(core, *target.channel)) return *refused;
  std::vector<const Message*> found;
  for (const Message* message : core.workspace.in_channel(target.channel->id)) {
    const bool reply = !message->thread_ts.empty() && message->thread_ts != message->ts;
    if (!reply && in_window(args, message->ts)) found.push_back(message);
  }
  std::ranges::reverse(found);  // newest first
  return page_of_messages(core, args, found);
}

Json replies(Core& core, const Args& args) {
  if (!args.has("channel")) return missing_argument("channel");
  if (!args.has("ts")) return missing_argument("ts");
  const Target target = find_target(core, args.text("channel"), Act::see);
  if (target.channel == nullptr) return api_error(target.error);
  if (const auto refused = may_read(core, *target.channel)) return *refused;
  const Message* root = core.workspace.find(target.channel->id, args.text("ts"));
  if (root == nullptr || root->deleted || !root->only_for.empty()) return api_error("thread_not_found");
  std::vector<const Message*> found;
  for (const Message* message : core.workspace.replies(target.channel->id, root->ts)) {
    if (message == root || in_window(args, message->ts)) found.push_back(message);
  }
  return page_of_messages(core, args, found);
}

Json join(Core& core, const Args& args) {
  if (!args.has("channel")) return missing_argument("channel");
  Target target = find_target(core, args.text("channel"), Act::see);
  if (target.channel == nullptr) return api_error(target.error);
  if (target.channel->is_archived) return api_error("is_archived");
  if (target.channel->is_private) return api_error("method_not_supported_for_channel_type");
  const World& world = core.workspace.world;
  const bool fresh = target.channel->members.insert(world.bot.user_id).second;
  if (fresh) {
    send_event(core, {{"type", "member_joined_channel"},
                      {"user", world.bot.user_id},
                      {"channel", target.channel->id},
                      {"channel_type", "C"},
                      {"team", world.team_id}});
    core.workspace.changes.touch();
  }
  Json answer = {{"ok", true}, {"channel", channel_json(world, *target.channel)}};
  if (!fresh) answer["warning"] = "already_in_channel";
  return answer;
}

}  // namespace

std::vector<MethodRule> conversation_methods() {
  const std::vector<std::string_view> read = {"channels:read", "groups:read", "im:read"};
  const std::vector<std::string_view> read_history = {"channels:history", "groups:history", "im:history"};
  return {{"conversations.open", Tier::t3, {"im:write"}, open},
          {"conversations.info", Tier::t3, read, info},
          {"conversations.list", Tier::t2, read, list},
          {"conversations.members", Tier::t4, read, members},
          {"conversations.history", Tier::t3, read_history, history},
          {"conversations.replies", Tier::t3, read_history, replies},
          {"conversations.join", Tier::t3, {"channels:join"}, join},
          {"users.conversations", Tier::t3, read, users_conversations}};
}

}  // namespace jitbot::sandbox

#include "adapters/chat/sandbox/block_kit.hpp"
#include "adapters/chat/sandbox/web_api.hpp"
#include "adapters/chat/sandbox/wire_json.hpp"

#include <fmt/format.h>

#include <algorithm>

// chat.*
namespace jitbot::sandbox {

using Json = nlohmann::json;

namespace {

bool looks_like_ts(const std::string& ts) {
  const auto dot = ts.find('.');
  return dot != std::string::npos && dot > 0 && ts.size() - dot == 7 &&
         std::ranges::all_of(ts, [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
}

struct Content {
  Json error;  // null: fine
  std::optional<std::string> text;
  std::optional<Json> blocks;
  std::optional<Json> metadata;
};

Content refuse(Json error) {
  Content content;
  content.error = std::move(error);
  return content;
}

bool good_metadata(const Json& metadata) {
  if (!metadata.is_object()) return false;
  if (metadata.empty()) return true;  // clears it on an update
  return metadata.value("event_type", Json()).is_string() &&
         metadata.value("event_payload", Json()).is_object();
}

// text, blocks and metadata of a message, checked as Slack checks them.
Content read_content(const Args& args) {
  Content content;
  if (args.has("text")) content.text = args.text("text");
  if (args.has("blocks")) {
    Json blocks = args.structure("blocks");
    if (blocks.is_discarded() || !blocks.is_array()) return refuse(api_error("invalid_blocks_format"));
    const auto problems = check_blocks(blocks, Surface::message);
    if (!problems.empty()) return refuse(api_error("invalid_blocks", problems));
    if (total_characters(blocks) > k_max_message_blocks_text) return refuse(api_error("msg_blocks_too_long"));
    content.blocks = std::move(blocks);
  }
  if (args.has("metadata")) {
    Json metadata = args.structure("metadata");
    if (metadata.is_discarded() || !good_metadata(metadata))
      return refuse(api_error("invalid_metadata_format"));
    content.metadata = metadata.empty() ? Json() : std::move(metadata);
  }
  return content;
}

bool says_nothing(const Content& content) {
  return content.text.value_or("").empty() && content.blocks.value_or(Json::array()).empty();
}

Message message_from(const Core& core, const Channel& channel, const Args& args, Content content) {
  Message message;
  message.channel = channel.id;
  message.user = core.workspace.world.bot.user_id;
  message.bot_id = core.workspace.world.bot.bot_id;
  message.thread_ts = args.text("thread_ts");
  message.text = cut_to_utf16(content.text.value_or(""), k_max_message_text);
  message.blocks = content.blocks.value_or(Json::array());
  message.metadata = content.metadata.value_or(Json());
  return message;
}

// The app sees its own direct messages as events, too.
void tell_dm(Core& core, const Message& message, const char* subtype) {
  const Channel* channel = core.workspace.world.find_channel(message.channel);
  if (channel == nullptr || !channel->is_dm()) return;
  Json event = {{"type", "message"}, {"channel", channel->id}, {"channel_type", "im"}};
  const Json body = message_json(core, message, Detail::without_metadata);
  if (subtype == nullptr) {
    event.update(body);
  } else {
    event["subtype"] = subtype;
    event["hidden"] = true;
    event["ts"] = core.workspace.next_ts();
    event[std::string_view(subtype) == "message_deleted" ? "previous_message" : "message"] = body;
  }
  send_event(core, std::move(event));
}

Json post_message(Core& core, const Args& args) {
  if (!args.has("channel")) return missing_argument("channel");
  const Target target = find_target(core, args.text("channel"), Act::post);
  if (target.channel == nullptr) return api_error(target.error);
  if (args.has("thread_ts") && !looks_like_ts(args.text("thread_ts"))) return api_error("invalid_thread_ts");
  Content content = read_content(args);
  if (!content.error.is_null()) return content.error;
  if (says_nothing(content)) return api_error("no_text");
  const Message& posted = core.workspace.post(message_from(core, *target.channel, args, std::move(content)));
  tell_dm(core, posted, nullptr);
  return {{"ok", true},
          {"channel", posted.channel},
          {"ts", posted.ts},
          {"message", message_json(core, posted, Detail::with_metadata)}};
}

// The bot's own message that a call names, or the error.
struct Own {
  Message* message = nullptr;
  std::string error;
};

Own find_own(Core& core, const Args& args, const char* not_ours) {
  Own own;
  const Target target = find_target(core, args.text("channel"), Act::see);
  if (target.channel == nullptr) {
    own.error = target.error;
    return own;
  }
  Message* message = core.workspace.find(target.channel->id, args.text("ts"));
  if (message == nullptr || message->deleted || !message->only_for.empty()) {
    own.error = "message_not_found";
  } else if (message->bot_id != core.workspace.world.bot.bot_id) {
    own.error = not_ours;
  } else {
    own.message = message;
  }
  return own;
}

Json update(Core& core, const Args& args) {
  if (!args.has("channel")) return missing_argument("channel");
  if (!args.has("ts")) return missing_argument("ts");
  const Own own = find_own(core, args, "cant_update_message");
  if (own.message == nullptr) return api_error(own.error);
  Content content = read_content(args);
  if (!content.error.is_null()) return content.error;
  if (utf16_length(content.text.value_or("")) > k_max_message_text) return api_error("msg_too_long");
  // Blocks and metadata that are not named stay (docs.slack.dev/reference/methods/chat.update).
  MessageVersion next;
  next.text = content.text.value_or(content.blocks ? "" : own.message->text);
  next.blocks = content.blocks.value_or(own.message->blocks);
  next.metadata = content.metadata.value_or(own.message->metadata);
  if (next.text.empty() && next.blocks.empty()) return api_error("no_text");
  core.workspace.edit(*own.message, std::move(next));
  tell_dm(core, *own.message, "message_changed");
  return {{"ok", true},
          {"channel", own.message->channel},
          {"ts", own.message->ts},
          {"text", own.message->text},
          {"message", message_json(core, *own.message, Detail::with_metadata)}};
}

Json remove(Core& core, const Args& args) {
  if (!args.has("channel")) return missing_argument("channel");
  if (!args.has("ts")) return missing_argument("ts");
  const Own own = find_own(core, args, "cant_delete_message");
  if (own.message == nullptr) return api_error(own.error);
  core.workspace.remove(*own.message);
  tell_dm(core, *own.message, "message_deleted");
  return {{"ok", true}, {"channel", own.message->channel}, {"ts", own.message->ts}};
}

Json post_ephemeral(Core& core, const Args& args) {
  if (!args.has("channel")) return missing_argument("channel");
  if (!args.has("user")) return missing_argument("user");
  const Target target = find_target(core, args.text("channel"), Act::post);
  if (target.channel == nullptr) return api_error(target.error);
  const Person* person = core.workspace.world.find_person(args.text("user"));
  if (person == nullptr || person->deactivated || !core.workspace.is_member(*target.channel, person->id)) {
    return api_error("user_not_in_channel");
  }
  Content content = read_content(args);
  if (!content.error.is_null()) return content.error;
  if (says_nothing(content)) return api_error("no_text");
  Message message = message_from(core, *target.channel, args, std::move(content));
  message.only_for = person->id;
  const Message& posted = core.workspace.post(std::move(message));
  return {{"ok", true}, {"message_ts", posted.ts}};
}

Json permalink(Core& core, const Args& args) {
  const Target target = find_target(core, args.text("channel"), Act::see);
  if (target.channel == nullptr) return api_error(target.error);
  const Message* message = core.workspace.find(target.channel->id, args.text("message_ts"));
  if (message == nullptr || message->deleted) return api_error("message_not_found");
  std::string digits = message->ts;
  std::erase(digits, '.');
  return {{"ok", true},
          {"channel", target.channel->id},
          {"permalink", core.url(fmt::format("/archives/{}/p{}", target.channel->id, digits))}};
}

}  // namespace

std::vector<MethodRule> chat_methods() {
  return {{"chat.postMessage", Tier::posting, {"chat:write"}, post_message},
          {"chat.update", Tier::t3, {"chat:write"}, update},
          {"chat.delete", Tier::t3, {"chat:write"}, remove},
          {"chat.postEphemeral", Tier::t4, {"chat:write"}, post_ephemeral},
          {"chat.getPermalink", Tier::special, {}, permalink}};
}

}  // namespace jitbot::sandbox

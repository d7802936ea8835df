#include "adapters/chat/mattermost/decode.hpp"
#include "adapters/chat/mattermost/decode_parts.hpp"
#include "adapters/chat/mattermost/ids.hpp"
#include "adapters/chat/read/json_read.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace jitbot::mattermost {

namespace {

using Json = nlohmann::json;
using chat::member;
using chat::number_at;
using chat::text_at;

struct Event {
  const Json& json;
  std::string key;
  const Self& self;
  Time received;
};

// Several members are JSON inside a string.
Json inside(const Json& event, std::string_view name) {
  return Json::parse(text_at(event, {"data", name}), nullptr, false);
}

// Events name their channel in one of two places.
std::string channel_of(const Json& event) {
  std::string channel = text_at(event, {"broadcast", "channel_id"});
  return channel.empty() ? text_at(event, {"data", "channel_id"}) : channel;
}

DecodedEvent of_nobody(const Event& event, decltype(Inbound::what) what) {
  Heard heard;
  heard.inbound.key = event.key;
  heard.inbound.from = system_principal("mattermost");
  heard.inbound.at = event.received;
  heard.inbound.what = std::move(what);
  return heard;
}

DecodedEvent channel_changed(const Event& event, std::string channel, std::string_view what) {
  if (!is_id(channel)) return Ignored{"a change of no channel"};
  return of_nobody(event, ChannelChanged{std::move(channel), std::string(what)});
}

DecodedEvent posted(const Event& event) {
  return decode_post(inside(event.json, "post"), text_at(event.json, {"data", "channel_type"}), event.self,
                     event.received);
}

DecodedEvent reacted(const Event& event) {
  const Json reaction = inside(event.json, "reaction");
  DecodedEvent decoded = decode_reaction(reaction, channel_of(event.json), event.self);
  auto* told = std::get_if<Reaction>(&decoded);
  if (told == nullptr) return decoded;
  told->added = text_at(event.json, {"event"}) == "reaction_added";
  // One that was taken back tells when as its last change.
  if (!told->added) told->at = time_of(number_at(reaction, {"update_at"}), event.received);
  return decoded;
}

DecodedEvent user_updated(const Event& event) {
  const std::string user = text_at(event.json, {"data", "user", "id"});
  if (!is_id(user)) return Ignored{"a change of nobody"};
  return of_nobody(event, PersonChanged{event.self.principal(user)});
}

// Only our own coming and going changes where we may post. Anybody's changes who a channel names as a group.
DecodedEvent membership(const Event& event, const std::string& user, std::string_view what) {
  const std::string channel = channel_of(event.json);
  if (!is_id(channel) || !is_id(user)) return Ignored{"somebody came or went nowhere"};
  if (user == event.self.user) return channel_changed(event, channel, what);
  return of_nobody(event, GroupChanged{to_string(Source{Source::Kind::channel, channel})});
}

DecodedEvent user_added(const Event& event) {
  return membership(event, text_at(event.json, {"data", "user_id"}), "joined");
}

// Whoever is removed learns it of himself, and others of him, in different members.
DecodedEvent user_removed(const Event& event) {
  std::string user = text_at(event.json, {"data", "user_id"});
  if (user.empty()) user = text_at(event.json, {"broadcast", "user_id"});
  return membership(event, user, "left");
}

// Which of name, header and privacy it was, nothing tells.
DecodedEvent channel_updated(const Event& event) {
  const Json channel = inside(event.json, "channel");
  const Json* shared = member(channel, "shared");
  const bool outside = shared != nullptr && shared->is_boolean() && shared->get<bool>();
  return channel_changed(event, text_at(channel, {"id"}), outside ? "shared" : "renamed");
}

DecodedEvent channel_converted(const Event& event) {
  return channel_changed(event, channel_of(event.json), "converted");
}

DecodedEvent channel_deleted(const Event& event) {
  return channel_changed(event, channel_of(event.json), "archived");
}

DecodedEvent channel_restored(const Event& event) {
  return channel_changed(event, channel_of(event.json), "unarchived");
}

struct Understood {
  std::string_view name;
  DecodedEvent (*decode)(const Event&);
};
constexpr std::array k_understood{Understood{"posted", posted},
                                  Understood{"reaction_added", reacted},
                                  Understood{"reaction_removed", reacted},
                                  Understood{"user_updated", user_updated},
                                  Understood{"user_added", user_added},
                                  Understood{"user_removed", user_removed},
                                  Understood{"channel_updated", channel_updated},
                                  Understood{"channel_converted", channel_converted},
                                  Understood{"channel_deleted", channel_deleted},
                                  Understood{"channel_restored", channel_restored}};

// What was posted in somebody's name by a webhook, a command's answer, a bot, a plugin or an application are
// not his words. Who forges such a mark silences himself alone.
bool is_marked(const Json& post) {
  constexpr std::array<std::string_view, 4> k_marks{"from_webhook", "from_bot", "from_plugin",
                                                    "from_oauth_app"};
  const Json* props = member(post, "props");
  if (props == nullptr) return false;
  return std::ranges::any_of(k_marks,
                             [props](std::string_view mark) { return member(*props, mark) != nullptr; });
}

// Why a post is nothing that its author now says to us; empty: it is.
std::string_view why_silent(const Json& post, const Self& self) {
  const std::string user = text_at(post, {"user_id"});
  if (!is_id(text_at(post, {"id"})) || !is_id(text_at(post, {"channel_id"}))) return "no post";
  if (!is_id(user)) return "a post of nobody";
  if (user == self.user) return "our own post";
  if (!text_at(post, {"type"}).empty()) return "not a message of a person";
  if (!text_at(post, {"original_id"}).empty()) return "an earlier wording of a post";
  if (number_at(post, {"delete_at"}) != 0) return "a deleted post";
  // What it said when it was made is not known any more, and an edit commands nothing.
  if (number_at(post, {"edit_at"}) != 0) return "an edited post";
  if (is_marked(post)) return "posted in somebody's name";
  return {};
}

}  // namespace

DecodedEvent decode_post(const Json& post, std::string_view channel_type, const Self& self, Time received) {
  if (const auto why = why_silent(post, self); !why.empty()) return Ignored{std::string(why)};
  const std::string text = clean_text(text_at(post, {"message"}));
  const bool direct = channel_type == "D";
  const auto to_us = said_to(text, self.username);
  if (!to_us && !direct) return Ignored{"not said to us"};
  Heard heard;
  Said said{to_us.value_or(text)};
  heard.names = names_in(said.text);
  heard.inbound.key = "post:" + text_at(post, {"id"});
  heard.inbound.from = self.principal(text_at(post, {"user_id"}));
  heard.inbound.at = time_of(number_at(post, {"create_at"}), received);
  heard.inbound.reply.channel = text_at(post, {"channel_id"});
  heard.inbound.reply.thread = text_at(post, {"root_id"});
  if (direct) heard.inbound.reply.where = ReplyTo::Where::direct;
  heard.inbound.what = std::move(said);
  return heard;
}

DecodedEvent decode_reaction(const Json& reaction, std::string channel, const Self& self) {
  const std::string user = text_at(reaction, {"user_id"});
  const std::string post = text_at(reaction, {"post_id"});
  const std::string emoji = text_at(reaction, {"emoji_name"});
  if (!is_id(user) || !is_id(post) || emoji.empty()) return Ignored{"a reaction of nobody, or to nothing"};
  if (user == self.user) return Ignored{"our own reaction"};
  const Time at = time_of(number_at(reaction, {"create_at"}), time_from_ms(0));
  return Reaction{self.principal(user), post, std::move(channel), emoji, true, at};
}

DecodedEvent decode_event(const Json& event, std::string_view connection, const Self& self, Time received) {
  const std::string name = text_at(event, {"event"});
  const Event whole{event, fmt::format("event:{}/{}", connection, number_at(event, {"seq"})), self, received};
  for (const Understood& known : k_understood) {
    if (known.name == name) return known.decode(whole);
  }
  return Ignored{"event " + name.substr(0, 64)};
}

void resolve(Heard& heard, const Ids& ids) {
  heard.names.clear();
  if (auto* said = std::get_if<Said>(&heard.inbound.what)) said->text = with_mentions(said->text, ids);
}

}  // namespace jitbot::mattermost

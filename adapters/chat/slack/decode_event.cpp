#include "adapters/chat/slack/channel_group.hpp"
#include "adapters/chat/slack/decode_parts.hpp"
#include "adapters/chat/slack/json_read.hpp"
#include "adapters/chat/slack/text_in.hpp"

#include <nlohmann/json.hpp>

#include <array>

namespace jitbot::slack {

namespace {

using Json = nlohmann::json;

struct Event {
  const Json& inner;
  std::string key;
  Time at;
};

Decoded one(Heard heard) {
  std::vector<Heard> all;
  all.push_back(std::move(heard));
  return all;
}

Decoded of_nobody(const Event& event, decltype(Inbound::what) what) {
  Heard heard;
  heard.inbound.key = event.key;
  heard.inbound.from = system_principal("slack");
  heard.inbound.at = event.at;
  heard.inbound.what = std::move(what);
  return one(std::move(heard));
}

// Messages of bots, ours among them, and edits or joins (subtypes) are nobody speaking to us.
bool spoken_to_us(const Json& message, const Self& self) {
  const std::string user = text_at(message, {"user"});
  return is_user_id(user) && user != self.user && member(message, "bot_id") == nullptr &&
         member(message, "subtype") == nullptr && member(message, "edited") == nullptr &&
         !flag_at(message, {"hidden"});
}

Decoded said(const Event& event, const Self& self, ReplyTo::Where where) {
  if (!spoken_to_us(event.inner, self)) return Ignored{"not said by a person to us"};
  Heard heard;
  heard.inbound.key = event.key;
  heard.inbound.from = PrincipalId{self.workspace(), text_at(event.inner, {"user"})};
  heard.inbound.at = event.at;
  heard.inbound.reply.channel = text_at(event.inner, {"channel"});
  heard.inbound.reply.thread = text_at(event.inner, {"thread_ts"});
  heard.inbound.reply.where = where;
  heard.inbound.what = Said{after_mention(read_text(text_at(event.inner, {"text"})), self.user)};
  return one(std::move(heard));
}

Decoded message(const Event& event, const Self& self) {
  // What is said in channels reaches us as app_mention, when it is for us.
  if (text_at(event.inner, {"channel_type"}) != "im") return Ignored{"not a direct message"};
  return said(event, self, ReplyTo::Where::direct);
}

Decoded person_changed(const Event& event, const Self& self) {
  const std::string user = text_at(event.inner, {"user", "id"});
  if (!is_user_id(user)) return Ignored{"a change of nobody"};
  return of_nobody(event, PersonChanged{PrincipalId{self.workspace(), user}});
}

Decoded group_changed(const Event& event) {
  std::string group = text_at(event.inner, {"subteam_id"});
  if (group.empty()) group = text_at(event.inner, {"subteam", "id"});
  if (group.empty()) return Ignored{"a change of no group"};
  return of_nobody(event, GroupChanged{"slack:usergroup/" + group});
}

// Some events carry the channel as an object, some as an id.
std::string channel_of(const Json& inner) {
  std::string channel = text_at(inner, {"channel", "id"});
  if (channel.empty()) channel = text_at(inner, {"channel"});
  return channel.empty() ? text_at(inner, {"old_channel_id"}) : channel;
}

Decoded channel_changed(const Event& event, std::string_view what) {
  std::string channel = channel_of(event.inner);
  if (channel.empty()) return Ignored{"a change of no channel"};
  return of_nobody(event, ChannelChanged{std::move(channel), std::string(what)});
}

// Only our own coming and going changes where we may post. Anybody's changes who a channel names as a group.
Decoded membership(const Event& event, const Self& self, std::string_view what) {
  if (text_at(event.inner, {"user"}) == self.user) return channel_changed(event, what);
  const std::string channel = channel_of(event.inner);
  if (!is_channel_id(channel)) return Ignored{"somebody came or went nowhere"};
  return of_nobody(event, GroupChanged{source_of_channel(channel)});
}

struct ChannelEvent {
  std::string_view type;
  std::string_view what;
};
constexpr std::array k_channel_events{ChannelEvent{"channel_archive", "archived"},
                                      ChannelEvent{"group_archive", "archived"},
                                      ChannelEvent{"channel_unarchive", "unarchived"},
                                      ChannelEvent{"group_unarchive", "unarchived"},
                                      ChannelEvent{"channel_deleted", "deleted"},
                                      ChannelEvent{"group_deleted", "deleted"},
                                      ChannelEvent{"channel_rename", "renamed"},
                                      ChannelEvent{"group_rename", "renamed"},
                                      ChannelEvent{"channel_shared", "shared"},
                                      ChannelEvent{"channel_unshared", "unshared"},
                                      ChannelEvent{"channel_id_changed", "moved"},
                                      ChannelEvent{"channel_left", "left"},
                                      ChannelEvent{"group_left", "left"}};

bool our_token_revoked(const Json& inner, const Self& self) {
  const Json* bots = member(inner, {"tokens", "bot"});
  if (bots == nullptr || !bots->is_array()) return false;
  for (const Json& user : *bots) {
    if (user.is_string() && user.get_ref<const std::string&>() == self.user) return true;
  }
  return false;
}

Decoded home_opened(const Event& event, const Self& self) {
  const std::string user = text_at(event.inner, {"user"});
  if (!is_user_id(user) || text_at(event.inner, {"tab"}) != "home") return Ignored{"another tab"};
  return HomeOpened{PrincipalId{self.workspace(), user}};
}

using Handler = Decoded (*)(const Event&, const Self&);
struct Understood {
  std::string_view type;
  Handler decode;
};

Decoded any_group_changed(const Event& event, const Self&) {
  return group_changed(event);
}

Decoded token_revoked(const Event& event, const Self& self) {
  if (our_token_revoked(event.inner, self)) return TokensLost{"the bot token was revoked"};
  return Ignored{"somebody else's token"};
}

constexpr std::array k_understood{
    Understood{"app_mention", [](const Event& event,
                                 const Self& self) { return said(event, self, ReplyTo::Where::channel); }},
    Understood{"message", message},
    Understood{"app_home_opened", home_opened},
    Understood{"user_change", person_changed},
    Understood{"team_join", person_changed},
    Understood{"subteam_members_changed", any_group_changed},
    Understood{"subteam_updated", any_group_changed},
    Understood{"subteam_created", any_group_changed},
    Understood{"member_left_channel",
               [](const Event& event, const Self& self) { return membership(event, self, "left"); }},
    Understood{"member_joined_channel",
               [](const Event& event, const Self& self) { return membership(event, self, "joined"); }},
    Understood{"app_uninstalled",
               [](const Event&, const Self&) -> Decoded { return TokensLost{"the app was uninstalled"}; }},
    Understood{"tokens_revoked", token_revoked}};

Decoded by_type(const Event& event, const Self& self, const std::string& type) {
  for (const auto& [name, decode] : k_understood) {
    if (type == name) return decode(event, self);
  }
  for (const auto& [name, what] : k_channel_events) {
    if (type == name) return channel_changed(event, what);
  }
  return Ignored{"event " + type.substr(0, 64)};
}

}  // namespace

std::set<std::string> events_understood() {
  std::set<std::string> types;
  for (const Understood& event : k_understood) {
    // The platform has one type for all messages and one subscription for each kind of conversation.
    types.insert(event.type == "message" ? "message.im" : std::string(event.type));
  }
  for (const ChannelEvent& event : k_channel_events) types.insert(std::string(event.type));
  return types;
}

Decoded decode_event(const Json& payload, const Self& self, Time received) {
  // app_rate_limited and others carry no event at all.
  const Json* inner = member(payload, "event");
  if (inner == nullptr || !inner->is_object())
    return Ignored{"payload " + text_at(payload, {"type"}).substr(0, 64)};
  std::string id = text_at(payload, {"event_id"});
  std::string ts = text_at(*inner, {"event_ts"});
  if (ts.empty()) ts = text_at(*inner, {"ts"});
  if (id.empty() && ts.empty()) return Ignored{"event that cannot be told apart"};
  if (id.empty()) id = text_at(*inner, {"type"}) + "/" + channel_of(*inner) + "/" + ts;
  Time at = time_of_ts(ts, received);
  const std::int64_t told = number_at(payload, {"event_time"});
  if (ts.empty() && told > 0) at = time_of_ts(std::to_string(told), received);
  const Event event{*inner, "event:" + id, at};
  return by_type(event, self, text_at(*inner, {"type"}));
}

}  // namespace jitbot::slack

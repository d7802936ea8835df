#include "bot/cards/inbound.hpp"

#include <nlohmann/json.hpp>

namespace jitbot {

namespace {

using Json = nlohmann::json;

Result<std::string> text_of(const Json& json, const char* name) {
  const auto found = json.find(name);
  if (found == json.end() || !found->is_string()) {
    return fail(ErrorKind::invalid, "a stored message is damaged",
                std::string("inbound: no text \"") + name + '"');
  }
  return found->get<std::string>();
}

// Left out when empty, so missing means empty.
std::string text_or_empty(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

void put(Json& json, const char* name, const std::string& text) {
  if (!text.empty()) json[name] = text;
}

Json principal_json(const PrincipalId& id) {
  return {{"workspace", id.workspace}, {"user", id.user}};
}

Result<PrincipalId> principal_from(const Json& json, const char* name) {
  const auto found = json.find(name);
  if (found == json.end() || !found->is_object()) {
    return fail(ErrorKind::invalid, "a stored message is damaged",
                std::string("inbound: no account \"") + name + '"');
  }
  PrincipalId id{text_or_empty(*found, "workspace"), text_or_empty(*found, "user")};
  if (id.workspace.empty() || id.user.empty()) {
    return fail(ErrorKind::invalid, "a stored message is damaged",
                std::string("inbound: half an account ") + name);
  }
  return id;
}

Json reply_json(const ReplyTo& reply) {
  Json json = Json::object();
  put(json, "channel", reply.channel);
  put(json, "thread", reply.thread);
  put(json, "message", reply.message);
  put(json, "url", reply.url.reveal());
  switch (reply.where) {
    case ReplyTo::Where::channel:
      break;
    case ReplyTo::Where::direct:
      json["direct"] = true;
      break;
  }
  return json;
}

ReplyTo reply_from(const Json& inbound) {
  ReplyTo reply;
  const auto found = inbound.find("reply");
  if (found == inbound.end() || !found->is_object()) return reply;
  reply.channel = text_or_empty(*found, "channel");
  reply.thread = text_or_empty(*found, "thread");
  reply.message = text_or_empty(*found, "message");
  reply.url = Secret(text_or_empty(*found, "url"));
  const auto direct = found->find("direct");
  if (direct != found->end() && direct->is_boolean() && direct->get<bool>())
    reply.where = ReplyTo::Where::direct;
  return reply;
}

struct WhatToJson {
  Json operator()(const Said& said) const { return {{"kind", "said"}, {"text", said.text}}; }
  Json operator()(const Clicked& clicked) const {
    return {{"kind", "clicked"}, {"button", encode(clicked.button)}};
  }
  Json operator()(const Submitted& submitted) const {
    Json json{{"kind", "submitted"}, {"form", to_string(submitted.form)}, {"values", submitted.values}};
    if (submitted.about) json["about"] = encode(*submitted.about);
    return json;
  }
  Json operator()(const PersonChanged& changed) const {
    return {{"kind", "person_changed"}, {"who", principal_json(changed.who)}};
  }
  Json operator()(const GroupChanged& changed) const {
    return {{"kind", "group_changed"}, {"source", changed.source}};
  }
  Json operator()(const ChannelChanged& changed) const {
    return {{"kind", "channel_changed"}, {"channel", changed.channel}, {"what", changed.what}};
  }
};

using What = decltype(Inbound::what);

Result<ButtonValue> button_from(const Json& json, const char* name) {
  const auto text = text_of(json, name);
  if (!text) return tl::make_unexpected(text.error());
  const auto button = decode_button(*text);
  if (!button) return fail(ErrorKind::invalid, "a stored message is damaged", "inbound: bad button");
  return *button;
}

Result<What> submitted_from(const Json& json) {
  Submitted submitted;
  const auto form = parse_form_kind(text_or_empty(json, "form"));
  if (!form) return fail(ErrorKind::invalid, "a stored message is damaged", "inbound: bad form");
  submitted.form = *form;
  if (json.contains("about")) {
    const auto about = button_from(json, "about");
    if (!about) return tl::make_unexpected(about.error());
    submitted.about = *about;
  }
  const auto values = json.find("values");
  if (values != json.end() && values->is_object()) {
    for (const auto& [name, value] : values->items()) {
      if (value.is_string()) submitted.values.emplace(name, value.get<std::string>());
    }
  }
  return What(std::move(submitted));
}

Result<What> channel_changed_from(const Json& json) {
  const auto channel = text_of(json, "channel");
  if (!channel) return tl::make_unexpected(channel.error());
  return What(ChannelChanged{*channel, text_or_empty(json, "what")});
}

Result<What> what_from(const Json& json) {
  const std::string kind = text_or_empty(json, "kind");
  if (kind == "said") {
    return text_of(json, "text").map([](std::string text) { return What(Said{std::move(text)}); });
  }
  if (kind == "clicked") {
    return button_from(json, "button").map([](ButtonValue button) {
      return What(Clicked{std::move(button)});
    });
  }
  if (kind == "submitted") return submitted_from(json);
  if (kind == "person_changed") {
    return principal_from(json, "who").map([](PrincipalId who) {
      return What(PersonChanged{std::move(who)});
    });
  }
  if (kind == "group_changed") {
    return text_of(json, "source").map([](std::string source) {
      return What(GroupChanged{std::move(source)});
    });
  }
  if (kind == "channel_changed") return channel_changed_from(json);
  return fail(ErrorKind::invalid, "a stored message is damaged", "inbound: unknown kind");
}

}  // namespace

Json to_json(const Inbound& inbound) {
  return {{"key", inbound.key},
          {"from", principal_json(inbound.from)},
          {"at", to_ms(inbound.at)},
          {"reply", reply_json(inbound.reply)},
          {"what", std::visit(WhatToJson{}, inbound.what)}};
}

Result<Inbound> inbound_from_json(const Json& json) {
  if (!json.is_object())
    return fail(ErrorKind::invalid, "a stored message is damaged", "inbound: not an object");
  Inbound inbound;
  const auto key = text_of(json, "key");
  if (!key) return tl::make_unexpected(key.error());
  inbound.key = *key;
  const auto from = principal_from(json, "from");
  if (!from) return tl::make_unexpected(from.error());
  inbound.from = *from;
  const auto at = json.find("at");
  if (at == json.end() || !at->is_number_integer()) {
    return fail(ErrorKind::invalid, "a stored message is damaged", "inbound: no time");
  }
  inbound.at = time_from_ms(at->get<std::int64_t>());
  inbound.reply = reply_from(json);
  const auto what = json.find("what");
  if (what == json.end() || !what->is_object()) {
    return fail(ErrorKind::invalid, "a stored message is damaged", "inbound: says nothing");
  }
  auto said = what_from(*what);
  if (!said) return tl::make_unexpected(std::move(said).error());
  inbound.what = std::move(*said);
  return inbound;
}

}  // namespace jitbot

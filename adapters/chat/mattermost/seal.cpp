#include "adapters/chat/mattermost/seal.hpp"

#include "adapters/chat/mattermost/digest.hpp"
#include "adapters/chat/read/json_read.hpp"

#include <nlohmann/json.hpp>

namespace jitbot::mattermost {

namespace {

using Json = nlohmann::json;
using chat::number_at;
using chat::text_at;

constexpr std::string_view k_click = "jitbot/mattermost/click\n";
constexpr std::string_view k_form = "jitbot/mattermost/form\n";
constexpr std::string_view k_votes = "jitbot/mattermost/votes\n";
constexpr std::size_t k_most_sealed = 16'384;

std::string mac_of(std::string_view purpose, std::string_view payload, const Secret& key) {
  return hmac_sha256(key, std::string(purpose) + std::string(payload));
}

std::string sealed(std::string_view purpose, const Json& json, const Secret& key) {
  const std::string payload = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  return to_base64url(payload) + "." + to_base64url(mac_of(purpose, payload, key));
}

// An empty key would open what everybody can make.
std::optional<Json> opened(std::string_view purpose, std::string_view text, const Secret& key) {
  const auto dot = text.find('.');
  if (key.empty() || text.size() > k_most_sealed || dot == std::string_view::npos) return std::nullopt;
  const auto payload = from_base64url(text.substr(0, dot));
  const auto mac = from_base64url(text.substr(dot + 1));
  if (!payload || !mac || !same_bytes(*mac, mac_of(purpose, *payload, key))) return std::nullopt;
  Json json = Json::parse(*payload, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  return json;
}

tl::expected<Json, SealFault> opened(std::string_view purpose, std::string_view text, const Secret& key,
                                     Time now) {
  auto json = opened(purpose, text, key);
  if (!json) return tl::unexpected<SealFault>(SealFault::forged);
  if (to_ms(now) > number_at(*json, {"expires"})) return tl::unexpected<SealFault>(SealFault::expired);
  return std::move(*json);
}

Json noted_json(const NotedVote& vote) {
  return Json::array({vote.user, vote.emoji, to_ms(vote.at)});
}

std::optional<NotedVote> noted_in(const Json& json) {
  if (!json.is_array() || json.size() != 3) return std::nullopt;
  if (!json[0].is_string() || !json[1].is_string() || !json[2].is_number_integer()) return std::nullopt;
  return NotedVote{json[0].get<std::string>(), json[1].get<std::string>(),
                   time_from_ms(json[2].get<std::int64_t>())};
}

}  // namespace

std::string seal(const ClickSeal& click, const Secret& key) {
  return sealed(k_click,
                {{"button", encode(click.button)},
                 {"channel", click.channel},
                 {"key", click.message_key},
                 {"expires", to_ms(click.expires)}},
                key);
}

std::string seal(const FormSeal& form, const Secret& key) {
  Json json{{"form", to_string(form.form)},  {"user", form.user},     {"nonce", form.nonce},
            {"channel", form.channel},       {"thread", form.thread}, {"message", form.message},
            {"expires", to_ms(form.expires)}};
  if (form.about) json["about"] = encode(*form.about);
  if (form.where == ReplyTo::Where::direct) json["direct"] = 1;
  return sealed(k_form, json, key);
}

tl::expected<ClickSeal, SealFault> unseal_click(std::string_view sealed, const Secret& key, Time now) {
  const auto json = opened(k_click, sealed, key, now);
  if (!json) return tl::unexpected<SealFault>(json.error());
  const auto button = decode_button(text_at(*json, {"button"}));
  if (!button) return tl::unexpected<SealFault>(SealFault::forged);
  return ClickSeal{*button, text_at(*json, {"channel"}), text_at(*json, {"key"}),
                   time_from_ms(number_at(*json, {"expires"}))};
}

tl::expected<FormSeal, SealFault> unseal_form(std::string_view sealed, const Secret& key, Time now) {
  const auto json = opened(k_form, sealed, key, now);
  if (!json) return tl::unexpected<SealFault>(json.error());
  const auto kind = parse_form_kind(text_at(*json, {"form"}));
  if (!kind) return tl::unexpected<SealFault>(SealFault::forged);
  FormSeal form;
  form.form = *kind;
  form.about = decode_button(text_at(*json, {"about"}));
  form.user = text_at(*json, {"user"});
  form.nonce = text_at(*json, {"nonce"});
  form.channel = text_at(*json, {"channel"});
  form.thread = text_at(*json, {"thread"});
  form.message = text_at(*json, {"message"});
  if (number_at(*json, {"direct"}) == 1) form.where = ReplyTo::Where::direct;
  form.expires = time_from_ms(number_at(*json, {"expires"}));
  return form;
}

std::string seal(const VoteSeal& votes, const Secret& key) {
  Json json{{"votes", Json::array()}, {"channel", votes.channel}, {"key", votes.message_key}};
  for (const ButtonValue& vote : votes.votes) json["votes"].push_back(encode(vote));
  if (votes.since) {
    json["since"] = to_ms(*votes.since);
  } else {
    json["edited"] = to_ms(votes.edited);
  }
  for (const NotedVote& noted : votes.noted) json["noted"].push_back(noted_json(noted));
  return sealed(k_votes, json, key);
}

std::optional<VoteSeal> unseal_votes(std::string_view sealed, const Secret& key) {
  const auto json = opened(k_votes, sealed, key);
  if (!json) return std::nullopt;
  VoteSeal read;
  read.channel = text_at(*json, {"channel"});
  read.message_key = text_at(*json, {"key"});
  if (json->contains("since")) read.since = time_from_ms(number_at(*json, {"since"}));
  read.edited = time_from_ms(number_at(*json, {"edited"}));
  for (const Json& vote : json->value("votes", Json::array())) {
    const auto button = vote.is_string() ? decode_button(vote.get_ref<const std::string&>()) : std::nullopt;
    if (!button) return std::nullopt;
    read.votes.push_back(*button);
  }
  for (const Json& noted : json->value("noted", Json::array())) {
    auto vote = noted_in(noted);
    if (!vote) return std::nullopt;
    read.noted.push_back(std::move(*vote));
  }
  return read;
}

}  // namespace jitbot::mattermost

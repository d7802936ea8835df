#include "adapters/chat/mattermost/decode.hpp"
#include "adapters/chat/mattermost/decode_parts.hpp"
#include "adapters/chat/mattermost/digest.hpp"
#include "adapters/chat/mattermost/ids.hpp"
#include "adapters/chat/mattermost/seal.hpp"
#include "adapters/chat/mattermost/trigger.hpp"
#include "adapters/chat/read/json_read.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace jitbot::mattermost {

namespace {

using Json = nlohmann::json;
using chat::flag_at;
using chat::member;
using chat::text_at;

// What every callback claims about itself.
struct Claim {
  std::string user;
  std::string channel;
  std::string channel_name;
  std::string post;
  std::string trigger;
};

DecodedCallback refused(Refusal why, const Claim& claim, const Trust& trust) {
  return Refused{why, trust.self.principal(claim.user), claim.channel, claim.post};
}

bool is_whole(const Claim& claim) {
  return is_id(claim.user) && is_id(claim.channel) && !claim.trigger.empty();
}

ReplyTo reply_to(const Claim& claim, const Trust& trust) {
  ReplyTo reply;
  reply.channel = claim.channel;
  reply.message = claim.post;
  if (is_direct_with(claim.channel_name, trust.self.user)) reply.where = ReplyTo::Where::direct;
  return reply;
}

Refusal refusal_of(TriggerFault fault) {
  switch (fault) {
    case TriggerFault::malformed:
    case TriggerFault::forged:
    case TriggerFault::other_user:
      return Refusal::trigger_forged;
    case TriggerFault::stale:
      return Refusal::trigger_stale;
  }
  return Refusal::trigger_forged;
}

Refusal refusal_of(SealFault fault) {
  switch (fault) {
    case SealFault::forged:
      return Refusal::forged;
    case SealFault::expired:
      return Refusal::expired;
  }
  return Refusal::forged;
}

// When it was done, as the server signed it; where no key is published, when it came.
tl::expected<Time, Refusal> moment_of(const Claim& claim, const Trust& trust, Time received) {
  if (trust.signing_key.empty()) return received;
  const Time now = trust.server_now.value_or(received);
  const auto signed_at = check_trigger(claim.trigger, trust.signing_key, claim.user, now);
  if (!signed_at) return tl::unexpected<Refusal>(refusal_of(signed_at.error()));
  return *signed_at;
}

// Header and form carry the same token; what is there must be right, and one must be there.
bool has_token(std::string_view authorization, const std::string& token, const Secret& expected) {
  constexpr std::string_view k_scheme = "Token ";
  if (expected.empty()) return false;
  const bool header = authorization.starts_with(k_scheme);
  if (!header && token.empty()) return false;
  const bool header_fits = !header || same_bytes(authorization.substr(k_scheme.size()), expected.reveal());
  const bool form_fits = token.empty() || same_bytes(token, expected.reveal());
  return header_fits && form_fits;
}

// The same act has the same name, however its signature is written: whoever saw one can write it otherwise.
std::string name_of(const std::string& trigger_id) {
  const auto trigger = read_trigger(trigger_id);
  return sha256_hex(trigger ? trigger->signed_text : trigger_id);
}

// The server names whom it found: names and ids in the same order.
Ids told_ids(const FormValues& form) {
  Ids ids;
  const auto names = form.find(std::string_view("user_mentions"));
  const auto found = form.find(std::string_view("user_mentions_ids"));
  if (names == form.end() || found == form.end() || names->second.size() != found->second.size()) return ids;
  for (std::size_t i = 0; i < names->second.size(); ++i) {
    if (is_username(names->second[i]) && is_id(found->second[i]))
      ids.emplace(names->second[i], found->second[i]);
  }
  return ids;
}

std::map<std::string, std::string> values_of(const Json& submission) {
  std::map<std::string, std::string> values;
  for (const auto& [name, value] : submission.items()) {
    if (!value.is_string()) continue;
    std::string text = clean_text(value.get_ref<const std::string&>());
    if (!text.empty()) values.emplace(name, std::move(text));
  }
  return values;
}

Heard filled_in(const FormSeal& form, const Json& submission, const Claim& claim, const Trust& trust,
                Time received) {
  Heard heard;
  heard.inbound.key = "dialog:" + form.nonce;
  heard.inbound.from = trust.self.principal(claim.user);
  heard.inbound.at = received;
  heard.inbound.reply.channel = form.channel;
  heard.inbound.reply.thread = form.thread;
  heard.inbound.reply.message = form.message;
  heard.inbound.reply.where = form.where;
  heard.inbound.what = Submitted{form.form, form.about, values_of(submission)};
  for (const auto& [name, value] : submission.items()) heard.fields.push_back(name);
  return heard;
}

// It is told as it was typed, in any case; servers keep it in small letters (mattermost.md §4.1).
std::string command_in(const FormValues& values) {
  constexpr std::size_t k_longest = 64;
  std::string command = first_of(values, "command");
  const auto fits = [](char c) {
    return c > ' ' && c < 0x7f && c != '`' && c != '"' && c != '<' && c != '@';
  };
  const bool whole = command.size() > 1 && command.size() <= k_longest && command.front() == '/';
  if (!whole || !std::ranges::all_of(command, fits)) return {};
  std::ranges::transform(command, command.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return command;
}

}  // namespace

std::string_view to_string(Refusal refusal) {
  switch (refusal) {
    case Refusal::malformed:
      return "malformed";
    case Refusal::unauthenticated:
      return "unauthenticated";
    case Refusal::forged:
      return "forged";
    case Refusal::expired:
      return "expired";
    case Refusal::elsewhere:
      return "elsewhere";
    case Refusal::another_user:
      return "another_user";
    case Refusal::relayed:
      return "relayed";
    case Refusal::trigger_forged:
      return "trigger_forged";
    case Refusal::trigger_stale:
      return "trigger_stale";
  }
  return "malformed";
}

DecodedCallback decode_command(std::string_view authorization, std::string_view form, const Trust& trust,
                               Time received) {
  const FormValues values = read_form(form);
  const Claim claim{first_of(values, "user_id"),
                    first_of(values, "channel_id"),
                    first_of(values, "channel_name"),
                    {},
                    first_of(values, "trigger_id")};
  if (!has_token(authorization, first_of(values, "token"), trust.command_token))
    return refused(Refusal::unauthenticated, claim, trust);
  if (!is_whole(claim)) return refused(Refusal::malformed, claim, trust);
  const auto at = moment_of(claim, trust, received);
  if (!at) return refused(at.error(), claim, trust);
  Heard heard;
  const std::string text = clean_text(first_of(values, "text"));
  heard.inbound.key = "command:" + name_of(claim.trigger);
  heard.inbound.from = trust.self.principal(claim.user);
  heard.inbound.at = *at;
  heard.inbound.reply = reply_to(claim, trust);
  heard.inbound.reply.url = Secret(first_of(values, "response_url"));
  heard.inbound.what = Said{with_mentions(text, told_ids(values))};
  heard.names = names_in(std::get<Said>(heard.inbound.what).text);
  heard.trigger = claim.trigger;
  heard.command = command_in(values);
  return heard;
}

DecodedCallback decode_click(std::string_view body, const Trust& trust, Time received) {
  const Json json = Json::parse(body, nullptr, false);
  const Claim claim{text_at(json, {"user_id"}), text_at(json, {"channel_id"}),
                    text_at(json, {"channel_name"}), text_at(json, {"post_id"}),
                    text_at(json, {"trigger_id"})};
  // Any user may have the server send a submission of his own to any address.
  if (text_at(json, {"type"}) == "dialog_submission") return refused(Refusal::relayed, claim, trust);
  if (!is_whole(claim) || !is_id(claim.post)) return refused(Refusal::malformed, claim, trust);
  const auto click = unseal_click(text_at(json, {"context", "sealed"}), trust.seal_key, received);
  if (!click) return refused(refusal_of(click.error()), claim, trust);
  if (click->channel != claim.channel) return refused(Refusal::elsewhere, claim, trust);
  const auto at = moment_of(claim, trust, received);
  if (!at) return refused(at.error(), claim, trust);
  Heard heard;
  heard.inbound.key = "click:" + name_of(claim.trigger);
  heard.inbound.from = trust.self.principal(claim.user);
  heard.inbound.at = *at;
  heard.inbound.reply = reply_to(claim, trust);
  heard.inbound.what = Clicked{click->button};
  heard.trigger = claim.trigger;
  heard.message_key = click->message_key;
  return heard;
}

DecodedCallback decode_dialog(std::string_view body, const Trust& trust, Time received) {
  const Json json = Json::parse(body, nullptr, false);
  const Claim claim{text_at(json, {"user_id"}), text_at(json, {"channel_id"}), {}, {}, {}};
  if (text_at(json, {"type"}) != "dialog_submission" || !is_id(claim.user))
    return refused(Refusal::malformed, claim, trust);
  const auto form = unseal_form(text_at(json, {"state"}), trust.seal_key, received);
  if (!form) return refused(refusal_of(form.error()), claim, trust);
  if (form->user != claim.user) return refused(Refusal::another_user, claim, trust);
  if (flag_at(json, {"cancelled"})) return Cancelled{trust.self.principal(claim.user)};
  const Json* submission = member(json, "submission");
  if (submission == nullptr || !submission->is_object()) return refused(Refusal::malformed, claim, trust);
  return filled_in(*form, *submission, claim, trust, received);
}

}  // namespace jitbot::mattermost

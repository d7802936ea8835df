#include "adapters/chat/mattermost/channel_id.hpp"
#include "adapters/chat/mattermost/parts.hpp"
#include "adapters/chat/mattermost/votes_on.hpp"
#include "adapters/chat/read/json_read.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

// What is said where nobody waits for an answer: messages, reactions, changes.
namespace jitbot::mattermost {

namespace {

using Json = nlohmann::json;
using chat::text_at;

// Mentions are told by id, as they are at this moment.
Task<Result<Heard>> with_mentions(PartsPtr parts, Heard heard) {
  if (heard.names.empty()) co_return heard;
  auto names = heard.names;
  auto ids = co_await parts->names.ids_of(std::move(names));
  if (!ids) co_return tl::unexpected<Error>(ids.error());
  resolve(heard, *ids);
  co_return heard;
}

// Somebody reacted, or had, as far as the message itself tells (rest_posts_since.json).
bool has_reactions(const Json& post, const Secret& key) {
  const Json* told = chat::member(post, "has_reactions");
  if (told != nullptr && told->is_boolean() && told->get<bool>()) return true;
  const Json* listed = chat::member(post, {"metadata", "reactions"});
  if (listed != nullptr && listed->is_array() && !listed->empty()) return true;
  return !votes_on(post, key).sealed.noted.empty();
}

// Our own cards, when they changed: by somebody's reaction, which no event told while we were away.
std::string own_card_in(const Json& event, const Mattermost::Parts& parts) {
  const Json post = Json::parse(text_at(event, {"data", "post"}), nullptr, false);
  if (parts.options.callbacks || text_at(post, {"user_id"}) != parts.self.user) return {};
  return has_reactions(post, parts.options.seal_key) ? text_at(post, {"id"}) : std::string();
}

Task<Result<void>> take(PartsPtr parts, std::shared_ptr<const Json> event, std::string connection) {
  DecodedEvent decoded = decode_event(*event, connection, parts->self, parts->clock.now());
  if (auto* heard = std::get_if<Heard>(&decoded)) {
    auto resolved = co_await with_mentions(parts, std::move(*heard));
    if (!resolved) co_return tl::unexpected<Error>(resolved.error());
    co_return co_await accept(parts, std::move(resolved->inbound));
  }
  if (auto* reaction = std::get_if<Reaction>(&decoded)) {
    auto told = std::move(*reaction);
    co_return co_await hear_reaction(parts, std::move(told));
  }
  spdlog::debug("mattermost: ignored: {}", std::get<Ignored>(decoded).why);
  auto card = own_card_in(*event, *parts);
  if (!card.empty()) co_return co_await look_at_reactions(parts, std::move(card));
  co_return Result<void>();
}

Task<Result<void>> hear_missed(PartsPtr parts, CatchUp::Json event) {
  co_return co_await take(std::move(parts), std::move(event), "missed");
}

}  // namespace

Busy::Busy(PartsPtr parts) : parts_(std::move(parts)) {
  ++parts_->handling;
}

Busy::~Busy() {
  if (--parts_->handling == 0 && parts_->stopping) parts_->idle->set();
}

Inbound for_the_bot(Inbound inbound) {
  inbound.key = std::string(k_platform_prefix) + inbound.key;
  if (!inbound.reply.channel.empty()) inbound.reply.channel = platform_channel(inbound.reply.channel);
  if (auto* changed = std::get_if<ChannelChanged>(&inbound.what))
    changed->channel = platform_channel(changed->channel);
  return inbound;
}

Task<Result<void>> accept(PartsPtr parts, Inbound inbound) {
  Inbox* const inbox = parts->inbox;
  if (inbox == nullptr) co_return fail(ErrorKind::unavailable, "stopping", "stopped");
  Inbound known = for_the_bot(std::move(inbound));
  const std::string key = known.key;
  auto accepted = co_await inbox->accept(std::move(known));
  if (!accepted) spdlog::error("mattermost: {} not kept: {}", key, accepted.error().detail);
  co_return accepted;
}

Task<Result<void>> hear(PartsPtr parts, std::shared_ptr<const Json> event, std::string connection) {
  if (parts->inbox == nullptr) co_return fail(ErrorKind::unavailable, "stopping", "stopped");
  const Busy busy(parts);
  const auto catch_up = parts->catch_up;
  if (catch_up && catch_up->knows(*event)) co_return Result<void>();
  auto taken = co_await take(parts, event, std::move(connection));
  if (taken && catch_up) catch_up->note(*event);
  co_return taken;
}

Task<Result<void>> look_up_missed(PartsPtr parts) {
  const auto catch_up = parts->catch_up;
  if (!catch_up) co_return Result<void>();
  const Busy busy(parts);
  CatchUp::Hand hand = [parts](CatchUp::Json event) { return hear_missed(parts, std::move(event)); };
  co_return co_await catch_up->run(std::move(hand));
}

}  // namespace jitbot::mattermost

#include "adapters/chat/slack/answers.hpp"

#include "adapters/chat/slack/render.hpp"
#include "adapters/chat/slack/text_in.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

namespace jitbot::slack {

namespace {

using Json = nlohmann::json;

// docs.slack.dev, "Handling user interaction": how long and how often an answer address works.
constexpr Millis k_address_life = 30min;
constexpr int k_address_uses = 5;

std::shared_ptr<const Json> private_message(const Card& card, Dress dress, Time now) {
  Json message = render_message(card, dress, now);
  message["response_type"] = "ephemeral";
  return std::make_shared<const Json>(std::move(message));
}

// The message that was clicked stays as it is.
std::shared_ptr<const Json> addressed_message(const Inbound& to, const Card& card, Dress dress, Time now) {
  Json message = *private_message(card, dress, now);
  message["replace_original"] = false;
  if (!to.reply.thread.empty()) message["thread_ts"] = to.reply.thread;
  return std::make_shared<const Json>(std::move(message));
}

}  // namespace

std::shared_ptr<Answers::Slot> Answers::open(std::string key, Acknowledge acknowledge) {
  if (slots_.contains(key)) return nullptr;
  auto slot = std::make_shared<Slot>();
  slot->key = key;
  slot->acknowledge = std::move(acknowledge);
  slot->timer = clock_.make_timer();
  slots_.emplace(std::move(key), slot);
  return slot;
}

void Answers::withdraw(const std::shared_ptr<Slot>& slot) {
  slot->used = true;
  slots_.erase(slot->key);
}

Task<void> Answers::finish(std::shared_ptr<Slot> slot, Millis deadline) {
  const Millis left = deadline - clock_.steady();
  const auto timer = slot->timer;
  if (!slot->used && left > Millis{0}) co_await timer->wait(left);
  if (slot->used) co_return;
  withdraw(slot);
  std::shared_ptr<const Json> nothing;
  co_await slot->acknowledge(std::move(nothing));
}

void Answers::release_all() {
  for (const auto& [key, slot] : slots_) slot->timer->poke();
}

bool Answers::may_use(const Inbound& to) {
  const std::string& address = to.reply.url.reveal();
  if (address.empty() || clock_.now() - to.at > k_address_life) return false;
  const Millis now = clock_.steady();
  std::erase_if(uses_, [now](const auto& entry) { return now - entry.second.first > k_address_life; });
  Uses& uses = uses_.try_emplace(address, Uses{0, now}).first->second;
  return uses.count++ < k_address_uses;
}

Task<Result<void>> Answers::by_address(Inbound to, Card card) {
  Result<void> sent = fail(ErrorKind::not_found, "the answer address is used up", "response_url");
  for (const Dress dress : {Dress::full, Dress::bare}) {
    if (!may_use(to)) co_return sent;
    Secret url = to.reply.url;
    sent = co_await api_.respond(std::move(url), addressed_message(to, card, dress, clock_.now()));
    if (sent || sent.error().kind != ErrorKind::invalid) co_return sent;
  }
  co_return sent;
}

Task<Result<void>> Answers::answer(Inbound to, Card card) {
  if (const auto waiting = slots_.find(to.key); waiting != slots_.end()) {
    const auto slot = waiting->second;
    withdraw(slot);
    slot->timer->poke();
    auto sent = co_await slot->acknowledge(private_message(card, Dress::full, clock_.now()));
    if (sent) co_return sent;
  }
  if (!is_user_id(to.from.user)) co_return fail(ErrorKind::refused, "nobody asked", "answer to " + to.key);
  auto by_url = co_await by_address(to, card);
  if (by_url) co_return by_url;
  if (to.reply.where == ReplyTo::Where::direct && !to.reply.channel.empty()) {
    Place place{to.reply.channel, to.reply.thread, std::nullopt};
    auto posted = co_await messenger_.post(std::move(place), card, "answer:" + to.key);
    if (posted) co_return Result<void>{};
  } else if (!to.reply.channel.empty()) {
    auto shown = co_await messenger_.post_privately(to.reply.channel, to.reply.thread, to.from.user, card);
    if (shown) co_return shown;
  }
  Place direct{std::string(), std::string(), to.from};
  auto posted = co_await messenger_.post(std::move(direct), card, "answer:" + to.key);
  if (posted) co_return Result<void>{};
  spdlog::warn("slack: no way to answer: {}", posted.error().detail);
  co_return tl::make_unexpected(std::move(posted).error());
}

}  // namespace jitbot::slack

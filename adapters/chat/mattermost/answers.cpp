#include "adapters/chat/mattermost/answers.hpp"

namespace jitbot::mattermost {

namespace {

constexpr Millis k_address_life = 30min;
constexpr int k_address_uses = 5;

}  // namespace

std::shared_ptr<OpenCallbacks::Slot> OpenCallbacks::open(std::string key) {
  if (slots_.contains(key)) return nullptr;
  auto slot = std::make_shared<Slot>();
  slot->key = key;
  slot->timer = clock_.make_timer();
  slots_.emplace(std::move(key), slot);
  return slot;
}

void OpenCallbacks::close(const std::shared_ptr<Slot>& slot) {
  const auto open = slots_.find(slot->key);
  if (open != slots_.end() && open->second == slot) slots_.erase(open);
}

Task<std::optional<Card>> OpenCallbacks::wait(std::shared_ptr<Slot> slot, Millis deadline) {
  const Millis left = deadline - clock_.steady();
  if (!slot->card && left > Millis{0}) co_await slot->timer->wait(left);
  close(slot);
  co_return std::move(slot->card);
}

bool OpenCallbacks::answer(const std::string& key, const Card& card) {
  const auto open = slots_.find(key);
  if (open == slots_.end()) return false;
  const auto slot = open->second;
  slots_.erase(open);
  slot->card = card;
  slot->timer->poke();
  return true;
}

void OpenCallbacks::release_all() {
  for (const auto& [key, slot] : slots_) slot->timer->poke();
}

bool AddressUses::may_use(const Secret& address, Time given) {
  if (address.empty() || clock_.now() - given > k_address_life) return false;
  const Millis now = clock_.steady();
  std::erase_if(uses_, [now](const auto& entry) { return now - entry.second.first > k_address_life; });
  Uses& uses = uses_.try_emplace(address.reveal(), Uses{0, now}).first->second;
  return uses.count++ < k_address_uses;
}

}  // namespace jitbot::mattermost

#include "adapters/chat/mattermost/trigger.hpp"

#include "adapters/chat/mattermost/digest.hpp"
#include "adapters/chat/mattermost/ids.hpp"

#include <charconv>
#include <cstdint>

namespace jitbot::mattermost {

namespace {

constexpr std::size_t k_most_trigger = 1024;
constexpr std::size_t k_most_digits = 15;

std::optional<std::int64_t> digits(std::string_view text) {
  std::int64_t value = 0;
  if (text.empty() || text.size() > k_most_digits) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

}  // namespace

std::optional<Trigger> read_trigger(std::string_view trigger_id) {
  if (trigger_id.size() > k_most_trigger) return std::nullopt;
  const auto text = from_base64(trigger_id);
  if (!text) return std::nullopt;
  const auto client = text->find(':');
  if (client == std::string::npos) return std::nullopt;
  const auto user = text->find(':', client + 1);
  if (user == std::string::npos) return std::nullopt;
  const auto time = text->find(':', user + 1);
  if (time == std::string::npos) return std::nullopt;
  const std::string_view all = *text;
  const auto at = digits(all.substr(user + 1, time - user - 1));
  auto signature = from_base64(all.substr(time + 1));
  if (!at || !signature) return std::nullopt;
  return Trigger{std::string(all.substr(client + 1, user - client - 1)), time_from_ms(*at),
                 std::string(all.substr(0, time + 1)), std::move(*signature)};
}

tl::expected<Time, TriggerFault> check_trigger(std::string_view trigger_id, std::string_view signing_key,
                                               std::string_view user, Time now) {
  const auto fault = [](TriggerFault what) { return tl::unexpected<TriggerFault>(what); };
  const auto trigger = read_trigger(trigger_id);
  if (!trigger || !is_id(trigger->user)) return fault(TriggerFault::malformed);
  if (!is_signed(trigger->signed_text, trigger->signature, signing_key)) return fault(TriggerFault::forged);
  if (trigger->user != user) return fault(TriggerFault::other_user);
  if (trigger->at > now + k_trigger_age || trigger->at < now - k_trigger_age)
    return fault(TriggerFault::stale);
  return trigger->at;
}

}  // namespace jitbot::mattermost

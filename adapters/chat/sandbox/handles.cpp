#include "adapters/chat/sandbox/handles.hpp"

#include "adapters/chat/sandbox/ids.hpp"

#include <fmt/format.h>

namespace jitbot::sandbox {

std::string Handles::issue_ticket() {
  std::string ticket = random_uuid(random_);
  tickets_.emplace(ticket, clock_.steady());
  return ticket;
}

bool Handles::redeem_ticket(const std::string& ticket) {
  const auto found = tickets_.find(ticket);
  if (found == tickets_.end()) return false;
  const Millis age = clock_.steady() - found->second;
  tickets_.erase(found);
  return age <= k_ticket_life;
}

std::string Handles::issue_trigger(std::string user, std::string view) {
  std::string id = fmt::format("{}.{}.{}", random_.below(9'000'000'000'000) + 1'000'000'000'000,
                               random_.below(900'000'000'000) + 100'000'000'000, random_hex(random_, 32));
  triggers_[id] = Trigger{std::move(user), std::move(view), clock_.steady()};
  return id;
}

tl::expected<Trigger, std::string> Handles::redeem_trigger(const std::string& id) {
  const auto found = triggers_.find(id);
  if (found == triggers_.end()) return tl::unexpected<std::string>("invalid_arguments");
  Trigger& trigger = found->second;
  if (trigger.used) return tl::unexpected<std::string>("exchanged_trigger_id");
  if (clock_.steady() - trigger.issued > k_trigger_life)
    return tl::unexpected<std::string>("expired_trigger_id");
  trigger.used = true;
  return trigger;
}

ResponseUrl& Handles::issue_response_url(std::string kind, const std::string& team, ResponseUrl details) {
  details.path = fmt::format("/{}/{}/{}/{}", kind, team, random_.below(9'000'000'000'000) + 1'000'000'000'000,
                             random_hex(random_, 24));
  details.issued = clock_.steady();
  std::string path = details.path;
  return response_urls_.insert_or_assign(std::move(path), std::move(details)).first->second;
}

tl::expected<ResponseUrl, std::string> Handles::redeem_response_url(const std::string& path) {
  const auto found = response_urls_.find(path);
  if (found == response_urls_.end()) return tl::unexpected<std::string>("not_found");
  ResponseUrl& url = found->second;
  if (clock_.steady() - url.issued > k_response_url_life) return tl::unexpected<std::string>("expired_url");
  if (url.uses >= k_response_url_uses) return tl::unexpected<std::string>("used_url");
  ++url.uses;
  return url;
}

}  // namespace jitbot::sandbox

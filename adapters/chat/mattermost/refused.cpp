#include "adapters/chat/mattermost/ids.hpp"
#include "adapters/chat/mattermost/parts.hpp"

#include <spdlog/spdlog.h>

namespace jitbot::mattermost {

namespace {

// Whoever reaches the port may claim what he likes: what is no id is not repeated.
std::string claimed(std::string id) {
  return is_id(id) ? std::move(id) : std::string();
}

}  // namespace

void tell_refused(const Mattermost::Parts& parts, std::string_view what, RefusedCallback refused) {
  refused.what = what;
  refused.user = claimed(std::move(refused.user));
  refused.channel = claimed(std::move(refused.channel));
  refused.post = claimed(std::move(refused.post));
  spdlog::warn("mattermost: refused a {}: {} user={} channel={} post={}", refused.what, refused.why,
               refused.user, refused.channel, refused.post);
  if (parts.options.on_refused) parts.options.on_refused(refused);
}

}  // namespace jitbot::mattermost

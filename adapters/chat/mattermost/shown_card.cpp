#include "adapters/chat/mattermost/shown_card.hpp"

#include "adapters/chat/mattermost/render.hpp"
#include "adapters/chat/read/json_read.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace jitbot::mattermost {

namespace {

using Json = nlohmann::json;
using chat::text_at;

constexpr std::size_t k_most_noted = 40;  // people; older posts hold 8000 characters in all

}  // namespace

bool is_vote(std::string_view emoji) {
  return emoji == k_approve_emoji || emoji == k_deny_emoji;
}

bool is_lasting(const Error& error) {
  return error.kind == ErrorKind::refused || error.kind == ErrorKind::not_found ||
         error.kind == ErrorKind::invalid;
}

Task<Result<ShownPtr>> look_at(PartsPtr parts, std::string id) {
  auto post = co_await parts->messenger.message(id);
  if (!post && is_lasting(post.error())) co_return ShownPtr();
  if (!post) co_return tl::unexpected<Error>(post.error());
  if (text_at(**post, {"user_id"}) != parts->self.user || key_of_post(**post).empty()) co_return ShownPtr();
  auto now = co_await parts->messenger.reactions(id);
  if (!now && is_lasting(now.error())) co_return ShownPtr();
  if (!now) co_return tl::unexpected<Error>(now.error());
  auto shown = std::make_shared<Shown>();
  shown->post = std::move(id);
  shown->props = (*post)->value("props", Json::object());
  shown->channel = text_at(**post, {"channel_id"});
  shown->thread = text_at(**post, {"root_id"});
  shown->is_card = key_of_post(**post).starts_with("card/");
  shown->votes = votes_on(**post, parts->options.seal_key);
  shown->reactions = std::move(*now);
  std::erase_if(shown->reactions,
                [&](const Reacted& one) { return !is_vote(one.emoji) || one.user == parts->self.user; });
  std::ranges::sort(shown->reactions, {}, &Reacted::at);
  co_return shown;
}

Task<Result<void>> note(PartsPtr parts, ShownPtr shown, std::vector<NotedVote> noted) {
  std::ranges::sort(noted, {}, &NotedVote::at);
  if (noted.size() > k_most_noted) noted.erase(noted.begin(), noted.end() - k_most_noted);
  VoteSeal sealed = shown->votes.sealed;
  sealed.since = shown->votes.shown_since;
  sealed.noted = std::move(noted);
  Json props = shown->props;
  props[k_votes_prop] = seal(sealed, parts->options.seal_key);
  auto put = co_await parts->messenger.put_props(shown->post, props);
  if (!put && !is_lasting(put.error())) co_return put;
  if (!put) spdlog::warn("mattermost: post={} cannot be changed: {}", shown->post, put.error().detail);
  shown->props = std::move(props);
  shown->votes.sealed = std::move(sealed);
  co_return Result<void>();
}

}  // namespace jitbot::mattermost

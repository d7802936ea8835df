#include "adapters/chat/mattermost/catch_up.hpp"

#include "adapters/chat/read/json_read.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <map>
#include <tuple>

namespace jitbot::mattermost {

using nlohmann::json;

namespace {

using chat::member;
using chat::number_at;
using chat::text_at;

constexpr std::int64_t k_overlap_ms = 60'000;
constexpr std::size_t k_most_since = 1000;  // posts in one answer to `since`; it may have left some out
constexpr int k_page = 200;
constexpr int k_most_pages = 50;

using Post = std::shared_ptr<const json>;
using Posts = std::vector<Post>;

// The posts of a list, in the list's order. The table beside it also holds what threads began with.
Result<Posts> posts_of(const json& body) {
  const json* order = member(body, "order");
  const json* table = member(body, "posts");
  if (order == nullptr || !order->is_array() || table == nullptr) {
    return fail(ErrorKind::unavailable, "Mattermost does not list the messages", "posts: no order");
  }
  Posts posts;
  for (const json& id : *order) {
    if (!id.is_string()) continue;
    const json* post = member(*table, id.get_ref<const std::string&>());
    if (post != nullptr && post->is_object()) posts.push_back(std::make_shared<const json>(*post));
  }
  return posts;
}

bool counts(const json& post) {
  return number_at(post, {"delete_at"}) == 0 && text_at(post, {"original_id"}).empty();
}

bool earlier(const Post& a, const Post& b) {
  return std::make_tuple(number_at(*a, {"create_at"}), text_at(*a, {"id"})) <
         std::make_tuple(number_at(*b, {"create_at"}), text_at(*b, {"id"}));
}

// Left, or archived, between the list and the question.
bool is_gone(const Error& error) {
  return error.kind == ErrorKind::refused || error.kind == ErrorKind::not_found;
}

// As the socket would have told it, so that there is one way to read what somebody said.
Post as_event(const json& post, std::string_view name, const json& channel) {
  json event;
  event["event"] = name;
  event["data"] = channel;
  event["data"]["post"] = post.dump(-1, ' ', false, json::error_handler_t::replace);
  event["broadcast"] = {{"channel_id", text_at(post, {"channel_id"})}};
  return std::make_shared<const json>(std::move(event));
}

}  // namespace

struct CatchUp::Channel {
  std::string id;
  std::string type;
  std::string name;
  std::string team;
  std::int64_t last_post_at = 0;
};

std::optional<PostState> post_state(const json& event) {
  const std::string name = text_at(event, {"event"});
  if (name != "posted" && name != "post_edited") return std::nullopt;
  const json post = json::parse(text_at(event, {"data", "post"}), nullptr, false);
  PostState state{text_at(post, {"id"}), text_at(post, {"channel_id"}), number_at(post, {"update_at"})};
  if (state.post.empty()) return std::nullopt;
  return state;
}

bool CatchUp::knows(const json& event) const {
  const auto state = post_state(event);
  return state && seen_.knows(*state);
}

void CatchUp::note(const json& event) {
  if (const auto state = post_state(event)) seen_.note(*state);
}

Task<Result<std::vector<CatchUp::Channel>>> CatchUp::channels() {
  // Direct messages are listed with every team.
  const auto reply = co_await rest_.get("/users/me/teams/" + team_ + "/channels");
  if (!reply) co_return tl::make_unexpected(reply.error().error);
  if (!reply->body->is_array()) {
    co_return fail(ErrorKind::unavailable, "Mattermost does not list the channels", "channels: no list");
  }
  std::vector<Channel> channels;
  for (const json& channel : *reply->body) {
    Channel found{text_at(channel, {"id"}), text_at(channel, {"type"}), text_at(channel, {"name"}),
                  text_at(channel, {"team_id"}), number_at(channel, {"last_post_at"})};
    if (!found.id.empty() && number_at(channel, {"delete_at"}) == 0) channels.push_back(std::move(found));
  }
  co_return channels;
}

Task<Result<Posts>> CatchUp::created_since(Channel channel, std::int64_t since) {
  Posts all;
  for (int page = 0; page < k_most_pages; ++page) {
    const auto reply =
        co_await rest_.get(fmt::format("/channels/{}/posts?page={}&per_page={}", channel.id, page, k_page));
    if (!reply) co_return tl::make_unexpected(reply.error().error);
    auto posts = posts_of(*reply->body);
    if (!posts) co_return tl::make_unexpected(std::move(posts).error());
    bool reached = posts->size() < static_cast<std::size_t>(k_page);
    for (Post& post : *posts) {
      if (number_at(*post, {"create_at"}) > since) {
        all.push_back(std::move(post));
      } else {
        reached = true;
      }
    }
    if (reached) co_return all;
  }
  spdlog::warn("mattermost: channel={} has more new messages than are looked through", channel.id);
  co_return all;
}

Task<Result<Posts>> CatchUp::changed_since(Channel channel, std::int64_t since) {
  const auto reply = co_await rest_.get(fmt::format("/channels/{}/posts?since={}", channel.id, since));
  if (!reply) co_return tl::make_unexpected(reply.error().error);
  auto changed = posts_of(*reply->body);
  if (!changed) co_return changed;
  // It stops at a thousand, and at times says nothing though there is something
  // (mattermost/mattermost#13846, #34055).
  const bool left_out = changed->size() >= k_most_since;
  const bool silent = changed->empty() && channel.last_post_at > since;
  if (!left_out && !silent) co_return changed;
  auto created = co_await created_since(channel, since);
  if (!created) co_return created;
  std::map<std::string, Post> by_id;
  for (Post& post : *created) by_id[text_at(*post, {"id"})] = post;
  for (Post& post : *changed) by_id[text_at(*post, {"id"})] = post;
  Posts all;
  for (auto& [id, post] : by_id) all.push_back(std::move(post));
  co_return all;
}

Task<Result<void>> CatchUp::look_into(Channel channel, Hand hand) {
  const std::int64_t since = std::max<std::int64_t>(seen_.heard_until(channel.id) - k_overlap_ms, 0);
  auto posts = co_await changed_since(channel, since);
  if (!posts && is_gone(posts.error())) {
    spdlog::info("mattermost: channel={} is not looked into: {}", channel.id, posts.error().detail);
    co_return Result<void>{};
  }
  if (!posts) co_return tl::make_unexpected(std::move(posts).error());
  std::ranges::sort(*posts, earlier);
  const json about{{"channel_type", channel.type}, {"channel_name", channel.name}, {"team_id", channel.team}};
  for (const Post& post : *posts) {
    const PostState state{text_at(*post, {"id"}), channel.id, number_at(*post, {"update_at"})};
    if (seen_.knows(state)) continue;
    if (counts(*post)) {
      const bool is_new = number_at(*post, {"create_at"}) > since && number_at(*post, {"edit_at"}) == 0;
      Post event = as_event(*post, is_new ? "posted" : "post_edited", about);
      auto taken = co_await hand(std::move(event));
      if (!taken) co_return taken;
    }
    seen_.know(state);
  }
  // In the order of making a later change may come before an earlier word: only the whole is heard.
  for (const Post& post : *posts)
    seen_.note({text_at(*post, {"id"}), channel.id, number_at(*post, {"update_at"})});
  co_return Result<void>{};
}

Task<Result<void>> CatchUp::run(Hand hand) {
  const std::int64_t until = seen_.newest();
  auto all = co_await channels();
  if (!all) co_return tl::make_unexpected(std::move(all).error());
  for (Channel& channel : *all) {
    auto done = co_await look_into(std::move(channel), hand);
    if (!done) co_return done;
  }
  seen_.all_heard(until);
  co_return Result<void>{};
}

}  // namespace jitbot::mattermost

#include "tests/support/mattermost/routes.hpp"
#include "tests/support/mattermost/wire_json.hpp"

#include <algorithm>
#include <array>
#include <tuple>

// Posts and reactions, as they are read.
namespace jitbot::mattermost_stand_in {

namespace {

constexpr std::size_t k_most_since = 1000;

Answer no_post() {
  return failure(404, "app.post.get.app_error", "Unable to get the post.");
}

Answer get_post(Core& core, const Call& call) {
  const Post* post = core.post(call.parts[0]);
  if (post == nullptr || post->delete_at != 0) return no_post();
  const Channel& channel = *core.channel(post->channel);
  return core.may_read(channel, *core.user(call.user)) ? good(post_json(*post)) : forbidden();
}

// The root stands first and last [rest_thread_get].
Answer thread(Core& core, const Call& call) {
  const Post* asked = core.post(call.parts[0]);
  if (asked == nullptr || asked->delete_at != 0) return no_post();
  const Post& root = asked->root.empty() ? *asked : *core.post(asked->root);
  if (!core.may_read(*core.channel(root.channel), *core.user(call.user))) return forbidden();
  Json order = Json::array({root.id});
  Json posts;
  const int replies = replies_to(core, root);
  posts[root.id] = post_json(root, {.replies = replies});
  for (auto each = core.posts.rbegin(); each != core.posts.rend(); ++each) {
    if (each->root != root.id || each->delete_at != 0) continue;
    order.push_back(each->id);
    posts[each->id] = post_json(*each, {.replies = replies});
  }
  order.push_back(root.id);
  return good({{"order", order}, {"posts", posts}, {"next_post_id", ""}, {"prev_post_id", ""}});
}

Json list_json(const Core& core, const std::vector<const Post*>& newest_first) {
  Json list = {
      {"order", Json::array()}, {"posts", Json::object()}, {"next_post_id", ""}, {"prev_post_id", ""}};
  for (const Post* post : newest_first) {
    list["order"].push_back(post->id);
    list["posts"][post->id] = post_json(*post);
    // Of a reply the root comes along, though it is not in the order.
    for (const Post& root : core.posts) {
      if (root.id == post->root && root.delete_at == 0) list["posts"][root.id] = post_json(root);
    }
  }
  return list;
}

// With edits, deletions, changed reactions, and the rows that keep what stood before an edit.
Answer since(Core& core, const Channel& channel, std::int64_t time) {
  std::vector<const Post*> found;
  for (const Post& post : core.posts) {
    if (post.channel == channel.id && post.update_at > time) found.push_back(&post);
  }
  // A post and the rows of its edits were made at one time; the post comes first.
  const auto newer = [](const Post* one, const Post* other) {
    return std::tuple(other->create_at, one->original, one->id) <
           std::tuple(one->create_at, other->original, other->id);
  };
  std::ranges::sort(found, newer);
  if (found.size() > k_most_since) found.resize(k_most_since);
  return good(list_json(core, found));
}

std::vector<const Post*> standing(const Core& core, const Channel& channel) {
  std::vector<const Post*> found;
  for (const Post& post : core.posts) {
    if (post.channel == channel.id && post.delete_at == 0) found.push_back(&post);
  }
  return found;
}

Answer after(Core& core, const Channel& channel, const Call& call, std::size_t per_page) {
  const std::string id = call.asked("after");
  std::vector<const Post*> all = standing(core, channel);
  const auto at = std::ranges::find(all, id, &Post::id);
  const auto first = at == all.end() ? all.begin() : std::next(at);
  std::vector<const Post*> later(first, all.end());
  const std::size_t skipped =
      std::min(later.size(), static_cast<std::size_t>(call.asked_number("page", 0)) * per_page);
  later.erase(later.begin(), later.begin() + static_cast<std::ptrdiff_t>(skipped));
  const std::string next = later.size() > per_page ? later[per_page]->id : std::string();
  if (later.size() > per_page) later.resize(per_page);
  std::ranges::reverse(later);
  Json list = list_json(core, later);
  list["next_post_id"] = next;
  list["prev_post_id"] = id;
  return good(list);
}

Answer page(Core& core, const Channel& channel, const Call& call, std::size_t per_page) {
  std::vector<const Post*> all = standing(core, channel);
  std::ranges::reverse(all);
  const std::size_t first =
      std::min(all.size(), static_cast<std::size_t>(call.asked_number("page", 0)) * per_page);
  const std::size_t last = std::min(all.size(), first + per_page);
  Json list = list_json(core, {all.begin() + static_cast<std::ptrdiff_t>(first),
                               all.begin() + static_cast<std::ptrdiff_t>(last)});
  if (first > 0) list["next_post_id"] = all[first - 1]->id;
  if (last < all.size()) list["prev_post_id"] = all[last]->id;
  return good(list);
}

Answer posts_of(Core& core, const Call& call) {
  const Channel* channel = core.channel(call.parts[0]);
  if (channel == nullptr || !core.may_read(*channel, *core.user(call.user))) return forbidden();
  const std::string time = call.asked("since");
  if (!time.empty()) {
    const bool number = time.size() < 16 && time.find_first_not_of("0123456789") == std::string::npos;
    return number ? since(core, *channel, std::stoll(time)) : bad_param("since");
  }
  const auto per_page = static_cast<std::size_t>(std::clamp(call.asked_number("per_page", 60), 1, 200));
  return call.asked("after").empty() ? page(core, *channel, call, per_page)
                                     : after(core, *channel, call, per_page);
}

Json reactions_json(const Post& post) {
  Json list = Json::array();
  for (const Reaction& reaction : post.reactions) list.push_back(reaction_json(reaction));
  return list;
}

Answer reactions(Core& core, const Call& call) {
  const Post* post = core.post(call.parts[0]);
  const bool may = post != nullptr && core.may_read(*core.channel(post->channel), *core.user(call.user));
  return may ? good(reactions_json(*post)) : forbidden();
}

Answer bulk_reactions(Core& core, const Call& call) {
  Json found = Json::object();
  for (const std::string& id : texts_of(call.body)) {
    const Post* post = core.post(id);
    if (post == nullptr || !core.may_read(*core.channel(post->channel), *core.user(call.user)))
      return forbidden();
    found[id] = reactions_json(*post);
  }
  return good(found);
}

constexpr std::array k_routes = {
    Route{"GET", "/posts/{}", get_post},
    Route{"GET", "/posts/{}/thread", thread},
    Route{"GET", "/channels/{}/posts", posts_of},
    Route{"GET", "/posts/{}/reactions", reactions},
    Route{"POST", "/posts/ids/reactions", bulk_reactions},
};

}  // namespace

std::span<const Route> reading_routes() {
  return k_routes;
}

}  // namespace jitbot::mattermost_stand_in

#include "adapters/chat/mattermost/messenger.hpp"

#include "adapters/chat/mattermost/channel_id.hpp"
#include "adapters/chat/mattermost/ids.hpp"
#include "adapters/chat/mattermost/render.hpp"
#include "adapters/chat/mattermost/twins.hpp"
#include "adapters/chat/mattermost/votes_on.hpp"
#include "adapters/chat/read/json_read.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace jitbot::mattermost {

namespace {

using Json = nlohmann::json;

using chat::number_at;
using chat::text_at;

// The server knows an attempt again for 30 s (rest_post_pending_id_after_31s.json).
constexpr Millis k_same_attempt = 25s;
constexpr Millis k_clock_slack = 120s;  // our clock against the server's, when looking for what we posted
constexpr int k_page = 200;
constexpr int k_most_pages = 50;
constexpr unsigned k_most_cuts = 3;

// Unguessable: whoever sends the same value gets our post for an answer, and we his.
std::string attempt_name(Random& random, const std::string& user) {
  std::string name = user + ":";
  for (const char byte : random.bytes(16)) name += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return name;
}

// A DM that is not possible will not be, however often it is tried.
Error dm_error(Error error) {
  const bool lasting = error.kind == ErrorKind::not_found || error.kind == ErrorKind::invalid;
  if (lasting) error.kind = ErrorKind::refused;
  return error;
}

RestFault strange(std::string detail) {
  return RestFault{
      Error{ErrorKind::outcome_unknown, "Mattermost answered with another message", std::move(detail)},
      0,
      {},
      {},
      true};
}

}  // namespace

// What is to become of one post: made, or changed where it names one.
struct Messenger::Draft {
  std::string channel;
  std::string thread;
  std::string key;
  std::string post;
  std::shared_ptr<Json> body = nullptr;
  std::shared_ptr<Time> changed = nullptr;  // told when it was, by the server's clock
};

Dress Messenger::nameless(const Occasion& occasion) const {
  Dress dressed = dress_for_ ? dress_for_(occasion) : Dress();
  dressed.key = occasion.key;
  dressed.now = clock_.now();
  return dressed;
}

Task<Dress> Messenger::dress(Card card, Occasion occasion) {
  Dress dressed = nameless(occasion);
  Mentioned mentioned = mentioned_in(card, self_.workspace());
  if (tells_time(card)) dressed.zone = co_await zone_at(occasion);
  if (!mentioned.users.empty()) dressed.names = co_await names_.users(std::move(mentioned.users));
  if (!mentioned.channels.empty()) dressed.channels = co_await names_.channels(std::move(mentioned.channels));
  co_return dressed;
}

// Of the one person who sees it there. For others times are told in UTC.
Task<std::string> Messenger::zone_at(Occasion occasion) {
  std::string reader;
  if (occasion.reader) {
    if (occasion.reader->workspace == self_.workspace()) reader = occasion.reader->user;
  } else {
    reader = co_await reader_of(std::move(occasion.channel));
  }
  if (reader.empty()) co_return reader;
  co_return co_await names_.zone_of(std::move(reader));
}

// A message that is changed names its channel alone. A direct one is called by both who are in it.
Task<std::string> Messenger::reader_of(std::string channel) {
  constexpr std::size_t k_most_known = 10'000;
  if (const auto known = readers_.find(channel); known != readers_.end()) co_return known->second;
  if (!is_id(channel)) co_return std::string();
  const auto reply = co_await rest_.get("/channels/" + channel);
  if (!reply) co_return std::string();
  std::string reader;
  const std::string name = text_at(*reply->body, {"name"});
  if (text_at(*reply->body, {"type"}) == "D" && name.starts_with(self_.user + "__"))
    reader = name.substr(self_.user.size() + 2);
  if (text_at(*reply->body, {"type"}) == "D" && name.ends_with("__" + self_.user))
    reader = name.substr(0, name.size() - self_.user.size() - 2);
  if (readers_.size() >= k_most_known) readers_.clear();
  readers_[std::move(channel)] = reader;
  co_return reader;
}

Task<Result<std::string>> Messenger::direct_channel(PrincipalId who) {
  if (who.workspace != self_.workspace() || !is_id(who.user)) {
    co_return fail(ErrorKind::refused, "that person is not on this Mattermost server",
                   "no DM with " + to_string(who));
  }
  if (const auto known = direct_channels_.find(who.user); known != direct_channels_.end())
    co_return known->second;
  auto people = std::make_shared<const Json>(Json::array({self_.user, who.user}));
  const auto reply = co_await rest_.post("/channels/direct", std::move(people));
  if (!reply) co_return tl::make_unexpected(dm_error(reply.error().error));
  std::string channel = text_at(*reply->body, {"id"});
  if (!is_id(channel))
    co_return fail(ErrorKind::refused, "no direct message is possible", "channels/direct: no id");
  direct_channels_[who.user] = channel;
  co_return channel;
}

Task<Result<std::string>> Messenger::channel_of(Place place) {
  if (place.direct) co_return co_await direct_channel(*place.direct);
  std::string channel = bare_channel(place.channel);
  if (!is_id(channel))
    co_return fail(ErrorKind::invalid, "there is no channel to post to", "no channel id: " + place.channel);
  co_return channel;
}

// The post that the server answers with, if it is what we sent.
RestResult<MessageRef> Messenger::ours(const Json& post, const std::string& key) const {
  const std::string id = text_at(post, {"id"});
  const std::string channel = text_at(post, {"channel_id"});
  if (!is_id(id) || !is_id(channel)) return tl::unexpected(strange("posts: no post"));
  if (text_at(post, {"user_id"}) != self_.user || key_of_post(post) != key)
    return tl::unexpected(strange("posts: somebody else's, or another of ours: " + id));
  return MessageRef{platform_channel(channel), id};
}

Task<RestResult<MessageRef>> Messenger::create(Draft draft) {
  const Millis deadline = clock_.steady() + k_same_attempt;
  const Time since = clock_.now();
  Json body = *draft.body;
  body["channel_id"] = draft.channel;
  body["pending_post_id"] = attempt_name(random_, self_.user);
  if (!draft.thread.empty()) body["root_id"] = draft.thread;
  const auto attempt = std::make_shared<const Json>(std::move(body));
  for (;;) {
    RestCall call;
    call.method = "POST";
    call.path = "/posts";
    call.body = attempt;
    call.repeat = Repeat::unsent;
    call.patience = std::max(deadline - clock_.steady(), Millis{1});
    const auto reply = co_await rest_.call(std::move(call));
    if (reply) co_return ours(*reply->body, draft.key);
    if (!reply.error().perhaps_done) co_return tl::unexpected(reply.error());
    const auto found = co_await find_in(draft.channel, draft.key, since);
    if (found && *found) co_return **found;
    const Millis pause = Millis{500} + Millis{static_cast<std::int64_t>(random_.below(500))};
    if (clock_.steady() + pause > deadline) co_return tl::unexpected(reply.error());
    const auto timer = clock_.make_timer();
    co_await timer->wait(pause);
  }
}

Task<RestResult<MessageRef>> Messenger::patch(Draft draft) {
  const auto reply = co_await rest_.put("/posts/" + draft.post + "/patch", draft.body);
  if (!reply) co_return tl::unexpected(reply.error());
  if (draft.changed) *draft.changed = time_from_ms(number_at(*reply->body, {"update_at"}));
  co_return MessageRef{platform_channel(draft.channel), draft.post};
}

// As long as the server takes it: servers differ in what they take, and only some tell how much.
Task<RestResult<MessageRef>> Messenger::send(Draft draft, Card card, Dress dressed) {
  RestResult<MessageRef> sent;
  for (unsigned cuts = 0; cuts <= k_most_cuts; ++cuts) {
    draft.body = std::make_shared<Json>(render_post(card, dressed));
    if (draft.post.empty()) {
      sent = co_await create(draft);
    } else {
      sent = co_await patch(draft);
    }
    if (sent || !is_too_long(sent.error())) break;
    spdlog::warn("mattermost: a message is too long for this server: {}", sent.error().error.detail);
    dressed.limits.message /= 2;
    dressed.limits.props /= 2;
  }
  co_return sent;
}

Task<Result<MessageRef>> Messenger::post(Place place, Card card, std::string key) {
  auto channel = co_await channel_of(place);
  if (!channel) co_return tl::make_unexpected(std::move(channel).error());
  Draft draft{*channel, place.thread, key, {}};
  if (place.direct) readers_[*channel] = place.direct->user;
  Occasion occasion{std::move(*channel), std::move(key), place.direct};
  Dress dressed = co_await dress(card, std::move(occasion));
  auto sent = co_await send(std::move(draft), std::move(card), std::move(dressed));
  if (sent) co_return *sent;
  if (!place.direct) co_return tl::make_unexpected(std::move(sent).error().error);
  direct_channels_.erase(place.direct->user);
  co_return tl::make_unexpected(dm_error(std::move(sent).error().error));
}

// What the post means goes on as it is while it means the same: since when, and whose votes were heard.
Task<Result<Dress>> Messenger::with_votes_of(std::string post, std::vector<ButtonValue> votes,
                                             Dress dressed) {
  const auto shown = co_await message(std::move(post));
  if (!shown) co_return tl::make_unexpected(shown.error());
  VotesOn on = votes_on(**shown, dressed.votes->key);
  if (on.state == VotesOn::State::genuine && on.sealed.votes == votes) {
    dressed.votes->since = on.shown_since;
    dressed.votes->noted = std::move(on.sealed.noted);
  } else {
    dressed.votes->edited = last_edit_of(**shown);
  }
  co_return dressed;
}

// When the post came to mean something else only the answer tells, so that is written beside it.
Task<RestResult<MessageRef>> Messenger::change(Draft draft, Card card, Dress dressed) {
  const bool means_another =
      dressed.votes && !dressed.votes->since && !votes_by_reaction(card, dressed).empty();
  if (!means_another) co_return co_await send(std::move(draft), std::move(card), std::move(dressed));
  draft.changed = std::make_shared<Time>();
  auto sent = co_await send(draft, card, dressed);
  if (!sent || *draft.changed == Time()) co_return sent;
  dressed.votes->since = *draft.changed;
  const auto dated = co_await send(std::move(draft), std::move(card), std::move(dressed));
  if (!dated)
    spdlog::info("mattermost: {}", dated.error().error.detail);  // its last edit tells, a little later
  co_return sent;
}

Task<Result<void>> Messenger::update(MessageRef message, Card card, std::string key) {
  if (!is_id(message.id)) co_return fail(ErrorKind::not_found, "there is no such message", "no post id");
  const auto turn = co_await queue_.take(message.id);
  const std::string channel = bare_channel(message.channel);
  Draft draft{channel, {}, key, message.id};
  Occasion occasion{channel, std::move(key), std::nullopt};
  Dress dressed = co_await dress(card, std::move(occasion));
  auto votes = votes_by_reaction(card, dressed);
  if (!votes.empty()) {
    auto carried = co_await with_votes_of(message.id, std::move(votes), std::move(dressed));
    if (!carried) co_return tl::make_unexpected(std::move(carried).error());
    dressed = std::move(*carried);
  }
  auto sent = co_await change(std::move(draft), std::move(card), std::move(dressed));
  if (sent) co_return Result<void>{};
  Error error = std::move(sent).error().error;
  if (error.kind != ErrorKind::refused) co_return tl::make_unexpected(std::move(error));
  // A message that somebody deleted may not be changed (rest_err_patch_deleted_post.json): is it there at
  // all?
  const auto there = co_await this->message(message.id);
  if (!there && there.error().kind == ErrorKind::not_found) error.kind = ErrorKind::not_found;
  co_return tl::make_unexpected(std::move(error));
}

Task<Result<std::optional<MessageRef>>> Messenger::find_in(std::string channel, std::string key, Time since) {
  const std::int64_t oldest = to_ms(since - k_clock_slack);
  for (int page = 0; page < k_most_pages; ++page) {
    const auto reply =
        co_await rest_.get(fmt::format("/channels/{}/posts?page={}&per_page={}", channel, page, k_page));
    if (!reply) co_return tl::make_unexpected(reply.error().error);
    const Json* order = chat::member(*reply->body, "order");
    const Json* posts = chat::member(*reply->body, "posts");
    if (order == nullptr || !order->is_array() || posts == nullptr)
      co_return fail(ErrorKind::unavailable, "Mattermost does not list the messages", "posts: no order");
    bool reached = order->size() < static_cast<std::size_t>(k_page);
    for (const Json& id : *order) {
      if (!id.is_string()) continue;
      const Json* post = chat::member(*posts, id.get_ref<const std::string&>());
      if (post == nullptr) continue;
      // Anybody can write such a key into his props: the author decides.
      const auto found = ours(*post, key);
      const bool there = number_at(*post, {"delete_at"}) == 0 && text_at(*post, {"original_id"}).empty();
      if (found && there) co_return std::optional<MessageRef>(*found);
      if (number_at(*post, {"create_at"}) < oldest) reached = true;
    }
    if (reached) co_return std::optional<MessageRef>{};
  }
  co_return fail(ErrorKind::unavailable, "there are too many messages to look through", "posts: gave up");
}

Task<Result<std::optional<MessageRef>>> Messenger::find(Place place, std::string key, Time since) {
  auto channel = co_await channel_of(std::move(place));
  if (!channel) co_return tl::make_unexpected(std::move(channel).error());
  co_return co_await find_in(std::move(*channel), std::move(key), since);
}

}  // namespace jitbot::mattermost

#include "adapters/chat/mattermost/parts.hpp"
#include "adapters/chat/mattermost/render.hpp"
#include "adapters/chat/read/json_read.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

// Votes by emoji, where nothing can be pressed. The event only says where to look: the card and its reactions
// are asked of the server, and by its clock a reaction must be newer than what the card shows.
namespace jitbot::mattermost {

namespace {

using Json = nlohmann::json;
using chat::number_at;
using chat::text_at;

// What a reaction on the card means; taken from the post, since it is what the person saw.
struct Votes {
  bool is_card = false;  // and no notice or answer of ours
  std::string channel;
  std::string thread;
  std::optional<ButtonValue> approve;
  std::optional<ButtonValue> deny;
  Time shown_since;  // its words have not changed since
};

bool is_vote(std::string_view emoji) {
  return emoji == k_approve_emoji || emoji == k_deny_emoji;
}

std::optional<Votes> votes_on(const Json& post, const Self& self) {
  if (text_at(post, {"user_id"}) != self.user || key_of_post(post).empty()) return std::nullopt;
  Votes votes;
  votes.is_card = key_of_post(post).starts_with("card/");
  votes.channel = text_at(post, {"channel_id"});
  votes.thread = text_at(post, {"root_id"});
  votes.shown_since = time_from_ms(std::max(number_at(post, {"create_at"}), number_at(post, {"edit_at"})));
  for (const ButtonValue& button : votes_of_post(post)) {
    if (button.act == Act::approve) votes.approve = button;
    if (button.act == Act::deny) votes.deny = button;
  }
  return votes;
}

Inbound inbound_of(const Reaction& reaction, const Votes& votes, std::string_view what) {
  Inbound inbound;
  inbound.key = fmt::format("reaction:{}:{}:{}:{}:{}", what, reaction.post, reaction.user.user,
                            reaction.emoji, to_ms(reaction.at));
  inbound.from = reaction.user;
  inbound.at = reaction.at;
  inbound.reply.channel = votes.channel;
  inbound.reply.thread = votes.thread;
  inbound.reply.message = reaction.post;
  return inbound;
}

Task<Result<void>> tell(PartsPtr parts, PrincipalId who, std::string words, std::string key) {
  Place place;
  place.direct = std::move(who);
  Card card = answer(std::move(words));
  auto told = co_await parts->messenger.post(std::move(place), std::move(card), std::move(key));
  if (!told && told.error().kind == ErrorKind::unavailable) co_return tl::unexpected<Error>(told.error());
  co_return Result<void>();
}

constexpr std::size_t k_most_remembered = 10'000;  // posts

void remember(Mattermost::Parts& parts, const Reaction& reaction) {
  if (parts.reacted.size() >= k_most_remembered) parts.reacted.erase(parts.reacted.begin());
  parts.reacted[reaction.post].emplace(reaction.user.user, reaction.emoji);
}

void forget(Mattermost::Parts& parts, const Reaction& reaction) {
  const auto known = parts.reacted.find(reaction.post);
  if (known == parts.reacted.end()) return;
  known->second.erase({reaction.user.user, reaction.emoji});
  if (known->second.empty()) parts.reacted.erase(known);
}

Task<Result<void>> vote(PartsPtr parts, Reaction reaction, Votes votes) {
  const bool approves = reaction.emoji == k_approve_emoji;
  const auto& button = approves ? votes.approve : votes.deny;
  auto inbound = inbound_of(reaction, votes, "vote");
  if (!button && !votes.is_card) co_return Result<void>();
  if (!button) {
    auto key = "answer:" + inbound.key;
    auto who = reaction.user;
    co_return co_await tell(
        std::move(parts), std::move(who),
        "A reaction decides nothing on that card: it is decided already, or it is for a role "
        "of high risk, which is approved by typing what the card says",
        std::move(key));
  }
  if (reaction.at <= votes.shown_since) {
    auto key = "answer:" + inbound.key;
    auto who = reaction.user;
    co_return co_await tell(
        std::move(parts), std::move(who),
        fmt::format("The card of {} has changed since your reaction, so it does not count. "
                    "Take it back, read the card, and react once more",
                    shown_id(*button)),
        std::move(key));
  }
  if (approves) {
    inbound.what = Clicked{*button};
  } else {
    inbound.what = Submitted{FormKind::deny, *button, {{"reason", "by reaction, without words"}}};
  }
  auto taken = co_await accept(parts, std::move(inbound));
  if (taken) remember(*parts, reaction);
  co_return taken;
}

Task<Result<void>> withdraw(PartsPtr parts, Reaction reaction, Votes votes) {
  const auto& button = reaction.emoji == k_approve_emoji ? votes.approve : votes.deny;
  forget(*parts, reaction);
  if (!button) co_return Result<void>();  // decided already
  auto inbound = inbound_of(reaction, votes, "withdraw");
  inbound.what = Said{"withdraw " + typed_id(*button)};
  auto taken = co_await accept(parts, std::move(inbound));
  if (!taken) remember(*parts, reaction);
  co_return taken;
}

// Lasting: the post, or our right to see it, is gone, so there is nothing to vote on.
bool is_lasting(const Error& error) {
  return error.kind == ErrorKind::refused || error.kind == ErrorKind::not_found ||
         error.kind == ErrorKind::invalid;
}

Task<Result<std::optional<Votes>>> ask_votes(PartsPtr parts, std::string id) {
  auto post = co_await parts->messenger.message(std::move(id));
  if (post) co_return votes_on(**post, parts->self);
  if (is_lasting(post.error())) co_return std::optional<Votes>();
  co_return tl::unexpected<Error>(post.error());
}

}  // namespace

Task<Result<void>> hear_reaction(PartsPtr parts, Reaction reaction) {
  if (parts->options.callbacks || !is_vote(reaction.emoji) || reaction.user.user == parts->self.user)
    co_return Result<void>();
  auto votes = co_await ask_votes(parts, reaction.post);
  if (!votes) co_return tl::unexpected<Error>(votes.error());
  if (!*votes) co_return Result<void>();
  auto now = co_await parts->messenger.reactions(reaction.post);
  if (!now && !is_lasting(now.error())) co_return tl::unexpected<Error>(now.error());
  if (!now) co_return Result<void>();
  const auto there = std::ranges::find_if(*now, [&](const Reacted& other) {
    return other.user == reaction.user.user && other.emoji == reaction.emoji;
  });
  if (there != now->end()) {
    reaction.at = there->at;
    co_return co_await vote(std::move(parts), std::move(reaction), std::move(**votes));
  }
  if (reaction.added) co_return Result<void>();  // taken back since: its own event follows
  // His other emoji is his vote now.
  const bool voted_otherwise = std::ranges::any_of(
      *now, [&](const Reacted& other) { return other.user == reaction.user.user && is_vote(other.emoji); });
  if (voted_otherwise) co_return Result<void>();
  co_return co_await withdraw(std::move(parts), std::move(reaction), std::move(**votes));
}

namespace {

// Votes that were heard and are there no more: taken back while no event told of it.
std::vector<Reaction> taken_back(const Mattermost::Parts& parts, const std::string& post,
                                 const std::vector<Reacted>& now) {
  std::vector<Reaction> gone;
  const auto known = parts.reacted.find(post);
  if (known == parts.reacted.end()) return gone;
  for (const auto& [user, emoji] : known->second) {
    const bool there =
        std::ranges::any_of(now, [&](const Reacted& one) { return one.user == user && is_vote(one.emoji); });
    if (!there) gone.push_back({parts.self.principal(user), post, {}, emoji, false, parts.clock.now()});
  }
  return gone;
}

bool counts(const Reacted& there, const Votes& votes, const Self& self) {
  return is_vote(there.emoji) && there.user != self.user && there.at > votes.shown_since;
}

}  // namespace

Task<Result<void>> look_at_reactions(PartsPtr parts, std::string post) {
  if (parts->options.callbacks) co_return Result<void>();
  auto votes = co_await ask_votes(parts, post);
  if (!votes) co_return tl::unexpected<Error>(votes.error());
  if (!*votes || (!(*votes)->approve && !(*votes)->deny)) co_return Result<void>();
  auto now = co_await parts->messenger.reactions(post);
  if (!now && is_lasting(now.error())) co_return Result<void>();
  if (!now) co_return tl::unexpected<Error>(now.error());
  for (Reaction& gone : taken_back(*parts, post, *now)) {
    Votes on = **votes;
    auto taken = co_await withdraw(parts, std::move(gone), std::move(on));
    if (!taken) co_return taken;
  }
  for (const Reacted& there : *now) {
    if (!counts(there, **votes, parts->self)) continue;
    Reaction reaction{
        parts->self.principal(there.user), post, (*votes)->channel, there.emoji, true, there.at};
    Votes on = **votes;
    auto taken = co_await vote(parts, std::move(reaction), std::move(on));
    if (!taken) co_return taken;
  }
  co_return Result<void>();
}

}  // namespace jitbot::mattermost

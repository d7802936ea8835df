#include "adapters/chat/mattermost/shown_card.hpp"

#include <fmt/format.h>

#include <algorithm>

// Votes by emoji, where nothing can be pressed. An event only says where to look: the card and its reactions
// are asked of the server, and by its clock a reaction must be newer than what the card means. Whose
// reactions were heard stands sealed in the card itself, before they count: so one that is taken back while
// we are away is missed when we are back.
namespace jitbot::mattermost {

namespace {

// The inbox knows for a day what it took.
constexpr Millis k_known_for = 20h;
constexpr std::size_t k_most_remembered = 10'000;

void remember(std::set<std::string>& keys, std::string key) {
  if (keys.size() >= k_most_remembered) keys.clear();
  keys.insert(std::move(key));
}

const ButtonValue* button_for(const Shown& shown, std::string_view emoji) {
  const Act act = emoji == k_approve_emoji ? Act::approve : Act::deny;
  const auto found = std::ranges::find(shown.votes.sealed.votes, act, &ButtonValue::act);
  return found == shown.votes.sealed.votes.end() ? nullptr : &*found;
}

std::string key_of(std::string_view what, const Shown& shown, const NotedVote& vote) {
  return fmt::format("reaction:{}:{}:{}:{}:{}", what, shown.post, vote.user, vote.emoji, to_ms(vote.at));
}

Inbound inbound_of(const Mattermost::Parts& parts, const Shown& shown, std::string key,
                   const NotedVote& vote) {
  Inbound inbound;
  inbound.key = std::move(key);
  inbound.from = parts.self.principal(vote.user);
  inbound.at = vote.at;
  inbound.reply.channel = shown.channel;
  inbound.reply.thread = shown.thread;
  inbound.reply.message = shown.post;
  return inbound;
}

// Told once, also when we were started again meanwhile: the message stands there.
Task<Result<void>> tell_once(PartsPtr parts, NotedVote whose, std::string key, std::string words) {
  if (parts->reactions_told.contains(key)) co_return Result<void>();
  Place place;
  place.direct = parts->self.principal(whose.user);
  auto before = co_await parts->messenger.find(place, key, whose.at);
  if (!before && !is_lasting(before.error())) co_return tl::unexpected<Error>(before.error());
  if (before && !*before) {
    Card card = answer(std::move(words));
    auto told = co_await parts->messenger.post(std::move(place), std::move(card), key);
    if (!told && told.error().kind == ErrorKind::unavailable) co_return tl::unexpected<Error>(told.error());
  }
  remember(parts->reactions_told, std::move(key));
  co_return Result<void>();
}

std::vector<NotedVote> noted_without(const Shown& shown, std::string_view user) {
  auto noted = shown.votes.sealed.noted;
  std::erase_if(noted, [user](const NotedVote& one) { return one.user == user; });
  return noted;
}

std::optional<NotedVote> noted_of(const Shown& shown, std::string_view user) {
  const auto found = std::ranges::find(shown.votes.sealed.noted, user, &NotedVote::user);
  if (found == shown.votes.sealed.noted.end()) return std::nullopt;
  return *found;
}

// His newest that counts.
std::optional<NotedVote> standing_of(const Shown& shown, std::string_view user) {
  std::optional<NotedVote> newest;
  for (const Reacted& one : shown.reactions) {
    const bool counts = one.user == user && one.at > shown.votes.shown_since && button_for(shown, one.emoji);
    if (counts) newest = NotedVote{one.user, one.emoji, one.at};
  }
  return newest;
}

Task<Result<void>> hand_over(PartsPtr parts, ShownPtr shown, NotedVote vote, std::string key) {
  auto inbound = inbound_of(*parts, *shown, key, vote);
  const ButtonValue button = *button_for(*shown, vote.emoji);
  if (button.act == Act::approve) {
    inbound.what = Clicked{button};
  } else {
    inbound.what = Submitted{FormKind::deny, button, {{"reason", "by reaction, without words"}}};
  }
  auto taken = co_await accept(parts, std::move(inbound));
  if (taken) remember(parts->reactions_taken, std::move(key));
  co_return taken;
}

Task<Result<void>> vote(PartsPtr parts, ShownPtr shown, NotedVote standing) {
  const auto before = noted_of(*shown, standing.user);
  auto noted = noted_without(*shown, standing.user);
  noted.push_back(standing);
  std::string key = key_of("vote", *shown, standing);
  if (before == standing) {
    // Noted, and perhaps we were stopped before it was handed over.
    const bool long_ago = parts->clock.now() - standing.at > k_known_for;
    if (long_ago || parts->reactions_taken.contains(key)) co_return Result<void>();
    co_return co_await hand_over(std::move(parts), std::move(shown), std::move(standing), std::move(key));
  }
  if (!before || before->at < standing.at) {
    auto written = co_await note(parts, shown, std::move(noted));
    if (!written) co_return written;
    co_return co_await hand_over(std::move(parts), std::move(shown), std::move(standing), std::move(key));
  }
  // The newer one was taken back, and this is what still stands there: his vote once more.
  key += fmt::format(":after:{}", to_ms(before->at));
  auto taken = co_await hand_over(parts, shown, std::move(standing), std::move(key));
  if (!taken) co_return taken;
  co_return co_await note(std::move(parts), std::move(shown), std::move(noted));
}

Task<Result<void>> withdraw(PartsPtr parts, ShownPtr shown, NotedVote gone) {
  const ButtonValue* const button = button_for(*shown, gone.emoji);
  if (button != nullptr) {
    auto inbound = inbound_of(*parts, *shown, key_of("withdraw", *shown, gone), gone);
    inbound.at = parts->clock.now();
    inbound.what = Said{"withdraw " + typed_id(*button)};
    auto taken = co_await accept(parts, std::move(inbound));
    if (!taken) co_return taken;
  }
  auto noted = noted_without(*shown, gone.user);
  co_return co_await note(std::move(parts), std::move(shown), std::move(noted));
}

std::string outdated_words(const Shown& shown) {
  return fmt::format(
      "The card of {} has changed since your reaction, so it does not count. "
      "Take it back, read the card, and react once more",
      shown_id(shown.votes.sealed.votes.front()));
}

// What one person's reactions come to now.
Task<Result<void>> settle(PartsPtr parts, ShownPtr shown, std::string user) {
  auto standing = standing_of(*shown, user);
  if (standing) co_return co_await vote(std::move(parts), std::move(shown), std::move(*standing));
  auto gone = noted_of(*shown, user);
  if (gone) co_return co_await withdraw(std::move(parts), std::move(shown), std::move(*gone));
  const auto old = std::ranges::find(shown->reactions, user, &Reacted::user);
  if (old == shown->reactions.end() || old->at > shown->votes.shown_since) co_return Result<void>();
  NotedVote late{old->user, old->emoji, old->at};
  std::string key = "answer:" + key_of("outdated", *shown, late);
  std::string words = outdated_words(*shown);
  co_return co_await tell_once(std::move(parts), std::move(late), std::move(key), std::move(words));
}

// Somebody who may edit our posts wrote there what reactions are to mean.
Task<Result<void>> refuse(PartsPtr parts, ShownPtr shown, NotedVote whose) {
  if (!parts->forged_cards.contains(shown->post)) {
    remember(parts->forged_cards, shown->post);
    tell_refused(*parts, "reaction", {"forged", {}, whose.user, shown->channel, shown->post});
  }
  std::string key = "answer:" + key_of("forged", *shown, whose);
  std::string words = fmt::format(
      "That card is not as I made it, so no reaction on it counts; nothing was done. "
      "Type the decision instead: @{} pending shows what waits",
      parts->self.username);
  co_return co_await tell_once(std::move(parts), std::move(whose), std::move(key), std::move(words));
}

// Each person once, whoever reacted first first; before them, who has taken all back.
std::vector<std::string> people_of(const Shown& shown) {
  std::vector<std::string> people;
  const auto add = [&people](const std::string& user) {
    if (std::ranges::find(people, user) == people.end()) people.push_back(user);
  };
  for (const NotedVote& noted : shown.votes.sealed.noted) {
    if (!standing_of(shown, noted.user)) add(noted.user);
  }
  for (const Reacted& one : shown.reactions) add(one.user);
  return people;
}

Task<Result<void>> undecidable(PartsPtr parts, ShownPtr shown, NotedVote whose) {
  if (!shown->is_card) co_return Result<void>();
  std::string key = "answer:" + key_of("nothing", *shown, whose);
  std::string words =
      "A reaction decides nothing on that card: it is decided already, or it is for a role "
      "of high risk, which is approved by typing what the card says";
  co_return co_await tell_once(std::move(parts), std::move(whose), std::move(key), std::move(words));
}

}  // namespace

Task<Result<void>> hear_reaction(PartsPtr parts, Reaction reaction) {
  if (parts->options.callbacks || !is_vote(reaction.emoji) || reaction.user.user == parts->self.user)
    co_return Result<void>();
  const auto turn = co_await parts->messenger.turn(reaction.post);
  auto looked = co_await look_at(parts, reaction.post);
  if (!looked) co_return tl::unexpected<Error>(looked.error());
  ShownPtr shown = std::move(*looked);
  if (!shown) co_return Result<void>();
  const auto there = std::ranges::find_if(shown->reactions, [&](const Reacted& one) {
    return one.user == reaction.user.user && one.emoji == reaction.emoji;
  });
  const bool stands = there != shown->reactions.end();
  NotedVote whose{reaction.user.user, reaction.emoji, stands ? there->at : reaction.at};
  switch (shown->votes.state) {
    case VotesOn::State::genuine:
      co_return co_await settle(std::move(parts), std::move(shown), std::move(whose.user));
    case VotesOn::State::forged:
      if (stands) co_return co_await refuse(std::move(parts), std::move(shown), std::move(whose));
      break;
    case VotesOn::State::none:
      if (stands) co_return co_await undecidable(std::move(parts), std::move(shown), std::move(whose));
      break;
  }
  co_return Result<void>();
}

Task<Result<void>> look_at_reactions(PartsPtr parts, std::string post) {
  if (parts->options.callbacks) co_return Result<void>();
  const auto turn = co_await parts->messenger.turn(post);
  auto looked = co_await look_at(parts, std::move(post));
  if (!looked) co_return tl::unexpected<Error>(looked.error());
  const ShownPtr shown = *looked;
  if (!shown || shown->votes.state == VotesOn::State::none) co_return Result<void>();
  if (shown->votes.state == VotesOn::State::forged) {
    for (const Reacted& one : shown->reactions) {
      NotedVote whose{one.user, one.emoji, one.at};
      auto told = co_await refuse(parts, shown, std::move(whose));
      if (!told) co_return told;
    }
    co_return Result<void>();
  }
  for (std::string& user : people_of(*shown)) {
    auto settled = co_await settle(parts, shown, std::move(user));
    if (!settled) co_return settled;
  }
  co_return Result<void>();
}

}  // namespace jitbot::mattermost

#include "adapters/chat/mattermost/votes_on.hpp"

#include "adapters/chat/mattermost/render.hpp"
#include "adapters/chat/read/json_read.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace jitbot::mattermost {

namespace {

using Json = nlohmann::json;
using chat::number_at;
using chat::text_at;

// The server stamps an edit shortly before it is there to be seen.
constexpr Millis k_stamped_early = 1s;

// A post that is changed does not know yet when that will have been: its next edit tells. Servers count as
// one what changes its message or its attachments; where an edit changed neither, the last change of anything
// (update_at, which a reaction moves too) is surely not before it.
Time since_of(const VoteSeal& sealed, const Json& post) {
  if (sealed.since) return *sealed.since;
  const Time edited = last_edit_of(post);
  if (sealed.edited == Time()) return edited;
  if (edited > sealed.edited) return edited + k_stamped_early;
  return time_from_ms(number_at(post, {"update_at"}));
}

}  // namespace

Time last_edit_of(const Json& post) {
  return time_from_ms(std::max(number_at(post, {"create_at"}), number_at(post, {"edit_at"})));
}

VotesOn votes_on(const Json& post, const Secret& key) {
  VotesOn votes;
  const Json* told = chat::member(post, {"props", k_votes_prop});
  if (told == nullptr) return votes;
  votes.state = VotesOn::State::forged;
  if (!told->is_string()) return votes;
  auto sealed = unseal_votes(told->get_ref<const std::string&>(), key);
  const bool for_this_post =
      sealed && sealed->channel == text_at(post, {"channel_id"}) && sealed->message_key == key_of_post(post);
  if (!for_this_post) return votes;
  votes.state = VotesOn::State::genuine;
  votes.shown_since = since_of(*sealed, post);
  votes.sealed = std::move(*sealed);
  return votes;
}

}  // namespace jitbot::mattermost

#pragma once

#include "adapters/chat/mattermost/dress.hpp"
#include "adapters/chat/mattermost/name_book.hpp"
#include "adapters/chat/mattermost/post_queue.hpp"
#include "adapters/chat/mattermost/rest.hpp"
#include "adapters/chat/mattermost/self.hpp"
#include "bot/ports/chat.hpp"

#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace jitbot::mattermost {

// Where a card is about to be shown.
struct Occasion {
  std::string channel;  // bare id
  std::string key;
  std::optional<PrincipalId> reader;  // the one who sees it, in a direct message
};

// One emoji of one person on one post, as it is there now.
struct Reacted {
  std::string user;
  std::string emoji;
  Time at;
};

// Messages, channels and dialogs by REST. Belongs to the loop; `clock`, `random`, `rest` and `names` outlive
// it. Channels are told with their platform before them, and taken with it or without.
class Messenger {
 public:
  // How a card is dressed there: names, key and time are filled in here.
  using DressFor = std::function<Dress(const Occasion&)>;

  Messenger(Clock& clock, Random& random, Rest& rest, NameBook& names)
      : clock_(clock), random_(random), rest_(rest), names_(names) {}

  void dress_by(DressFor dress_for) { dress_for_ = std::move(dress_for); }
  void know(Self self) { self_ = std::move(self); }

  // Made once, whatever is lost on the way: the server drops repetitions of one and the same attempt for half
  // a minute, unless it was restarted, so it is looked for before each.
  Task<Result<MessageRef>> post(Place place, Card card, std::string key);
  // In the order of the calls for one message.
  Task<Result<void>> update(MessageRef message, Card card, std::string key);
  Task<Result<std::optional<MessageRef>>> find(Place place, std::string key, Time since);
  Task<Result<ChannelInfo>> channel(std::string name_or_id);

  // A post as the server has it.
  Task<Result<std::shared_ptr<const nlohmann::json>>> message(std::string id);
  Task<Result<std::vector<Reacted>>> reactions(std::string post);
  // For whoever reads a post and writes what he read: until it is destroyed nobody else of us changes it.
  Task<std::unique_ptr<PostQueue::Turn>> turn(std::string post) { return queue_.take(std::move(post)); }
  // All props of a post without buttons, whose message stays. The turn is the caller's.
  Task<Result<void>> put_props(std::string post, nlohmann::json props);
  // Asked once: what opens it is good for seconds, and not worth asking after `patience`. `refused`: too
  // late.
  Task<Result<void>> open_dialog(std::shared_ptr<const nlohmann::json> body, Millis patience);
  // The bare id of our direct message channel with that person.
  Task<Result<std::string>> direct_channel(PrincipalId who);
  // The card dressed for there, for whoever renders it himself.
  Task<Dress> dress(Card card, Occasion occasion);
  // Without anybody's name, at once.
  Dress nameless(const Occasion& occasion) const;

 private:
  struct Draft;
  Task<Result<std::string>> channel_of(Place place);
  Task<std::string> zone_at(Occasion occasion);
  Task<std::string> reader_of(std::string channel);
  Task<RestResult<MessageRef>> create(Draft draft);
  Task<RestResult<MessageRef>> patch(Draft draft);
  Task<RestResult<MessageRef>> send(Draft draft, Card card, Dress dressed);
  Task<Result<Dress>> with_votes_of(std::string post, std::vector<ButtonValue> votes, Dress dressed);
  Task<RestResult<MessageRef>> change(Draft draft, Card card, Dress dressed);
  Task<Result<std::optional<MessageRef>>> find_in(std::string channel, std::string key, Time since);
  RestResult<MessageRef> ours(const nlohmann::json& post, const std::string& key) const;
  Task<Result<std::shared_ptr<const nlohmann::json>>> describe_channel(std::string name_or_id);
  Task<Result<bool>> is_member(std::string channel);

  Clock& clock_;
  Random& random_;
  Rest& rest_;
  NameBook& names_;
  DressFor dress_for_;  // empty: plainly
  Self self_;
  PostQueue queue_;
  std::map<std::string, std::string> direct_channels_;  // by user id; they never change
  std::map<std::string, std::string> readers_;  // by channel: who alone reads it with us; empty: others, too
};

}  // namespace jitbot::mattermost

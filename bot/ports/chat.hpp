#pragma once

#include "bot/cards/card.hpp"
#include "bot/cards/inbound.hpp"
#include "bot/ports/task.hpp"

#include <optional>
#include <set>
#include <string>
#include <variant>

namespace jitbot {

// A place to post: a channel by id (in a thread, where `thread` is set), or the bot's DM with a person.
struct Place {
  std::string channel;  // as in bot/model/channel.hpp
  std::string thread;
  std::optional<PrincipalId> direct;
  bool operator==(const Place&) const = default;
};

struct MessageRef {
  std::string channel;
  std::string id;  // the platform's own
  bool operator==(const MessageRef&) const = default;
};

struct ChannelInfo {
  std::string id;
  std::string name;             // without '#'
  bool shared_outside = false;  // with another organisation, or about to be: gets no cards
  bool archived = false;
  bool member = false;  // the bot may post there
  bool is_private = false;
};

// One chat platform. Every call is bounded by a deadline of the adapter's. Error kinds: rate_limited and
// unavailable were surely not done; outcome_unknown may have been; refused and not_found will not work again
// as they are (channel archived, DM not possible).
class Chat {
 public:
  virtual ~Chat() = default;

  // `key` goes into the message's metadata, so `find` can recognise it later.
  virtual Task<Result<MessageRef>> post(Place place, Card card, std::string key) = 0;
  virtual Task<Result<void>> update(MessageRef message, Card card, std::string key) = 0;
  // Our message with that key, posted not earlier than `since`; nothing: it is not there.
  virtual Task<Result<std::optional<MessageRef>>> find(Place place, std::string key, Time since) = 0;

  // A private answer to what somebody said: the acknowledgement while it is open, else the platform's answer
  // address, else a private post in the channel, else a DM.
  virtual Task<Result<void>> answer(Inbound to, Card card) = 0;

  // By id or by "#name".
  virtual Task<Result<ChannelInfo>> channel(std::string name_or_id) = 0;
  // The server's clock, to the second.
  virtual Task<Result<Time>> server_time() = 0;

  virtual bool live() const = 0;  // what people say reaches us now
};

// Who people are, asked live: nothing is cached here, and an error is an error.
class Directory {
 public:
  virtual ~Directory() = default;

  virtual Task<Result<Person>> person(PrincipalId id) = 0;
  virtual Task<Result<std::set<PrincipalId>>> members(std::string group) = 0;  // "slack:usergroup/S0SRE"
  // Whoever has that e-mail in a workspace of ours, for telling people; not_found where nobody has.
  virtual Task<Result<Person>> by_email(std::string email) = 0;
  // The workspace that is meant by an account without one, "slack:U0001"; empty: none, or not known yet.
  virtual std::string workspace(std::string_view platform) const = 0;
};

}  // namespace jitbot

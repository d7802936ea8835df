#pragma once

#include "bot/ports/chat.hpp"
#include "bot/reconcile/loop.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace jitbot {

// What is wrong with a channel that no cards are shown in.
enum class ChannelState { usable, shared, archived, left, gone, swapped };
std::string_view to_string(ChannelState state);
std::optional<ChannelState> parse_channel_state(std::string_view text);

// Durable: what a channel was when it was last looked at; unknown channels are usable.
ChannelState channel_state(Tx& tx, const std::string& id);
void put_channel_state(Tx& tx, const std::string& id, ChannelState state);

// What the chat says of channels. An answer is good for at most 60 s, and asked once however many wait for
// it. Names are resolved to ids once and kept: a channel that is renamed goes on by its id; a name that means
// another channel by now is refused, because nobody who wrote the policy meant that one. The names are
// resolved anew when another policy is loaded (forget_channels), not at every start: a crash is nobody's
// decision that the new owner of a name shall see the cards. Who means the other channel says so by its id in
// post_to. Belongs to the event loop.
class ChannelBook {
 public:
  ChannelBook(LoopPorts ports, Chat& chat);

  // By id.
  Task<Result<ChannelInfo>> look(std::string id);
  // Which channel has that name now ("#name"); not_found: none that we see.
  Task<Result<ChannelInfo>> look_up(std::string name);
  // The id to post to, for a name or an id as it is configured; refused: no card may go there, and why.
  Task<Result<std::string>> usable(std::string name_or_id);
  // What is wrong with a channel, that is known by these names. An error: it cannot be asked now.
  Task<Result<ChannelState>> state_of(std::string id, std::vector<std::string> names);
  // Something changed: the next question is asked anew.
  void forget(const std::string& id);

 private:
  struct Question;
  Task<Result<ChannelInfo>> ask(std::string what);
  Task<void> put_question(std::string what, std::shared_ptr<Question> question);
  bool is_fresh(const Question& question) const;

  LoopPorts ports_;
  Chat& chat_;
  std::map<std::string, std::shared_ptr<Question>> asked_;  // by id or "#name"
};

}  // namespace jitbot

#pragma once

#include "adapters/chat/mattermost/rest.hpp"
#include "adapters/chat/mattermost/seen.hpp"
#include "bot/ports/task.hpp"

#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace jitbot::mattermost {

// Looks up by REST what the socket did not tell: for each channel the bot is in, the messages whose state
// changed since the newest that was taken there, with a minute's overlap. Each is handed over as the event
// that was missed, oldest first: "posted", or "post_edited" for one that was there before or was edited since
// (somebody else may have edited it, so its words are nobody's); the reactions on it are asked for by whom
// they concern. What was deleted, and what only the history of an edit holds, is left out. Missed clicks,
// commands and dialogs are not told by anybody. Belongs to the loop; `rest` outlives it.
class CatchUp {
 public:
  using Json = std::shared_ptr<const nlohmann::json>;
  using Hand = std::function<Task<Result<void>>(Json event)>;

  // `from`: by the server's clock, where nothing is known yet.
  CatchUp(Rest& rest, Time from) : rest_(rest), seen_(from) {}

  void know_team(std::string team) { team_ = std::move(team); }

  // An error, of the looking or of `hand`: not all was handed over. What was, is known.
  Task<Result<void>> run(Hand hand);

  // Of an event from the socket: whether that state of that message was taken; false for other events.
  bool knows(const nlohmann::json& event) const;
  // It was taken.
  void note(const nlohmann::json& event);

 private:
  struct Channel;
  Task<Result<std::vector<Channel>>> channels();
  Task<Result<void>> look_into(Channel channel, Hand hand);
  Task<Result<std::vector<Json>>> changed_since(Channel channel, std::int64_t since);
  Task<Result<std::vector<Json>>> created_since(Channel channel, std::int64_t since);

  Rest& rest_;
  std::string team_;
  Seen seen_;
};

// The message that a "posted" or "post_edited" event tells of; nothing: it tells of none.
std::optional<PostState> post_state(const nlohmann::json& event);

}  // namespace jitbot::mattermost

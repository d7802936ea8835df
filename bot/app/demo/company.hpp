#pragma once

#include "bot/model/result.hpp"
#include "bot/ports/task.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace jitbot::story {

using Told = Result<void>;  // an error: what was expected and was not seen

// A message as people read it.
struct Message {
  std::string id;     // the platform's
  std::string place;  // where it was read: "#staging-approvals", "@alice"
  std::string text;   // all of it
  std::string mark;   // later ones have greater marks; private answers are compared with each other only
};

struct Attempt {
  std::string how;      // "presses Approve"
  std::string refused;  // the platform's own refusal; empty: it let it pass, and the bot answers
};

// The chat half of the story: what people do in their apps and what they see there, on whatever platform.
// People are alice, bob, carol, dave, erin, gina (a guest) and sam (an outsider); channels #staging-approvals
// and #prod-approvals. What people do is told back as words that follow a name: "presses Approve". Nothing
// here asks the bot. Belongs to the loop's thread.
class Company {
 public:
  virtual ~Company() = default;

  // Why that person is not here; empty: is here.
  virtual std::string absence(const std::string& person) const = 0;
  virtual std::string outsider() const = 0;                              // who sam is: "of another company"
  virtual std::string mention(const std::string& person) const = 0;      // as it stands in a message's text
  virtual std::string channel_name(const std::string& place) const = 0;  // as people know it here
  virtual std::string plain(const std::string& text) const = 0;          // without the marks of the platform

  virtual Task<Told> connected() = 0;  // people can reach the bot
  virtual Task<Result<std::string>> ask(std::string person,
                                        std::string words) = 0;  // "request staging 10s …"
  // Where it is of high risk, with the resource's name typed.
  virtual Task<Result<std::string>> approve(std::string person, Message card, std::string resource) = 0;
  // The same from somebody whose app does not show the card.
  virtual Task<Result<Attempt>> forge(std::string person, Message card) = 0;
  virtual Task<Result<std::string>> give_back(std::string person, Message message) = 0;

  // Those of "#channel", or the bot's to "@person": oldest first, changed ones as they are now.
  virtual std::vector<Message> messages(const std::string& place) const = 0;
  // What only that person was shown, oldest first.
  virtual std::vector<Message> answers(const std::string& person) const = 0;
  // Called after each change until the handle is dropped.
  [[nodiscard]] virtual std::shared_ptr<void> on_change(std::function<void()> handler) = 0;
};

}  // namespace jitbot::story

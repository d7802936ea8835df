#pragma once

#include "bot/model/result.hpp"
#include "bot/ports/task.hpp"
#include "tests/support/mattermost/core.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace jitbot::mattermost_stand_in {

struct Button {
  std::string id;
  std::string name;
  std::string style;
  bool menu = false;
  std::vector<std::string> options = {};  // values of a menu
  std::string cookie = {};                // of an ephemeral post
};

// A post as a person sees it.
struct Message {
  std::string id;
  std::string author;  // the username of who it belongs to, whatever its props claim
  std::string root;
  std::string text;
  std::vector<Json> attachments;
  std::vector<Button> buttons;
  std::vector<Reaction> reactions;
  Json props;  // without what clicks carry
  std::int64_t create_at = 0;
  std::int64_t update_at = 0;

  // All that can be read of it: text, and of the attachments title, text, fields and footer.
  std::string all_text() const;
  const Button* button(std::string_view name_or_id) const;
};
Message shown(const Core& core, const Post& post);

// What the server answered a client.
struct Outcome {
  int status = 0;
  std::string error;  // the id of the refusal; empty: it worked
  Json json;
};

struct Dialog {
  std::string title;
  std::string introduction;
  std::string state;
  std::string url;
  std::string callback;
  Json elements;                 // null: none
  Json errors = Json::object();  // what the last submission was told
  std::string error = {};
};

// What one user does in their app. Channels are named "#name", "@user" (the direct channel with them, made
// when there is none) or by id. Waiting ones end when the integration has answered; the others are done at
// once.
class Client {
 public:
  Client(std::shared_ptr<Core> core, std::string user) : core_(std::move(core)), user_(std::move(user)) {}

  const std::string& id() const { return user_; }

  Result<std::string> say(const std::string& channel, const std::string& text, const std::string& root = {});
  Result<void> edit(const std::string& post, const std::string& text);
  Result<void> remove(const std::string& post);
  Result<void> react(const std::string& post, const std::string& emoji);
  Result<void> unreact(const std::string& post, const std::string& emoji);

  Task<Outcome> command(std::string channel, std::string text, std::string root = {});  // "/jit …"
  Task<Outcome> click(std::string post, std::string button);  // by name or id; of an ephemeral post too
  Task<Outcome> choose(std::string post, std::string menu, std::string value);
  // The newest open dialog. It stays open while the answer has errors.
  Task<Outcome> submit(Json values);
  Task<Outcome> cancel();

  std::optional<Dialog> dialog() const;
  std::vector<Message> ephemerals() const;  // oldest first
  std::vector<Message> messages(const std::string& channel) const;

  // --- what a malicious one can do
  // A message with buttons of their own, to any URL and with any context.
  Result<std::string> say_with(const std::string& channel, const std::string& text, Json props);
  // The body of /actions/dialogs/submit as they like it; what is missing is filled in as their client would.
  Task<Outcome> relay(Json submission);

  // Any call at all, below /api/v4. The first for those that wait for no integration.
  Answer call(const std::string& method, const std::string& path, Json body = {}) const;
  Task<Answer> call_later(std::string method, std::string path, Json body = {}) const;

 private:
  std::string place(const std::string& channel) const;

  std::shared_ptr<Core> core_;
  std::string user_;
};

}  // namespace jitbot::mattermost_stand_in

#pragma once

#include "adapters/chat/sandbox/world.hpp"
#include "bot/model/ids.hpp"
#include "tests/scenario/message.hpp"

#include <nlohmann/json.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace jitbot::scenario {

// Where a story is told, and by what people act there. The environment says it (JITBOT_SCENE), so that the
// same test runs in all of them.
enum class SceneName {
  slack,                 // buttons and forms
  slack_commands,        // what is typed alone
  mattermost,            // slash command, buttons and dialogs, by callbacks
  mattermost_reactions,  // no callbacks: typed, votes by reaction
  mattermost_commands,   // no callbacks: all of it typed
};
SceneName scene_of_environment();

enum class Way { pressing, reacting, typing };
Way way_of(SceneName scene);

// What somebody does, while it is under way.
struct Deed {
  std::function<bool()> done = [] { return true; };
  // Once it is done, what the platform itself says against it; empty: it went through.
  std::function<std::string()> error = [] { return std::string(); };
};

// A chat platform with its people, in words that fit every one. People are named by their handle, channels
// as "#name"; "@name" is what the bot writes to that person directly.
class Scene {
 public:
  Scene() = default;
  virtual ~Scene() = default;
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;

  virtual Way way() const = 0;
  virtual bool connected() const = 0;       // as the platform sees it
  virtual std::string command() const = 0;  // what commands begin with: "/jit", "@jitbot"
  virtual PrincipalId id_of(const std::string& name) const = 0;

  // --- what can be seen: the bot's messages, oldest first
  virtual std::vector<Message> messages(const std::string& place) const = 0;
  virtual std::vector<Message> answers(const std::string& who) const = 0;  // private ones

  // --- what people do
  // A command, where nothing is said as that person does; an absent channel: wherever he does.
  virtual Deed types(const std::string& who, const std::string& words,
                     const std::optional<std::string>& channel) = 0;
  // "@jit …" as a reply in the message's thread.
  virtual void replies(const std::string& who, const std::string& words, const Message& in_thread_of) = 0;
  virtual Deed clicks(const std::string& who, const Message& message, const std::string& act,
                      const std::string& id) = 0;
  // A button that only a window of before still shows; false where the platform lets nobody press it.
  virtual bool clicks_in_old_window(const std::string& who, const std::string& act,
                                    const std::string& id) = 0;
  // ✅ or ❌ for "approve" or "deny"; false: it is there already.
  virtual bool reacts(const std::string& who, const Message& message, const std::string& act) = 0;
  virtual bool sees_form(const std::string& who) const = 0;
  // The topmost form, filled in and sent: what it says is wrong; empty: taken.
  virtual std::string submits(const std::string& who, const nlohmann::json& values) = 0;

  // --- who is who
  virtual void hires(const std::string& name, const std::string& email) = 0;
  virtual void deactivates(const std::string& name) = 0;
  virtual void becomes(const std::string& name, sandbox::PersonKind kind) = 0;
  virtual void changes_email(const std::string& name, const std::string& email) = 0;
  virtual void approvers_are(const std::vector<std::string>& names) = 0;
  virtual void closes_approvers() = 0;  // the group names nobody any more

  // Whether the platform lets him do anything to a card at all, in the way of this scene.
  virtual bool lets_in(const std::string& name) const = 0;

  // --- what goes wrong
  virtual void goes_away() = 0;  // nothing reaches it, nothing comes
  virtual void comes_back() = 0;
  enum class Unknown { groups, people_and_groups };
  virtual void forgets(Unknown what) = 0;  // is asked for it, and fails
  virtual void remembers() = 0;
  virtual std::string trouble() const = 0;  // what people are told of it
  virtual int group_lookups() const = 0;    // how often it was asked who is in a group
};

// What the approvers' group is called in policies.
std::string approvers_source();

}  // namespace jitbot::scenario

#pragma once

#include "adapters/chat/sandbox/sandbox.hpp"
#include "tests/scenario/scene.hpp"

namespace jitbot::scenario {

class Stage;

// On the sandbox's workspace.
class OnSlack : public Scene {
 public:
  OnSlack(Stage& stage, sandbox::Sandbox& sandbox, Way way) : stage_(stage), sandbox_(sandbox), way_(way) {}

  Way way() const override { return way_; }
  bool connected() const override;
  std::string command() const override { return "/jit"; }
  PrincipalId id_of(const std::string& name) const override;

  std::vector<Message> messages(const std::string& place) const override;
  std::vector<Message> answers(const std::string& who) const override;

  Deed types(const std::string& who, const std::string& words,
             const std::optional<std::string>& channel) override;
  void replies(const std::string& who, const std::string& words, const Message& in_thread_of) override;
  Deed clicks(const std::string& who, const Message& message, const std::string& act,
              const std::string& id) override;
  bool clicks_in_old_window(const std::string& who, const std::string& act, const std::string& id) override;
  bool reacts(const std::string& who, const Message& message, const std::string& act) override;
  bool sees_form(const std::string& who) const override;
  std::string submits(const std::string& who, const nlohmann::json& values) override;

  void hires(const std::string& name, const std::string& email) override;
  void deactivates(const std::string& name) override;
  void becomes(const std::string& name, sandbox::PersonKind kind) override;
  void changes_email(const std::string& name, const std::string& email) override;
  void approvers_are(const std::vector<std::string>& names) override;
  void closes_approvers() override;

  bool lets_in(const std::string& name) const override;

  void goes_away() override;
  void comes_back() override;
  void forgets(Unknown what) override;
  void remembers() override;
  std::string trouble() const override;
  int group_lookups() const override;

 private:
  Deed deed(sandbox::ClickInput input);

  Stage& stage_;
  sandbox::Sandbox& sandbox_;
  Way way_;
};

// The first button of these blocks that does this to that request; to any, when no id is given.
std::string slack_action(const nlohmann::json& blocks, const std::string& act, const std::string& id);
// What a person reads.
std::string text_of(const sandbox::Message& message, const sandbox::World& world);
Message read(const sandbox::Message& message, const sandbox::World& world);

}  // namespace jitbot::scenario

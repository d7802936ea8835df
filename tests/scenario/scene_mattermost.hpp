#pragma once

#include "tests/scenario/scene.hpp"
#include "tests/support/mattermost/stand_in.hpp"

namespace jitbot::scenario {

class Stage;

// A Mattermost server, beside Slack or instead of it.
struct MattermostScene {
  mattermost_stand_in::World world;
  mattermost_stand_in::Options server = {};
  enum class Callbacks { served, none } callbacks = Callbacks::served;
  enum class Slack { beside, none } slack = Slack::none;
  std::string callers = {};  // who may call back: addresses of YAML; empty: anybody
};

// On the stand-in of a Mattermost server.
class OnMattermost : public Scene {
 public:
  using Callbacks = MattermostScene::Callbacks;

  OnMattermost(Stage& stage, mattermost_stand_in::StandIn& server, Callbacks callbacks, Way way)
      : stage_(stage), server_(server), callbacks_(callbacks), way_(way) {}

  Way way() const override { return way_; }
  bool connected() const override;
  std::string command() const override;
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
  std::vector<Message> shown_in(const std::string& channel) const;
  Message read(const mattermost_stand_in::Message& message, const std::string& channel) const;

  Stage& stage_;
  mattermost_stand_in::StandIn& server_;
  Callbacks callbacks_;
  Way way_;
};

// The same company as on Slack, on a Mattermost server; its groups are private channels, and "sysadmin" is
// the server's administrator.
mattermost_stand_in::World mattermost_world(const sandbox::World& company);
// What a person reads.
std::string text_of(const mattermost_stand_in::Message& message);

}  // namespace jitbot::scenario

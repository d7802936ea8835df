#pragma once

#include "tests/scenario/harness.hpp"

#include <string>
#include <vector>

// People on a Mattermost server, and what they see there.
namespace jitbot::scenario {

namespace mm = mattermost_stand_in;

// The company of the usual policy. Erin is the administrator.
mm::World mattermost_world();
std::string mattermost_policy();  // the usual one, with groups of that server

StageOptions on_mattermost(MattermostScene::Callbacks callbacks = MattermostScene::Callbacks::served);

class Member {
 public:
  Member(Stage& stage, std::string name) : stage_(stage), name_(std::move(name)) {}

  // `/jit …`; the private answer.
  std::string commands(const std::string& words);
  // To the bot directly; its answer.
  std::string writes(const std::string& words);
  // "@jitbot …" in a channel; the answer, which comes directly.
  std::string mentions(const std::string& words, const std::string& channel);
  // A button of the newest card of that id; the private answer.
  std::string presses(const std::string& button, const std::string& id,
                      const std::string& channel = k_staging);
  // On the card of that id.
  void reacts(const std::string& emoji, const std::string& id, const std::string& channel = k_staging);
  void unreacts(const std::string& emoji, const std::string& id, const std::string& channel = k_staging);
  // The open dialog; what it says is wrong, empty: taken.
  std::string submits(const Json& values);
  bool sees_dialog();

  std::vector<mm::Message> dms();
  std::string dm(const std::string& part);  // the newest with that text; empty: none
  int dms_with(const std::string& part);
  mm::Client client() { return stage_.mattermost->as(name_); }
  const std::string& name() const { return name_; }

 private:
  std::string direct_answer(std::size_t before);

  Stage& stage_;
  std::string name_;
};

std::optional<mm::Message> mattermost_card(Stage& stage, const std::string& id,
                                           const std::string& channel = k_staging);
std::string mattermost_text(Stage& stage, const std::string& id, const std::string& channel = k_staging);
int mattermost_cards(Stage& stage, const std::string& id, const std::string& channel = k_staging);

}  // namespace jitbot::scenario

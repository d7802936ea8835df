#include "tests/scenario/mattermost_people.hpp"

#include <algorithm>

namespace jitbot::scenario {

namespace {

const std::string k_approvers = "4xp9fdt77pncbef59f4k1qe83o";

// The first line of a card names what it is about.
bool is_about(const mm::Message& message, const std::string& id) {
  return message.root.empty() && contains(message.text, "· " + id);
}

std::string channel_of(Stage& stage, const std::string& name) {
  return stage.mattermost->channel_id(name);
}

}  // namespace

mm::World mattermost_world() {
  return mattermost_world(sandbox::demo_world());
}

std::string mattermost_policy() {
  std::string policy = usual_policy();
  const std::string slack = "slack:usergroup/S0APPROVE";
  const auto at = policy.find(slack);
  return policy.replace(at, slack.size(), "mattermost:channel/" + k_approvers);
}

StageOptions on_mattermost(MattermostScene::Callbacks callbacks) {
  StageOptions options;
  options.policy = mattermost_policy();
  options.mattermost = MattermostScene{mattermost_world()};
  options.mattermost->callbacks = callbacks;
  return options;
}

// --- what people do

std::string Member::commands(const std::string& words) {
  const std::size_t whispers = client().ephemerals().size();
  const std::size_t directly = dms().size();
  const auto outcome = stage_.begin(client().command("#town-square", "/jit " + words));
  stage_.until([&] { return outcome->has_value(); }, 30s);
  INFO("/jit " << words << ": " << (*outcome)->status << " " << (*outcome)->error);
  REQUIRE((*outcome)->status == 200);
  stage_.happens(
      [&] { return client().ephemerals().size() > whispers || sees_dialog() || dms().size() > directly; },
      30s);
  stage_.settle();
  const auto told = client().ephemerals();
  if (told.size() > whispers) return told.back().all_text();
  return sees_dialog() ? std::string() : direct_answer(directly);
}

std::string Member::direct_answer(std::size_t before) {
  stage_.happens([&] { return dms().size() > before; }, 30s);
  stage_.settle();
  const auto all = dms();
  return all.size() > before ? all.back().all_text() : std::string();
}

std::string Member::writes(const std::string& words) {
  const std::size_t before = dms().size();
  REQUIRE(client().say("@jitbot", words).has_value());
  return direct_answer(before);
}

std::string Member::mentions(const std::string& words, const std::string& channel) {
  const std::size_t before = dms().size();
  REQUIRE(client().say(channel, "@jitbot " + words).has_value());
  return direct_answer(before);
}

std::string Member::presses(const std::string& button, const std::string& id, const std::string& channel) {
  std::optional<mm::Message> found;
  stage_.until([&] {
    found = mattermost_card(stage_, id, channel);
    return found && found->button(button) != nullptr;
  });
  const std::size_t before = client().ephemerals().size();
  const auto outcome = stage_.begin(client().click(found->id, button));
  stage_.until([&] { return outcome->has_value(); }, 30s);
  INFO(button << " of " << id << ": " << (*outcome)->status << " " << (*outcome)->error);
  CHECK((*outcome)->status == 200);
  stage_.settle();
  const auto told = client().ephemerals();
  return told.size() > before ? told.back().all_text() : std::string();
}

void Member::reacts(const std::string& emoji, const std::string& id, const std::string& channel) {
  stage_.until([&] { return mattermost_card(stage_, id, channel).has_value(); });
  REQUIRE(client().react(mattermost_card(stage_, id, channel)->id, emoji).has_value());
  stage_.happens([] { return false; }, 5s);  // whatever comes of it
}

void Member::unreacts(const std::string& emoji, const std::string& id, const std::string& channel) {
  REQUIRE(client().unreact(mattermost_card(stage_, id, channel)->id, emoji).has_value());
  stage_.happens([] { return false; }, 5s);  // whatever comes of it
}

bool Member::sees_dialog() {
  return client().dialog().has_value();
}

std::string Member::submits(const Json& values) {
  stage_.until([&] { return sees_dialog(); }, 10s);
  const auto outcome = stage_.begin(client().submit(values));
  stage_.until([&] { return outcome->has_value(); }, 30s);
  CHECK((*outcome)->status == 200);
  stage_.happens([this] { return !sees_dialog(); }, 3s);
  stage_.settle();
  const auto open = client().dialog();
  if (!open) return {};
  return open->error + (open->errors.empty() ? std::string() : open->errors.dump());
}

// --- what people see

std::vector<mm::Message> Member::dms() {
  auto all = client().messages("@jitbot");
  std::erase_if(all, [&](const mm::Message& message) { return message.author != "jitbot"; });
  return all;
}

std::string Member::dm(const std::string& part) {
  std::string newest;
  for (const mm::Message& message : dms()) {
    if (contains(message.all_text(), part)) newest = message.all_text();
  }
  return newest;
}

int Member::dms_with(const std::string& part) {
  const auto all = dms();
  return static_cast<int>(std::ranges::count_if(
      all, [&](const mm::Message& message) { return contains(message.all_text(), part); }));
}

std::optional<mm::Message> mattermost_card(Stage& stage, const std::string& id, const std::string& channel) {
  std::optional<mm::Message> found;
  for (mm::Message& message : stage.mattermost->messages(channel_of(stage, channel))) {
    if (message.author == "jitbot" && is_about(message, id)) found = std::move(message);
  }
  return found;
}

std::string mattermost_text(Stage& stage, const std::string& id, const std::string& channel) {
  const auto card = mattermost_card(stage, id, channel);
  return card ? card->all_text() : std::string();
}

int mattermost_cards(Stage& stage, const std::string& id, const std::string& channel) {
  const auto all = stage.mattermost->messages(channel_of(stage, channel));
  return static_cast<int>(
      std::ranges::count_if(all, [&](const mm::Message& message) { return is_about(message, id); }));
}

}  // namespace jitbot::scenario

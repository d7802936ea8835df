#include "tests/scenario/scene_slack.hpp"

#include "tests/scenario/harness.hpp"

#include <algorithm>
#include <cctype>

namespace jitbot::scenario {

namespace {

const std::string k_approvers = "S0APPROVE";

template <class Outcomes>
Deed deed_of(Outcomes outcome) {
  return {[outcome] { return outcome->has_value(); },
          [outcome] { return outcome->has_value() ? (*outcome)->error : std::string(); }};
}

}  // namespace

bool OnSlack::connected() const {
  return sandbox_.connections().size() >= 2;
}

PrincipalId OnSlack::id_of(const std::string& name) const {
  const auto& world = sandbox_.world();
  return {"slack:" + world.team_id, world.find_person(name)->id};
}

// --- what can be seen

std::vector<Message> OnSlack::messages(const std::string& place) const {
  std::vector<Message> all;
  const auto& world = sandbox_.world();
  for (const sandbox::Message& message : sandbox_.messages(place)) {
    if (message.user == world.bot.user_id || !message.bot_id.empty()) all.push_back(read(message, world));
  }
  return all;
}

std::vector<Message> OnSlack::answers(const std::string& who) const {
  std::vector<Message> all;
  for (const sandbox::Message& message : sandbox_.ephemerals(who))
    all.push_back(read(message, sandbox_.world()));
  return all;
}

// --- what people do

Deed OnSlack::types(const std::string& who, const std::string& words,
                    const std::optional<std::string>& channel) {
  sandbox::CommandInput input;
  input.user = who;
  input.channel = channel.value_or("#general");
  input.text = words;
  return deed_of(stage_.begin(sandbox_.run_command(std::move(input))));
}

void OnSlack::replies(const std::string& who, const std::string& words, const Message& in_thread_of) {
  sandbox::SayInput input;
  input.user = who;
  input.channel = in_thread_of.channel;
  input.thread_ts = in_thread_of.id;
  input.text = "@" + sandbox_.world().bot.name + " " + words;
  REQUIRE(sandbox_.say(std::move(input)).has_value());
}

Deed OnSlack::deed(sandbox::ClickInput input) {
  return deed_of(stage_.begin(sandbox_.click(std::move(input))));
}

Deed OnSlack::clicks(const std::string& who, const Message& message, const std::string& act,
                     const std::string& id) {
  const auto found = sandbox_.find_message(message.channel, message.id);
  REQUIRE(found.has_value());
  sandbox::ClickInput input;
  input.user = who;
  input.channel = message.channel;
  input.ts = message.id;
  input.action_id = slack_action(found->blocks, act, id);
  return deed(std::move(input));
}

bool OnSlack::clicks_in_old_window(const std::string& who, const std::string& act, const std::string& id) {
  stage_.person(who).starts_pressing(act, id, sandbox::Replay::any_version);
  return true;
}

bool OnSlack::reacts(const std::string& who, const Message& message, const std::string& act) {
  throw std::logic_error(who + " " + act + " " + message.id + ": nobody votes by reaction here");
}

bool OnSlack::sees_form(const std::string& who) const {
  return !sandbox_.open_views(who).empty();
}

// --- who is who

void OnSlack::hires(const std::string& name, const std::string& email) {
  sandbox::Person person;
  person.id = "U0NEW" + name;
  std::ranges::transform(person.id, person.id.begin(), [](unsigned char c) { return std::toupper(c); });
  person.name = person.real_name = name;
  person.email = email;
  REQUIRE(sandbox_.add_person(std::move(person)));
  REQUIRE(sandbox_.join_channel("#general", name));
}

void OnSlack::deactivates(const std::string& name) {
  REQUIRE(sandbox_.deactivate(name));
}

void OnSlack::becomes(const std::string& name, sandbox::PersonKind kind) {
  REQUIRE(sandbox_.set_kind(name, kind));
}

void OnSlack::changes_email(const std::string& name, const std::string& email) {
  REQUIRE(sandbox_.set_email(name, email));
}

void OnSlack::approvers_are(const std::vector<std::string>& names) {
  REQUIRE(sandbox_.set_group_members(k_approvers, names));
}

void OnSlack::closes_approvers() {
  REQUIRE(sandbox_.set_group_enabled(k_approvers, sandbox::Switch::off));
}

// Whoever has a window may go on pressing in it. Commands are for people of the workspace.
bool OnSlack::lets_in(const std::string& name) const {
  if (way_ == Way::pressing) return true;
  const auto& world = sandbox_.world();
  const auto* person = world.find_person(name);
  return !person->deactivated && person->kind != sandbox::PersonKind::bot &&
         world.find_channel("general")->members.contains(person->id);
}

// --- what goes wrong

void OnSlack::goes_away() {
  sandbox_.outage(sandbox::Switch::on);
}

void OnSlack::comes_back() {
  sandbox_.outage(sandbox::Switch::off);
}

void OnSlack::forgets(Unknown what) {
  sandbox::MethodFault fault;
  fault.kind = sandbox::MethodFaultKind::api_error;
  fault.error = "fatal_error";
  fault.count = -1;
  fault.method = "usergroups.users.list";
  sandbox_.fail_calls(fault);
  fault.method = "users.info";
  if (what == Unknown::people_and_groups) sandbox_.fail_calls(fault);
}

void OnSlack::remembers() {
  sandbox_.clear_faults();
}

std::string OnSlack::trouble() const {
  return "Slack has trouble of its own";
}

int OnSlack::group_lookups() const {
  return stage_.slack_calls("usergroups.users.list");
}

}  // namespace jitbot::scenario

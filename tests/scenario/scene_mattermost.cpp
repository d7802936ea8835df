#include "tests/scenario/scene_mattermost.hpp"

#include "tests/scenario/harness.hpp"

#include <algorithm>
#include <set>

namespace jitbot::scenario {

namespace mm = mattermost_stand_in;

namespace {

const std::string k_bot = "jitbot";
const std::string k_approvers = "4xp9fdt77pncbef59f4k1qe83o";
constexpr int k_for_ever = 1'000'000;

mm::Kind kind_of(sandbox::PersonKind kind) {
  switch (kind) {
    case sandbox::PersonKind::member:
      return mm::Kind::person;
    case sandbox::PersonKind::guest:
    case sandbox::PersonKind::single_channel_guest:
      return mm::Kind::guest;
    case sandbox::PersonKind::bot:
      return mm::Kind::bot;
    case sandbox::PersonKind::stranger:
      return mm::Kind::remote;
  }
  return mm::Kind::person;
}

// Ids that sort as the names do, as those of the workspace.
std::string id_for(const std::string& name) {
  constexpr std::size_t k_length = 26;
  return name + std::string(k_length - name.size(), 'y');
}

mm::NewUser user_of(const sandbox::Person& person) {
  mm::NewUser user;
  user.id = id_for(person.name);
  user.username = person.name;
  user.kind = kind_of(person.kind);
  user.first_name = person.real_name;
  user.email = person.email;
  user.timezone = person.tz;
  user.deactivated = person.deactivated;
  return user;
}

template <class Ids>
std::vector<std::string> names_of(const Ids& ids, const sandbox::World& company) {
  std::vector<std::string> names;
  for (const std::string& id : ids) {
    const auto* person = company.find_person(id);
    names.push_back(person == nullptr ? k_bot : person->name);
  }
  return names;
}

Deed deed_of(std::shared_ptr<std::optional<mm::Outcome>> outcome) {
  return {[outcome] { return outcome->has_value(); },
          [outcome] { return outcome->has_value() ? (*outcome)->error : std::string(); }};
}

std::string button_of(const mm::Message& message, const std::string& act) {
  for (const mm::Button& button : message.buttons) {
    if (button.id.substr(0, button.id.find_first_of("0123456789")) == act) return button.id;
  }
  return {};
}

bool is_answer(const Message& message) {
  return message.key.starts_with("answer:");
}

std::string emoji_of(const std::string& act) {
  return act == "approve" ? "white_check_mark" : "x";
}

}  // namespace

mm::World mattermost_world(const sandbox::World& company) {
  mm::World world;
  world.users.push_back({.username = "sysadmin", .kind = mm::Kind::admin});
  for (const sandbox::Person& person : company.people) world.users.push_back(user_of(person));
  world.users.push_back({.username = k_bot, .kind = mm::Kind::bot});
  for (const sandbox::Channel& channel : company.channels) {
    world.channels.push_back({.name = channel.name,
                              .type = channel.is_private ? "P" : "O",
                              .members = names_of(channel.members, company),
                              .creator = "sysadmin"});
  }
  for (const sandbox::UserGroup& group : company.groups) {
    mm::NewChannel channel;
    channel.name = group.handle;
    channel.type = "P";
    channel.members = names_of(group.members, company);
    channel.members.push_back(k_bot);
    channel.creator = "sysadmin";
    if (group.handle == "approvers") channel.id = k_approvers;
    world.channels.push_back(std::move(channel));
  }
  return world;
}

std::string approvers_source() {
  const SceneName scene = scene_of_environment();
  const bool on_slack = scene == SceneName::slack || scene == SceneName::slack_commands;
  return on_slack ? "slack:usergroup/S0APPROVE" : "mattermost:channel/" + k_approvers;
}

bool OnMattermost::connected() const {
  return server_.sockets() >= 1;
}

std::string OnMattermost::command() const {
  return callbacks_ == Callbacks::served ? "/jit" : "@" + k_bot;
}

PrincipalId OnMattermost::id_of(const std::string& name) const {
  return {"mattermost:" + mm::Options().server_id, server_.id_of(name)};
}

// --- what can be seen

std::vector<Message> OnMattermost::shown_in(const std::string& channel) const {
  std::vector<Message> all;
  for (const mm::Message& message : server_.messages(channel)) {
    if (message.author == k_bot) all.push_back(read(message, channel));
  }
  return all;
}

// Private answers come by the same conversation, where no callback carries them.
std::vector<Message> OnMattermost::messages(const std::string& place) const {
  if (place.starts_with('#')) return shown_in(server_.channel_id(place));
  if (!place.starts_with('@')) return shown_in(place);
  const std::string channel = server_.dm_id(place.substr(1), k_bot);
  auto all = channel.empty() ? std::vector<Message>() : shown_in(channel);
  std::erase_if(all, is_answer);
  return all;
}

std::vector<Message> OnMattermost::answers(const std::string& who) const {
  const std::string channel = server_.dm_id(who, k_bot);
  auto all = server_.as(who).ephemerals();
  if (!channel.empty()) {
    for (mm::Message& message : server_.messages(channel)) {
      if (is_answer(read(message, channel))) all.push_back(std::move(message));
    }
  }
  std::ranges::sort(all, {}, &mm::Message::create_at);
  std::vector<Message> told;
  for (const mm::Message& message : all) told.push_back(read(message, channel));
  return told;
}

// --- what people do

Deed OnMattermost::types(const std::string& who, const std::string& words,
                         const std::optional<std::string>& channel) {
  mm::Client client = server_.as(who);
  if (callbacks_ == Callbacks::served)
    return deed_of(stage_.begin(client.command(channel.value_or("#general"), "/jit " + words)));
  const bool directly = !channel && way_ == Way::typing;
  const auto said = directly ? client.say("@" + k_bot, words)
                             : client.say(channel.value_or("#general"), "@" + k_bot + " " + words);
  Deed deed;
  const std::string error = said ? std::string() : said.error().message;
  deed.error = [error] { return error; };
  return deed;
}

void OnMattermost::replies(const std::string& who, const std::string& words, const Message& in_thread_of) {
  REQUIRE(server_.as(who).say(in_thread_of.channel, "@" + k_bot + " " + words, in_thread_of.id).has_value());
}

Deed OnMattermost::clicks(const std::string& who, const Message& message, const std::string& act,
                          const std::string& id) {
  const auto shown = server_.message(message.id);
  INFO(act << " of " << id);
  REQUIRE(shown.has_value());
  return deed_of(stage_.begin(server_.as(who).click(message.id, button_of(*shown, act))));
}

// The server knows the buttons that a post has now, and no others.
bool OnMattermost::clicks_in_old_window(const std::string&, const std::string&, const std::string&) {
  return false;
}

bool OnMattermost::reacts(const std::string& who, const Message& message, const std::string& act) {
  const auto shown = server_.message(message.id);
  REQUIRE(shown.has_value());
  const bool there = std::ranges::any_of(shown->reactions, [&](const mm::Reaction& reaction) {
    return reaction.user == server_.id_of(who) && reaction.emoji == emoji_of(act);
  });
  return !there && server_.as(who).react(message.id, emoji_of(act)).has_value();
}

bool OnMattermost::sees_form(const std::string& who) const {
  return server_.as(who).dialog().has_value();
}

std::string OnMattermost::submits(const std::string& who, const nlohmann::json& values) {
  const auto outcome = stage_.begin(server_.as(who).submit(values));
  stage_.until([&] { return outcome->has_value(); }, 30s);
  if ((*outcome)->status != 200) return "error: " + (*outcome)->error;
  const auto open = server_.as(who).dialog();
  if (!open) return {};
  return open->error + (open->errors.empty() ? std::string() : open->errors.dump());
}

// --- who is who

namespace {

// Whatever an administrator of the server does.
void manages(mm::StandIn& server, const std::string& method, const std::string& path, Json body = {}) {
  const mm::Answer answer = server.as_admin(method, path, std::move(body));
  INFO(method << " " << path << ": " << answer.json.dump());
  REQUIRE(answer.status / 100 == 2);
}

}  // namespace

void OnMattermost::hires(const std::string& name, const std::string& email) {
  mm::NewUser user;
  user.id = id_for(name);
  user.username = name;
  user.email = email;
  server_.add_user(user);
  manages(server_, "POST", "/channels/" + server_.channel_id("general") + "/members",
          {{"user_id", server_.id_of(name)}});
}

void OnMattermost::deactivates(const std::string& name) {
  manages(server_, "PUT", "/users/" + server_.id_of(name) + "/active", {{"active", false}});
}

void OnMattermost::becomes(const std::string& name, sandbox::PersonKind kind) {
  if (kind_of(kind) == mm::Kind::remote) return server_.move_away(name);
  REQUIRE(kind_of(kind) == mm::Kind::guest);
  manages(server_, "PUT", "/users/" + server_.id_of(name) + "/roles", {{"roles", "system_guest"}});
}

void OnMattermost::changes_email(const std::string& name, const std::string& email) {
  manages(server_, "PUT", "/users/" + server_.id_of(name) + "/patch", {{"email", email}});
}

void OnMattermost::approvers_are(const std::vector<std::string>& names) {
  const std::string path = "/channels/" + k_approvers + "/members";
  std::set<std::string> wanted{server_.id_of(k_bot)};
  for (const std::string& name : names) wanted.insert(server_.id_of(name));
  const mm::Answer now = server_.as_admin("GET", path);
  for (const Json& member : now.json) {
    const std::string id = member["user_id"].get<std::string>();
    if (wanted.erase(id) == 0) manages(server_, "DELETE", path + "/" + id);
  }
  for (const std::string& id : wanted) manages(server_, "POST", path, {{"user_id", id}});
}

void OnMattermost::closes_approvers() {
  manages(server_, "DELETE", "/channels/" + k_approvers);
}

// Who is deactivated has no session. Cards are for members of their channel, and what other bots write is
// nobody's command.
bool OnMattermost::lets_in(const std::string& name) const {
  const std::string user = server_.id_of(name);
  const mm::Answer told = server_.as("sysadmin").call("GET", "/users/" + user);
  if (told.json.value("delete_at", 0LL) != 0) return false;
  if (way_ == Way::typing) return !told.json.value("is_bot", false);
  const std::string channel = server_.channel_id(k_staging);
  return server_.as("sysadmin").call("GET", "/channels/" + channel + "/members/" + user).status == 200;
}

// --- what goes wrong

void OnMattermost::goes_away() {
  server_.stop();
}

void OnMattermost::comes_back() {
  REQUIRE(server_.start().has_value());
}

void OnMattermost::forgets(Unknown what) {
  const mm::Answer broken = mm::failure(500, "app.select_error", "select error");
  const auto fails = [&](const std::string& route) {
    mm::PlannedAnswer plan;
    plan.method = "GET";
    plan.route = route;
    plan.answer = broken;
    plan.times = k_for_ever;
    server_.plan(std::move(plan));
  };
  fails("/channels/{}/members");
  if (what == Unknown::people_and_groups) fails("/users/{}");
}

void OnMattermost::remembers() {
  server_.forget_plans();
}

std::string OnMattermost::trouble() const {
  return "Mattermost has trouble of its own";
}

int OnMattermost::group_lookups() const {
  return static_cast<int>(server_.calls("GET", "/channels/{}/members"));
}

// --- reading

Message OnMattermost::read(const mm::Message& message, const std::string& channel) const {
  Message it;
  it.id = message.id;
  it.channel = channel;
  it.thread = message.root;
  it.text = text_of(message);
  it.raw = message.all_text();
  if (message.props.contains("jitbot_key")) it.key = message.props["jitbot_key"].get<std::string>();
  it.edited = message.update_at > message.create_at;
  for (const mm::Button& button : message.buttons)
    it.offered.push_back({button.id.substr(0, button.id.find_first_of("0123456789")), {}});
  if (callbacks_ == Callbacks::served) return it;
  for (const char* act : {"approve", "deny", "shorter", "question", "cancel", "done", "end", "extend"}) {
    const std::string words = typed_for(act, {});
    if (contains(it.raw, command() + " " + words)) it.offered.push_back({act, {}});
  }
  return it;
}

}  // namespace jitbot::scenario

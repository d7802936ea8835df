#include "tests/support/mattermost/core.hpp"

#include "bot/model/time.hpp"

#include <algorithm>
#include <utility>

namespace jitbot::mattermost_stand_in {

namespace {

net::HttpClientOptions client_options() {
  net::HttpClientOptions options;
  options.user_agent = "Mattermost-Bot/1.1";
  return options;
}

Json initial_config(const Options& options) {
  return {{"ServiceSettings",
           {{"SiteURL", ""},
            {"EnableBotAccountCreation", true},
            {"EnableUserAccessTokens", true},
            {"EnableCommands", true},
            {"EnablePostUsernameOverride", true},
            {"EnablePostIconOverride", false},
            {"AllowedUntrustedInternalConnections", options.allowed_internal},
            {"PostEditTimeLimit", -1}}},
          {"RateLimitSettings", {{"Enable", false}, {"PerSec", 10}, {"MaxBurst", 100}}},
          {"PrivacySettings", {{"ShowEmailAddress", true}, {"ShowFullName", true}}}};
}

}  // namespace

bool is_id(std::string_view text) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return text.size() == 26 && std::ranges::all_of(text, fits);
}

std::string whom(const Call& call, std::size_t part) {
  return call.parts[part] == "me" ? call.user : call.parts[part];
}

Core::Core(Executor on, Clock& with_clock, Random& with_random, const World& world, Options with)
    : executor(std::move(on)),
      clock(with_clock),
      random(with_random),
      options(std::move(with)),
      http(client_options()),
      sockets(*this),
      config(initial_config(options)) {
  if (!world.team.empty()) make_team(world);
  for (const NewUser& spec : world.users) add_user(spec);
  for (const auto& [id, admin] : users) {
    for (auto& [bot, each] : users) {
      if (admin.admin() && each.bot) each.bot_owner = id;
    }
  }
  if (!world.team.empty()) add_common_channels();
  for (const NewChannel& spec : world.channels) add_channel(spec);
  for (auto& [id, each] : channels) {
    if (each.name == "town-square" || each.name == "off-topic") each.members = team_members;
  }
  for (const NewGroup& spec : world.groups) {
    Group group;
    group.id = spec.id.empty() ? new_id() : spec.id;
    group.name = spec.name;
    for (const std::string& name : spec.members) group.members.insert(user_named(name)->id);
    groups.push_back(std::move(group));
  }
}

void Core::make_team(const World& world) {
  team = world.team_id.empty() ? new_id() : world.team_id;
  const std::int64_t at = stamp();
  team_json = {{"id", team},
               {"create_at", at},
               {"update_at", at},
               {"delete_at", 0},
               {"display_name", world.team_display_name},
               {"name", world.team},
               {"description", ""},
               {"email", ""},
               {"type", "O"},
               {"company_name", ""},
               {"allowed_domains", ""},
               {"invite_id", new_id()},
               {"allow_open_invite", false},
               {"scheme_id", nullptr},
               {"group_constrained", nullptr},
               {"policy_id", nullptr}};
}

// Everybody of the team is in them.
void Core::add_common_channels() {
  add_channel({.name = "town-square", .display_name = "Town Square"});
  add_channel({.name = "off-topic", .display_name = "Off-Topic"});
}

void Core::add_user(const NewUser& spec) {
  User made;
  made.id = spec.id.empty() ? new_id() : spec.id;
  made.username = spec.username;
  made.first_name = spec.first_name;
  made.last_name = spec.last_name;
  made.bot = spec.kind == Kind::bot;
  made.email = !spec.email.empty() ? spec.email : spec.username + (made.bot ? "@localhost" : "@example.com");
  made.password = spec.password;
  made.timezone = spec.timezone;
  made.bot_description = spec.description;
  if (spec.kind == Kind::admin) made.roles.insert("system_admin");
  if (spec.kind == Kind::guest) made.roles = {"system_guest"};
  if (spec.kind == Kind::remote) made.remote_id = new_id();
  made.create_at = spec.create_at != 0 ? spec.create_at : stamp();
  made.update_at = made.create_at;
  if (spec.deactivated) made.delete_at = stamp();
  if (spec.in_team && !team.empty()) team_members.insert(made.id);
  Token token;
  token.id = new_id();
  token.token = spec.token.empty() ? new_id() : spec.token;
  token.user = made.id;
  token.session = !made.bot;
  tokens.push_back(std::move(token));
  users[made.id] = std::move(made);
}

void Core::add_channel(const NewChannel& spec) {
  Channel made;
  made.id = spec.id.empty() ? new_id() : spec.id;
  made.type = spec.type;
  made.team = team;
  made.name = spec.name;
  made.display_name = spec.display_name.empty() ? spec.name : spec.display_name;
  if (!spec.creator.empty()) made.creator = user_named(spec.creator)->id;
  for (const std::string& name : spec.members) made.members.insert(user_named(name)->id);
  made.create_at = stamp();
  made.update_at = made.create_at;
  if (spec.archived) made.delete_at = made.create_at;
  channels[made.id] = std::move(made);
}

std::string Core::new_id() {
  constexpr std::string_view k_letters = "ybndrfg8ejkmcpqxot1uwisza345h769";
  std::string id;
  for (int index = 0; index < 26; ++index) id += k_letters[random.below(k_letters.size())];
  return id;
}

std::int64_t Core::stamp() {
  last_stamp_ = std::max(last_stamp_ + 1, to_ms(clock.now()));
  return last_stamp_;
}

User* Core::user_named(std::string_view username) {
  for (auto& [id, each] : users) {
    if (each.username == username) return &each;
  }
  return nullptr;
}

const User* Core::user(const std::string& id) const {
  const auto found = users.find(id);
  return found == users.end() ? nullptr : &found->second;
}

User* Core::user(const std::string& id) {
  const auto found = users.find(id);
  return found == users.end() ? nullptr : &found->second;
}

Channel* Core::channel(const std::string& id) {
  const auto found = channels.find(id);
  return found == channels.end() ? nullptr : &found->second;
}

Channel* Core::channel_named(std::string_view name) {
  for (auto& [id, each] : channels) {
    if (each.name == name && !each.direct()) return &each;
  }
  return nullptr;
}

Channel* Core::direct_channel(const std::string& one, const std::string& other) {
  for (auto& [id, each] : channels) {
    if (each.type == "D" && each.members == std::set<std::string>{one, other}) return &each;
  }
  return nullptr;
}

Post* Core::post(const std::string& id) {
  const auto found = std::ranges::find(posts, id, &Post::id);
  return found == posts.end() ? nullptr : &*found;
}

std::optional<std::string> Core::session(const std::string& token) const {
  if (faults.database == Database::lost_cold) return std::nullopt;
  if (faults.database == Database::lost_warm && !warm.contains(token)) return std::nullopt;
  for (const Token& each : tokens) {
    if (each.token != token || !each.active) continue;
    const User* who = user(each.user);
    if (who != nullptr && who->delete_at == 0) return who->id;
  }
  return std::nullopt;
}

bool Core::member(const std::string& channel, const std::string& user) const {
  const auto found = channels.find(channel);
  return found != channels.end() && found->second.members.contains(user);
}

bool Core::may_read(const Channel& channel, const User& user) const {
  if (channel.members.contains(user.id) || user.admin()) return true;
  return channel.type == "O" && team_members.contains(user.id) && !user.guest();
}

}  // namespace jitbot::mattermost_stand_in

#include "adapters/chat/sandbox/world.hpp"

#include <algorithm>

namespace jitbot::sandbox {

namespace {

template <class People>
auto find_person_in(People& people, std::string_view who) -> decltype(people.data()) {
  if (who.starts_with('@')) who.remove_prefix(1);
  if (who.empty()) return nullptr;
  for (auto& person : people) {
    if (person.id == who || person.name == who || person.email == who) return &person;
  }
  return nullptr;
}

template <class Channels>
auto find_channel_in(Channels& channels, std::string_view which) -> decltype(channels.data()) {
  if (which.starts_with('#')) which.remove_prefix(1);
  if (which.empty()) return nullptr;
  for (auto& channel : channels) {
    if (channel.id == which || channel.name == which) return &channel;
  }
  return nullptr;
}

template <class Groups>
auto find_group_in(Groups& groups, std::string_view which) -> decltype(groups.data()) {
  if (which.starts_with('@')) which.remove_prefix(1);
  for (auto& group : groups) {
    if (group.id == which || group.handle == which) return &group;
  }
  return nullptr;
}

}  // namespace

Person* World::find_person(std::string_view who) {
  return find_person_in(people, who);
}
const Person* World::find_person(std::string_view who) const {
  return find_person_in(people, who);
}
Channel* World::find_channel(std::string_view which) {
  return find_channel_in(channels, which);
}
const Channel* World::find_channel(std::string_view which) const {
  return find_channel_in(channels, which);
}
UserGroup* World::find_group(std::string_view which) {
  return find_group_in(groups, which);
}
const UserGroup* World::find_group(std::string_view which) const {
  return find_group_in(groups, which);
}

const std::string& World::team_of(const Person& person) const {
  return person.team_id.empty() ? team_id : person.team_id;
}

World demo_world() {
  World world;
  world.people = {
      {.id = "U0ALICE01", .name = "alice", .real_name = "Alice Arden", .email = "alice@example.com"},
      {.id = "U0BOB0001", .name = "bob", .real_name = "Bob Brandt", .email = "bob@example.com"},
      {.id = "U0CAROL01", .name = "carol", .real_name = "Carol Conti", .email = "carol@example.com"},
      {.id = "U0DAVE001", .name = "dave", .real_name = "Dave Duran", .email = "dave@example.com"},
      {.id = "U0ERIN001",
       .name = "erin",
       .real_name = "Erin Eklund",
       .email = "erin@example.com",
       .is_admin = true},
      {.id = "U0GINA001",
       .name = "gina",
       .real_name = "Gina (guest)",
       .email = "gina@partner.example",
       .kind = PersonKind::guest},
      {.id = "U0SID0001",
       .name = "sid",
       .real_name = "Sid (single-channel guest)",
       .email = "sid@partner.example",
       .kind = PersonKind::single_channel_guest},
      {.id = "U0DAN0001",
       .name = "dan",
       .real_name = "Dan Dahl",
       .email = "dan@example.com",
       .deactivated = true},
      {.id = "U0DEPLOY1", .name = "deploybot", .real_name = "Deploy Bot", .kind = PersonKind::bot},
      {.id = "U0SAM0001",
       .name = "sam",
       .real_name = "Sam of Vendor Ltd",
       .email = "sam@vendor.example",
       .kind = PersonKind::stranger,
       .team_id = "T0VENDOR1"},
  };
  const std::string bot = world.bot.user_id;
  const std::set<std::string> staff = {"U0ALICE01", "U0BOB0001", "U0CAROL01",
                                       "U0DAVE001", "U0ERIN001", "U0DAN0001"};
  const auto with = [&staff](std::initializer_list<std::string> more) {
    std::set<std::string> all = staff;
    all.insert(more);
    return all;
  };
  world.channels = {
      {.id = "C0GENERAL", .name = "general", .members = with({bot, "U0GINA001", "U0DEPLOY1"})},
      {.id = "C0STAGING", .name = "staging-approvals", .members = with({bot, "U0GINA001", "U0DEPLOY1"})},
      {.id = "C0PROD001", .name = "prod-approvals", .members = with({bot})},
      {.id = "C0ADMINS1",
       .name = "jit-admins",
       .is_private = true,
       .members = {bot, "U0ERIN001", "U0DAVE001"}},
      {.id = "C0VENDOR1",
       .name = "vendor-bridge",
       .is_ext_shared = true,
       .members = with({bot, "U0SAM0001", "U0SID0001"})},
      {.id = "C0QUIET01", .name = "quiet-corner", .members = {"U0ALICE01", "U0BOB0001"}},
  };
  world.groups = {
      {.id = "S0APPROVE", .handle = "approvers", .name = "Approvers", .members = {"U0CAROL01", "U0DAVE001"}},
      {.id = "S0SRE0001",
       .handle = "sre",
       .name = "Site reliability",
       .members = {"U0BOB0001", "U0DAVE001", "U0GINA001", "U0DAN0001"}},
  };
  return world;
}

}  // namespace jitbot::sandbox

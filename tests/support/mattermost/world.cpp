#include "tests/support/mattermost/world.hpp"

namespace jitbot::mattermost_stand_in {

World small_world() {
  World world;
  world.users = {
      {.username = "sysadmin", .kind = Kind::admin},
      {.username = "alice", .first_name = "Alice", .last_name = "Local", .timezone = "Europe/Berlin"},
      {.username = "bob", .first_name = "Bob", .last_name = "Local"},
      {.username = "carol", .first_name = "Carol", .last_name = "Local"},
      {.username = "dave"},
      {.username = "eve", .kind = Kind::guest},
      {.username = "frank", .kind = Kind::remote},
      {.username = "gone", .deactivated = true},
      {.username = "jitbot", .kind = Kind::bot, .first_name = "JIT Bot", .description = "break-glass bot"},
  };
  world.channels = {
      {.name = "approvals",
       .display_name = "Approvals",
       .members = {"sysadmin", "alice", "bob", "carol", "eve", "frank", "gone", "jitbot"},
       .creator = "sysadmin"},
      {.name = "inc-42",
       .display_name = "Incident 42",
       .type = "P",
       .members = {"sysadmin", "alice", "bob", "carol", "jitbot"},
       .creator = "sysadmin"},
  };
  return world;
}

}  // namespace jitbot::mattermost_stand_in

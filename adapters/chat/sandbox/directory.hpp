#pragma once

#include "adapters/chat/sandbox/core.hpp"

// Changes of the directory while the workspace runs, each with the events Slack sends for it.
namespace jitbot::sandbox::directory {

Result<void> add_person(Core& core, Person person);
enum class Change { deactivate, reactivate };
Result<void> set_active(Core& core, const std::string& user, Change change);
struct NewEmail {
  std::string email;
};
Result<void> set_email(Core& core, const std::string& user, NewEmail email);
Result<void> set_kind(Core& core, const std::string& user, PersonKind kind);
Result<void> set_group_members(Core& core, const std::string& group, std::vector<std::string> members);
Result<void> set_group_enabled(Core& core, const std::string& group, Switch enabled);
enum class Membership { join, leave };
Result<void> set_membership(Core& core, const std::string& channel, const std::string& user,
                            Membership change);
Result<void> archive(Core& core, const std::string& channel, Switch archived);
struct NewName {
  std::string name;
};
Result<void> rename(Core& core, const std::string& channel, NewName name);
Result<void> make_private(Core& core, const std::string& channel, Switch is_private);
Result<void> share(Core& core, const std::string& channel, Switch shared);

}  // namespace jitbot::sandbox::directory

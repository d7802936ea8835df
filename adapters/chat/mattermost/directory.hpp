#pragma once

#include "adapters/chat/mattermost/rest.hpp"
#include "adapters/chat/mattermost/self.hpp"
#include "bot/model/person.hpp"
#include "bot/ports/task.hpp"

#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <set>
#include <string>
#include <vector>

namespace jitbot::mattermost {

// What a `user` object says, read with suspicion: who is not surely a member of this server is a guest or an
// outsider.
Person read_person(const nlohmann::json& user, const Self& self);
std::string zone_in(const nlohmann::json& user);  // IANA name; empty: not known

// The server's people, asked live. Belongs to the loop; `rest` outlives it.
class PeopleOfMattermost {
 public:
  explicit PeopleOfMattermost(Rest& rest) : rest_(rest) {}

  // Of the policy in force, what it names of any platform ("mattermost:team/…").
  using Sources = std::function<std::vector<std::string>()>;

  void know(Self self) { self_ = std::move(self); }
  void know_groups(Sources sources) { sources_ = std::move(sources); }

  // Who is on the server and neither in our team nor in any group that the policy names is an outsider.
  Task<Result<Person>> person(PrincipalId id);
  // "mattermost:channel/…", "mattermost:team/…" and, where the server has a licence for them,
  // "mattermost:group/…".
  Task<Result<std::set<PrincipalId>>> members(std::string group);
  Task<Result<Person>> by_email(std::string email);

 private:
  Task<Result<bool>> is_ours(PrincipalId id);

  Rest& rest_;
  Self self_;
  Sources sources_;
};

}  // namespace jitbot::mattermost

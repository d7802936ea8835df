#pragma once

#include "adapters/chat/mattermost/rest.hpp"
#include "adapters/chat/mattermost/self.hpp"
#include "bot/model/person.hpp"
#include "bot/ports/task.hpp"

#include <nlohmann/json_fwd.hpp>

#include <set>
#include <string>

namespace jitbot::mattermost {

// What a `user` object says, read with suspicion: who is not surely a member of this server is a guest or an
// outsider.
Person read_person(const nlohmann::json& user, const Self& self);

// The server's people, asked live. Belongs to the loop; `rest` outlives it.
class PeopleOfMattermost {
 public:
  explicit PeopleOfMattermost(Rest& rest) : rest_(rest) {}

  void know(Self self) { self_ = std::move(self); }

  Task<Result<Person>> person(PrincipalId id);
  // "mattermost:channel/…" and, where the server has a licence for them, "mattermost:group/…".
  Task<Result<std::set<PrincipalId>>> members(std::string group);
  Task<Result<Person>> by_email(std::string email);

 private:
  Rest& rest_;
  Self self_;
};

}  // namespace jitbot::mattermost

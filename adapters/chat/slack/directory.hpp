#pragma once

#include "adapters/chat/slack/decode.hpp"
#include "adapters/chat/slack/web_api.hpp"
#include "bot/model/person.hpp"

#include <nlohmann/json_fwd.hpp>

#include <set>
#include <string>

namespace jitbot::slack {

// What a `user` object says, read with suspicion: whoever is not surely ours is an outsider.
Person read_person(const nlohmann::json& user, const Self& self);

// The workspace's people, asked live. Belongs to the loop; `api` outlives it.
class PeopleOfSlack {
 public:
  explicit PeopleOfSlack(WebApi& api) : api_(api) {}

  void know(Self self) { self_ = std::move(self); }

  Task<Result<Person>> person(PrincipalId id);
  Task<Result<std::set<PrincipalId>>> members(std::string group);
  Task<Result<Person>> by_email(std::string email);

 private:
  WebApi& api_;
  Self self_;
};

}  // namespace jitbot::slack

#pragma once

#include "bot/model/ids.hpp"

#include <map>
#include <optional>
#include <string_view>

namespace jitbot {

// Which accounts of several platforms are one person: all that concerns him is kept under one of them.
// Belongs to the loop.
class Aliases {
 public:
  void add(const PrincipalId& account, const PrincipalId& person);
  // Himself, unless he is linked.
  PrincipalId person_of(const PrincipalId& account) const;
  // His account of that platform ("mattermost"); nothing: none is known.
  std::optional<PrincipalId> account_on(const PrincipalId& person, std::string_view platform) const;

 private:
  std::map<PrincipalId, PrincipalId> person_of_;
};

}  // namespace jitbot

#pragma once

#include "bot/model/person.hpp"
#include "bot/model/request.hpp"
#include "bot/model/vote.hpp"

#include <map>
#include <string>
#include <vector>

namespace jitbot {

// What somebody asked for in the past, and what came of it, as far as the store keeps it.
struct PastRequest {
  std::string id;       // "JIT-7K3F"; empty: it was refused when it was asked
  std::string refusal;  // what he was told then; empty: it was taken
  Asked asked;          // of a refusal: asker, beneficiary, resource, role, duration, reason, ticket, was_in
  RequestState state = RequestState::pending;
  std::vector<Vote> votes;
  Activity activity;                          // of the beneficiary, when it was asked
  std::map<PrincipalId, std::string> emails;  // of everybody of it whose account is bound to one
};

}  // namespace jitbot

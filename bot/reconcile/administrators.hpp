#pragma once

#include "bot/policy/in_force.hpp"
#include "bot/ports/chat.hpp"
#include "bot/ports/store.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace jitbot {

// Everybody whom the settings name as administrator and who may decide at all, asked of the directory. An
// error: not known now.
using Administrators = std::function<Task<Result<std::vector<Person>>>()>;

struct AdministratorPorts {
  Directory& directory;
  Store& store;
  const PolicyInForce& policy;  // what groups mean
  std::vector<Subject> members;
};
Administrators administrators_of(AdministratorPorts ports);

}  // namespace jitbot

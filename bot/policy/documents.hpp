#pragma once

#include "bot/model/result.hpp"

#include <string>

// The canonical documents of a policy, as they are kept of every digest.
namespace jitbot {

// As one policy file that means the same: keys in the order in which people write them. The connectors,
// without secrets, stand in comments. invalid: these are no such documents.
Result<std::string> documents_as_yaml(const std::string& documents);

}  // namespace jitbot

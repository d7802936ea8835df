#pragma once

#include "bot/model/result.hpp"
#include "bot/model/time.hpp"

#include <filesystem>
#include <string>

namespace jitbot {

struct KeptPolicy {
  std::string digest;
  std::string documents;
  Time since;  // when they were first kept
};

// The documents of the one digest that starts with `prefix`; the newest where that is empty. Read beside a
// running bot. not_found: none starts so; conflict: several do, the message lists them; invalid: the store
// cannot be read, or SHA-256 of the documents is not the digest: they were changed.
Result<KeptPolicy> kept_policy(const std::filesystem::path& store, const std::string& prefix);

}  // namespace jitbot

#pragma once

#include "bot/ports/store.hpp"
#include "store/lately.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace jitbot::store {

// Rows as a connection read them last: the steps of a request read the same few again and again. Whoever
// writes a row forgets it here, whoever undoes a transaction, or reads a newer state, forgets all. Nothing:
// there is no such row.
struct RowMemory {
  static constexpr std::size_t k_many = 512;
  Lately<std::string, std::optional<Request>, k_many> requests;
  Lately<std::string, std::vector<Vote>, k_many> votes;
  Lately<std::string, std::optional<Grant>, k_many> grants;
  Lately<std::int64_t, std::optional<Entitlement>, k_many> entitlements;

  void clear() {
    requests.clear();
    votes.clear();
    grants.clear();
    entitlements.clear();
  }
};

}  // namespace jitbot::store

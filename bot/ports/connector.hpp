#pragma once

#include "bot/model/entitlement.hpp"
#include "bot/model/grant.hpp"
#include "bot/model/result.hpp"
#include "bot/ports/task.hpp"

#include <optional>
#include <string>
#include <vector>

namespace jitbot {

// What a connector is asked about. Everything is resolved; nothing in it came from chat unchecked.
struct Target {
  EntitlementKey key;
  std::string resource;
  std::string role;
  std::string grant;  // the id of a grant that wants it, for the target's own records
  // No `present` was started since the baseline (or this is the baseline): what is seen was there before us.
  // The default is the careful one: what is seen may be our doing.
  bool untouched = false;
};

struct Capabilities {
  bool native_end = false;     // the target itself ends access at `until`
  bool ends_sessions = false;  // absent also ends what is running
  bool revocable = true;
  bool list = false;
  bool in_store = false;  // its truth is our own store: see seen_in_store
  bool enforce = false;   // configured: what `list` finds and nobody asked for is to be removed
};

// One configured target. `present` and `absent` are idempotent. Whoever calls keeps one call per entitlement
// at a time; a connector bounds its own calls by its configured time-out and its own concurrency. An outcome
// that is not known is outcome_unknown; the caller observes and decides. `refused`: the target said no,
// trying again will not help until somebody changes something there.
class Connector {
 public:
  virtual ~Connector() = default;

  virtual Capabilities capabilities() const = 0;
  virtual Millis timeout() const = 0;  // no call returns later than this

  // With Capabilities::in_store: what is seen there while these are the grants on the target's key. No other
  // call is made then, for there is nothing outside to give or to take. Called on the store's thread.
  virtual Observation seen_in_store(const Target& /*target*/, const std::vector<Grant>& /*grants*/,
                                    Time /*now*/) const {
    return {};
  }

  virtual Task<Observation> observe(Target target) = 0;  // failures are Presence::unknown with a detail
  virtual Task<Result<void>> present(Target target, Time until) = 0;
  virtual Task<Result<void>> absent(Target target) = 0;
  // Everything of `known`'s params that the target has, whoever gave it; only with Capabilities::list.
  virtual Task<Result<std::vector<EntitlementKey>>> list(std::vector<EntitlementKey> known) = 0;

  // For `jitbot check` and doctor: problems in plain words with what to do, empty when all is well.
  virtual Task<std::vector<std::string>> check(std::vector<EntitlementKey> used) = 0;
};

}  // namespace jitbot

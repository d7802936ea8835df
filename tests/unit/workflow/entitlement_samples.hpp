#pragma once

#include "bot/workflow/entitlement_machine.hpp"
#include "tests/unit/workflow/people.hpp"

// One entitlement in each of its states, and what happens to it at k_now.
namespace jitbot::testing {

inline constexpr Time k_now = k_start + 10min;
inline constexpr Time k_until = k_start + 1h;
inline const Timing k_timing{.drift = 5min, .settle = 60s, .second_look = 5s, .jitter = 1.0};
inline const Wanted k_wanted{.present = true, .unconfirmed = true, .until = k_until, .removal_since = {}};
inline const Wanted k_confirmed{.present = true, .unconfirmed = false, .until = k_until, .removal_since = {}};
inline const Wanted k_unwanted{
    .present = false, .unconfirmed = false, .until = {}, .removal_since = k_now - 2s};

inline Entitlement at_rest() {
  Entitlement it;
  it.id.value = 12;
  it.key = {"pg", {{"role", "ro"}}, "bea"};
  return it;
}

inline Entitlement in_baseline(OnExisting on_existing = OnExisting::keep) {
  Entitlement it = follow(at_rest(), k_wanted, k_start).entitlement;
  it.on_existing = on_existing;
  return it;
}

inline Entitlement leased(const Entitlement& it, const Wanted& wanted, Time at) {
  return with_lease(it, wanted, at, 30s);
}

inline EntitlementOutcome see(const Entitlement& it, Presence presence, const Wanted& wanted, Time at,
                              std::optional<Time> until = {}) {
  Entitlement asked = it;
  asked.next_call = Call::observe;
  return observed(leased(asked, wanted, at), wanted, Observation{presence, until, false, "seen so"}, at, at,
                  k_timing);
}

inline Entitlement ours_untouched() {
  return see(in_baseline(), Presence::absent, k_wanted, k_start).entitlement;
}

inline Entitlement ours_touched() {
  return returned(leased(ours_untouched(), k_wanted, k_start), Result<void>(), k_start + 1s).entitlement;
}

inline Entitlement ours_confirmed() {
  return see(ours_touched(), Presence::present, k_wanted, k_start + 2s).entitlement;
}
inline Entitlement standing() {
  return see(in_baseline(), Presence::present, k_wanted, k_start).entitlement;
}
inline Entitlement removing() {
  return follow(ours_confirmed(), k_unwanted, k_now).entitlement;
}
inline Entitlement settling() {
  return see(removing(), Presence::absent, k_unwanted, k_now).entitlement;
}

inline Entitlement absent_once() {
  return see(ours_confirmed(), Presence::absent, k_confirmed, k_now).entitlement;
}

}  // namespace jitbot::testing

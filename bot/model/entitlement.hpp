#pragma once

#include "bot/model/approval.hpp"
#include "bot/model/ids.hpp"
#include "bot/model/time.hpp"

#include <map>
#include <optional>
#include <string>

namespace jitbot {

// What the target knows: who (account) has what (params) where (connector). Frozen; several grants may hold
// one.
struct EntitlementKey {
  std::string connector;
  std::map<std::string, std::string> params;
  std::string account;
  auto operator<=>(const EntitlementKey&) const = default;
};

enum class EntitlementState { rest, baseline, ours, standing, removing, settling };

// What a target answered. Unknown is never absent.
enum class Presence { present, absent, gone, unknown };
struct Observation {
  Presence presence = Presence::unknown;
  std::optional<Time> until;  // the target's own end, where it has one
  bool inherited = false;     // present, but not by the membership that we would give
  std::string detail;         // for people: why unknown, or what was seen
};

enum class Call { observe, present, absent };

// One call at a time, under a lease whose deadline is durable before the call starts.
struct Lease {
  Call call = Call::observe;
  Time started;
  Time deadline;
  std::int64_t token = 0;  // an outcome with another token is stale
  bool operator==(const Lease&) const = default;
};

struct Entitlement {
  EntitlementId id;
  EntitlementKey key;
  std::string resource;  // for people; the key is what counts
  std::string role;
  OnExisting on_existing = OnExisting::keep;

  EntitlementState state = EntitlementState::rest;
  bool present_started = false;               // a `present` was started since the baseline
  bool confirmed = false;                     // observed present since 0→1
  std::optional<Time> asked_until;            // the T of the last present
  std::optional<Time> last_present_returned;  // or the deadline of one that never returned
  std::optional<Lease> lease;
  std::int64_t next_token = 1;

  Time next_at;  // when the next call is due
  Call next_call = Call::observe;
  int failures = 0;                    // in a row, for the back-off
  int absences = 0;                    // in a row while it should be present
  std::optional<Time> removal_wanted;  // the end whose absence is not proven yet
  std::optional<Time> overdue_since;   // not proven absent 60 s after the end
  Time alarm_at;                       // next alarm while overdue
  int alarms = 0;
  std::string last_error;  // the target's own words
  int tries = 0;           // removal attempts so far
  bool operator==(const Entitlement&) const = default;
};

std::string_view to_string(EntitlementState state);
std::string_view to_string(Presence presence);
std::string_view to_string(Call call);
std::optional<EntitlementState> parse_entitlement_state(std::string_view text);
std::optional<Call> parse_call(std::string_view text);

}  // namespace jitbot

#pragma once

#include "bot/model/ids.hpp"
#include "bot/model/time.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jitbot {

enum class GrantState { scheduled, activating, active, ending, ended };

// How a grant ended: what was proven at the target, never more.
enum class EndedAs {
  absent,           // observed absent
  held,             // another live grant holds the entitlement
  standing,         // it was there before us and stays
  gone,             // the resource is no more
  removed_outside,  // somebody else removed it
  failed,           // never confirmed; absence proven
  not_started,      // the target was never touched
  abandoned,        // given up by an administrator: never called confirmed absent
};

// Why the grant began to end.
enum class EndCause {
  due,
  done,
  revoked,
  deactivated,
  barred,  // at its start: who has it may not have it any more
  window_over,
  target_refused,
  existing_refused,
  gone,
  removed_outside,
  abandoned
};

// Target access must be confirmed within this after approval, or after the start that was asked for.
inline constexpr Millis k_activation_window = 15min;

// Access in time. Shares the id of the request that made it.
struct Grant {
  RequestId id;
  EntitlementId entitlement;
  PrincipalId asker;
  PrincipalId beneficiary;
  std::string resource;
  std::string role;

  GrantState state = GrantState::activating;
  Time created;
  Time window_end;  // activation must be confirmed by then
  Millis duration{0};
  std::optional<Time> until;        // absolute end
  Time latest_end;                  // durable before the target is touched; moves only by extension
  std::optional<Time> confirmed;    // first observed present
  std::vector<Millis> warn_before;  // before the end, longest first
  int warned = 0;                   // how many of them were given
  bool standing = false;            // the access was there before us
  bool failing = false;             // ending without ever having been confirmed

  std::optional<EndCause> cause;
  PrincipalId ended_by;
  std::string end_reason;             // given by a person, or the target's own words
  std::optional<Time> end_wanted_at;  // when it began to end
  std::optional<EndedAs> ended_as;
  std::optional<Time> ended_at;
  std::string note;  // for `held`: by which grant, until when
  bool operator==(const Grant&) const = default;

  Time end() const;  // min(latest_end, confirmed + duration): a confirmation only brings it forward
  // Where the next warning stands: at max(end − before, half-way), each once, longest first; nothing: none is
  // left, or it is not active.
  std::optional<Time> next_warning() const;
  Time start() const { return window_end - k_activation_window; }  // not before; created, or what was asked
  bool wants_access() const { return state == GrantState::activating || state == GrantState::active; }
  bool can_be_ended() const { return state == GrantState::scheduled || wants_access(); }
};

std::string_view to_string(GrantState state);
std::string_view to_string(EndedAs as);
std::string_view to_string(EndCause cause);
std::optional<GrantState> parse_grant_state(std::string_view text);
std::optional<EndedAs> parse_ended_as(std::string_view text);
std::optional<EndCause> parse_end_cause(std::string_view text);

}  // namespace jitbot

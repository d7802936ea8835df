#include "bot/model/grant.hpp"

#include "bot/model/enum_text.hpp"

#include <algorithm>

namespace jitbot {

std::optional<Time> Grant::next_warning() const {
  const auto next = static_cast<std::size_t>(std::max(warned, 0));
  if (state != GrantState::active || !confirmed || next >= warn_before.size()) return std::nullopt;
  return std::max(end() - warn_before[next], *confirmed + (end() - *confirmed) / 2);
}

Time Grant::end() const {
  return confirmed ? std::min(latest_end, *confirmed + duration) : latest_end;
}

std::string_view to_string(GrantState state) {
  switch (state) {
    case GrantState::scheduled:
      return "scheduled";
    case GrantState::activating:
      return "activating";
    case GrantState::active:
      return "active";
    case GrantState::ending:
      return "ending";
    case GrantState::ended:
      return "ended";
  }
  return "ended";
}

std::string_view to_string(EndedAs as) {
  switch (as) {
    case EndedAs::absent:
      return "absent";
    case EndedAs::held:
      return "held";
    case EndedAs::standing:
      return "standing";
    case EndedAs::gone:
      return "gone";
    case EndedAs::removed_outside:
      return "removed_outside";
    case EndedAs::failed:
      return "failed";
    case EndedAs::not_started:
      return "not_started";
    case EndedAs::abandoned:
      return "abandoned";
  }
  return "abandoned";
}

std::string_view to_string(EndCause cause) {
  switch (cause) {
    case EndCause::due:
      return "due";
    case EndCause::done:
      return "done";
    case EndCause::revoked:
      return "revoked";
    case EndCause::deactivated:
      return "deactivated";
    case EndCause::barred:
      return "barred";
    case EndCause::window_over:
      return "window_over";
    case EndCause::target_refused:
      return "target_refused";
    case EndCause::existing_refused:
      return "existing_refused";
    case EndCause::gone:
      return "gone";
    case EndCause::removed_outside:
      return "removed_outside";
    case EndCause::abandoned:
      return "abandoned";
  }
  return "abandoned";
}

std::optional<GrantState> parse_grant_state(std::string_view text) {
  return detail::parse_enum(text, {GrantState::scheduled, GrantState::activating, GrantState::active,
                                   GrantState::ending, GrantState::ended});
}

std::optional<EndedAs> parse_ended_as(std::string_view text) {
  return detail::parse_enum(
      text, {EndedAs::absent, EndedAs::held, EndedAs::standing, EndedAs::gone, EndedAs::removed_outside,
             EndedAs::failed, EndedAs::not_started, EndedAs::abandoned});
}

std::optional<EndCause> parse_end_cause(std::string_view text) {
  return detail::parse_enum(
      text, {EndCause::due, EndCause::done, EndCause::revoked, EndCause::deactivated, EndCause::barred,
             EndCause::window_over, EndCause::target_refused, EndCause::existing_refused, EndCause::gone,
             EndCause::removed_outside, EndCause::abandoned});
}

}  // namespace jitbot

#pragma once

#include "bot/cards/views.hpp"

#include <string>
#include <string_view>
#include <vector>

// The phrases that cards, notices and answers share, so that one state reads alike everywhere.
namespace jitbot {

// The one word in a card's header.
enum class Phase { waiting, denied, cancelled, timed_out, approved, active, ending, overdue, ended };
Phase phase_of(const SubjectView& view);

struct Sign {
  std::string_view emoji;
  std::string_view word;
};
Sign sign_of(Phase phase);

std::string header_of(const SubjectView& view);  // "Active until 15:04 UTC · JIT-7K3F"
// The same with the Moment, for those that can show it in the reader's own zone; empty: it holds no time.
Line timed_header_of(const SubjectView& view);
std::string access_name(const std::string& resource, const std::string& role);  // "prod-db : viewer"

// "15:04 UTC", with the day where it is another one than now's: "22 Nov 15:04 UTC". For texts that cannot
// hold a Moment.
std::string clock_text(Time at, Time now);
// "1 s", "42 s", "3m": rounded up, never less than the truth.
std::string lag_text(Millis lag);

// A mention, or our own name for what nobody clicked.
Span person(const PrincipalId& who);
bool is_system(const PrincipalId& who);
// Words of a target or of the platform: one line, bounded, as code.
Span foreign(std::string_view words);
Line& operator+=(Line& line, Line more);

// "prod-db : viewer"; of an extension "Extension of JIT-7K3F · prod-db : viewer · 30m more".
Line asked_access(const Asked& asked);
Line asked_terms(const Asked& asked);  // "prod-db : viewer for 1h (as alice_db)"
// "policy 3fa2b1c9d0e1": which rules decided; an auditor reads them by it.
Line policy_line(const Asked& asked);
Line progress_line(const SubjectView& view);  // "owners 0/1 · security 1/2 · rule production"
std::vector<Line> vote_lines(const SubjectView& view);
Line decision_line(const SubjectView& view);  // "denied by @bob 14:05:00"; of a decided request
Line cause_line(const SubjectView& view);     // "given back by @alice 14:30:00"; empty: it has no cause yet
Line ended_line(const Grant& grant);          // what was proven, never more
// Of a grant that ended while another keeps the access; the note is "JIT-8M2Q until 2026-03-01T03:00:00Z".
Line held_line(const std::string& note);
std::vector<Line> overdue_lines(const Entitlement& entitlement);
std::vector<Line> howto_lines(const Asked& asked);

// That the beneficiary can prolong it now: the rule allows it, something of the total is left, and no
// extension waits already.
bool can_extend(const SubjectView& view);

// What people wrote, one line for each voice: the only place of a card that holds it.
std::string quote_of(const SubjectView& view);

}  // namespace jitbot

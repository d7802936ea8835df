#pragma once

#include "bot/cards/views.hpp"

#include <string>
#include <vector>

// One request for prod-db at its moments: asked 14:00, approved 14:04:02, confirmed 14:04:07, ends 15:04:07.
namespace jitbot::story {

inline PrincipalId who(std::string user) {
  return {"slack:T1", std::move(user)};
}

Time at(int hour, int minute, int second = 0);  // of 1 March 2026

SubjectView waiting();
SubjectView half_approved();  // the second step still open
SubjectView activating();
SubjectView active();
SubjectView ending();
SubjectView overdue();
SubjectView ended(EndedAs as);
SubjectView denied();
SubjectView automatic();  // active by a rule that asks nobody
SubjectView extension();  // pending, of an active grant

std::vector<std::string> labels(const Card& card);

}  // namespace jitbot::story

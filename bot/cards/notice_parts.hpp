#pragma once

#include "bot/cards/views.hpp"

#include <string>
#include <string_view>

// What the files that word notices share.
namespace jitbot {

// A notice about a request: what it is about comes first, then what is new.
Card about(const SubjectView& view, std::string_view emoji, std::string_view word);
// The request as it stands now.
Card by_state(const SubjectView& view);
// About no request.
Card house_card(std::string emoji, std::string headline);
// A line that says nothing is left out.
void add(Card& card, Line line);

Line subject_line(const SubjectView& view);  // "@alice · prod-db : viewer for 1h (as alice_db)"
Code typed(const SubjectView& view, std::string_view verb,
           std::string_view rest);  // "/jit deny 7K3F <reason>"

}  // namespace jitbot

#pragma once

#include "bot/cards/text.hpp"
#include "bot/model/audit_event.hpp"

namespace jitbot {

// One event of a request, its grant or its cards as a sentence for people, without its time. Of a kind
// without words, which an older or newer version wrote: its name and who did it.
Line history_line(const AuditEvent& event);

// Of "grant.ending", why it ends, alone; empty: how it ended says it all.
Line cause_of_end(const AuditEvent& event);

// That there are words for this kind.
bool has_history_words(std::string_view action);

}  // namespace jitbot

#pragma once

#include "bot/cards/card.hpp"
#include "bot/model/audit_event.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

// What the thread of an approval card says: each step as it was when it happened. The card shows what is; its
// thread is how it came to that.
namespace jitbot {

// Those of the events that are told in a thread, in their order.
std::vector<AuditEvent> told_in_thread(const std::vector<AuditEvent>& events);

// The args of a notice that tells them in one reply. `of` names the request where it is another one than the
// card's, as an extension is; else empty.
nlohmann::json step_args(const std::vector<AuditEvent>& steps, const std::string& of);
// One line for each step, and what people said with it as the quote.
Card step_card(const nlohmann::json& args);

}  // namespace jitbot

#pragma once

#include "bot/reconcile/loop.hpp"

// What a message says: the subject's present state, read when it is sent.
namespace jitbot {

// In a notice's args: the administrators' channel that could not be used, so that each of them is told for
// himself.
inline constexpr const char* k_instead_of = "instead_of";

// An approval card that a channel shows, not one person.
bool is_in_channel(const CardRow& card);

Task<Result<Card>> card_face(LoopPorts ports, CardRow card);
// The same, and with it the row as it is given becomes durable: for what is noted before a message is sent.
Task<Result<Card>> marked_face(LoopPorts ports, CardRow card);
Task<Result<Card>> marked_words(LoopPorts ports, NoticeRow notice);
// Where the subject's approval card is shown, as a thread; nothing: nowhere. unavailable: it is not posted
// yet.
Task<Result<std::optional<Place>>> card_thread(LoopPorts ports, RequestId subject);

}  // namespace jitbot

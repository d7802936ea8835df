#pragma once

#include "bot/ports/store.hpp"

#include <algorithm>
#include <map>
#include <optional>

namespace jitbot {

// What a commit gave the loops to do, so that they need not ask the store after each commit of somebody else.
struct CommitNews {
  std::map<DueKind, Time> due;   // the earliest that was set, by kind
  std::optional<Time> messages;  // from when there is a card or a notice to send

  bool empty() const { return due.empty() && !messages; }
  void add_due(DueKind kind, Time at) {
    const auto [known, fresh] = due.try_emplace(kind, at);
    if (!fresh) known->second = std::min(known->second, at);
  }
  void add_message(Time at) { messages = std::min(messages.value_or(at), at); }
  void add(const CommitNews& more) {
    for (const auto& [kind, at] : more.due) add_due(kind, at);
    if (more.messages) add_message(*more.messages);
  }
};

}  // namespace jitbot

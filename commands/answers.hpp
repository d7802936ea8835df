#pragma once

#include "bot/cards/views.hpp"
#include "bot/model/audit_event.hpp"
#include "bot/model/result.hpp"

#include <string>
#include <vector>

// What people read in answer. Private, short, and always with the nearest thing that works.
namespace jitbot {

Card help_answer(const std::string& topic);
Card mine_answer(const std::vector<SubjectView>& mine);
Card pending_answer(const std::vector<SubjectView>& waiting);  // what the reader may decide
// In full for participants, owners, voters, auditors and administrators.
Card show_answer(const SubjectView& view, const std::vector<ChainedEvent>& history);

// "JIT-7K3F was already approved by @bob at 14:04"
Card already_decided_answer(const SubjectView& view);

struct StatusView {
  std::string version;
  bool chat_live = false;
  int pending = 0;
  int live_grants = 0;
  int overdue = 0;
  Time now;
  Time started;
  std::string policy_digest;
};
Card status_answer(const StatusView& status);
Card debt_answer(const std::vector<Entitlement>& overdue, Time now);

// One function maps what went wrong to what people read.
Card error_answer(const Error& error);

}  // namespace jitbot

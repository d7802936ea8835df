#pragma once

#include "bot/model/ids.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace jitbot {

// What has to be found out at the directory or the chat before somebody can be told: durable as a due time of
// the kind nudge, whose subject it is. The row goes in the transaction that tells, so nobody is told twice.
struct NudgeTask {
  enum class What {
    remind,    // of `request`: approvers not heard yet
    escalate,  // of `request`: whom its escalation number `escalation` names
    direct,    // of `request`: no channel shows the card, so approvers get it as a direct message
    voters,    // who can still approve each pending request
    channel,   // what became of `channel`
    channels   // the same of every channel whose name was resolved
  };
  What what = What::voters;
  RequestId request = {};
  std::size_t escalation = 0;
  std::string channel = {};
  bool operator==(const NudgeTask&) const = default;
};

std::string_view to_string(NudgeTask::What what);
std::string to_string(const NudgeTask& task);  // "remind/7K3F", "escalate/7K3F/0", "voters", "channel/C0123"
std::optional<NudgeTask> parse_nudge_task(std::string_view text);

}  // namespace jitbot

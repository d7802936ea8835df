#include "bot/record/nudge_task.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace jitbot {

namespace {

using What = NudgeTask::What;

constexpr std::array k_all{What::remind, What::escalate, What::direct,
                           What::voters, What::channel,  What::channels};

std::optional<std::size_t> number_in(std::string_view text) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::string_view to_string(NudgeTask::What what) {
  switch (what) {
    case What::remind:
      return "remind";
    case What::escalate:
      return "escalate";
    case What::direct:
      return "direct";
    case What::voters:
      return "voters";
    case What::channel:
      return "channel";
    case What::channels:
      return "channels";
  }
  return "voters";
}

std::string to_string(const NudgeTask& task) {
  std::string text(to_string(task.what));
  switch (task.what) {
    case What::remind:
    case What::direct:
      return text + "/" + task.request.value;
    case What::escalate:
      return text + "/" + task.request.value + "/" + std::to_string(task.escalation);
    case What::channel:
      return text + "/" + task.channel;
    case What::voters:
    case What::channels:
      break;
  }
  return text;
}

std::optional<NudgeTask> parse_nudge_task(std::string_view text) {
  const auto slash = text.find('/');
  const std::string_view word = text.substr(0, slash);
  const std::string_view rest = slash == std::string_view::npos ? std::string_view{} : text.substr(slash + 1);
  NudgeTask task;
  const auto* const what = std::ranges::find_if(k_all, [&](What one) { return to_string(one) == word; });
  if (what == k_all.end()) return std::nullopt;
  task.what = *what;
  const auto second = rest.find('/');
  if (task.what == What::channel) {
    task.channel = std::string(rest);
  } else {
    task.request.value = std::string(rest.substr(0, second));
  }
  if (task.what == What::escalate && second != std::string_view::npos) {
    const auto number = number_in(rest.substr(second + 1));
    if (!number) return std::nullopt;
    task.escalation = *number;
  }
  // Only what to_string() writes.
  if (to_string(task) != text) return std::nullopt;
  return task;
}

}  // namespace jitbot

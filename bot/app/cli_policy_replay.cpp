#include "bot/app/cli.hpp"
#include "bot/app/cli_draft.hpp"
#include "bot/model/duration.hpp"
#include "bot/workflow/replay.hpp"
#include "store/past.hpp"

#include <fmt/format.h>

#include <chrono>
#include <iostream>

// `jitbot policy replay`: what a draft would have said of what was asked.
namespace jitbot::cli {

namespace {

using Outcome = Replayed::Outcome;

std::string asked_in_words(const PastRequest& past) {
  const Asked& asked = past.asked;
  const std::string role = asked.role.empty() ? "" : ":" + asked.role;
  return fmt::format("{} {} {}{} for {}{}", past.id.empty() ? "refused" : past.id, asked.beneficiary_email,
                     asked.resource, role, format_duration(asked.duration),
                     asked.kind == RequestKind::extension ? " (extension)" : "");
}

std::string effect_of(const Replayed& replayed) {
  if (replayed.loses_access) return " · ACCESS LOST";
  return replayed.gains_access ? " · ACCESS GAINED" : "";
}

void print(const PastRequest& past, const Replayed& replayed) {
  const char* sign = replayed.outcome == Outcome::same      ? "="
                     : replayed.outcome == Outcome::changed ? "≠"
                                                            : "?";
  std::cout << fmt::format("{} {}  {}{}\n    was:   {}\n", sign, format_utc(past.asked.asked_at),
                           asked_in_words(past), effect_of(replayed), replayed.was);
  std::cout << fmt::format("    {} {}\n",
                           replayed.outcome == Outcome::unknown ? "cannot tell:" : "draft:", replayed.draft);
}

struct Counts {
  std::size_t same = 0;
  std::size_t changed = 0;
  std::size_t unknown = 0;
  std::size_t lost = 0;
  std::size_t gained = 0;

  void count(const Replayed& replayed) {
    same += replayed.outcome == Outcome::same ? 1U : 0U;
    changed += replayed.outcome == Outcome::changed ? 1U : 0U;
    unknown += replayed.outcome == Outcome::unknown ? 1U : 0U;
    lost += replayed.loses_access ? 1U : 0U;
    gained += replayed.gains_access ? 1U : 0U;
  }
};

// "7d" ago, or a day or instant in UTC.
Result<Time> point_of_time(const std::string& option, const std::string& text, Time now) {
  if (const auto ago = parse_duration(text)) return now - *ago;
  if (auto at = parse_moment(option, text)) return at;
  return fail(
      ErrorKind::invalid,
      fmt::format("{} {}: write how long ago, or a day or a time: 30d, 2026-03-01 or 2026-03-01T14:00:00Z",
                  option, text));
}

}  // namespace

int policy_replay(const ReplayOptions& options) {
  const auto file = store_file(options.store);
  if (!file) {
    std::cerr << "jitbot: " << file.error().message << "\n";
    return k_usage;
  }
  const Time now = std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now());
  const auto since = point_of_time("--since", options.since, now);
  const auto until = options.until.empty() ? Result<Time>(now) : point_of_time("--until", options.until, now);
  for (const auto* at : {&since, &until}) {
    if (*at) continue;
    std::cerr << "jitbot: " << at->error().message << "\n";
    return k_usage;
  }
  const auto draft = load_draft(options.policy, options.config);
  if (!draft) return k_usage;
  const auto groups = named_lists("--group", options.groups);
  if (!groups) {
    std::cerr << "jitbot: " << groups.error().message << "\n";
    return k_usage;
  }
  if (!are_live_groups(*draft, *groups)) return k_usage;
  const auto past = read_past(*file, *since, *until);
  if (!past) {
    std::cerr << "jitbot: " << past.error().message << "\n";
    return k_usage;
  }
  Counts counts;
  for (const PastRequest& one : *past) {
    const Replayed replayed = replay(one, *draft, *groups);
    counts.count(replayed);
    if (replayed.outcome != Outcome::same || options.show_all) print(one, replayed);
  }
  std::cout << fmt::format(
      "{} request{} from {} to {}: {} as before, {} change ({} lose access, {} gain it), {} cannot be told\n",
      past->size(), past->size() == 1 ? "" : "s", format_utc(*since), format_utc(*until), counts.same,
      counts.changed, counts.lost, counts.gained, counts.unknown);
  return counts.changed == 0 ? k_fine : k_failed;
}

}  // namespace jitbot::cli

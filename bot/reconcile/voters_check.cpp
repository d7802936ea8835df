#include "bot/reconcile/nudge_loop.hpp"
#include "bot/workflow/request_machine.hpp"
#include "bot/workflow/voters.hpp"

#include <fmt/format.h>

#include <algorithm>

// Can each pending request still be approved? People leave groups, and the workspace.
namespace jitbot {

namespace {

struct Waiting {
  Request request;
  std::vector<Vote> votes;
};

struct Verdict {
  Waiting waiting;  // what it was found for
  std::map<std::string, std::string> stuck;
};

Task<Result<std::vector<Waiting>>> all_waiting(Store& store) {
  using All = std::vector<Waiting>;
  std::function<Result<All>(Tx&)> ask = [](Tx& tx) -> Result<All> {
    All all;
    for (Request& request : tx.pending_requests()) {
      auto votes = tx.votes(request.id);
      all.push_back({std::move(request), std::move(votes)});
    }
    return all;
  };
  return query<All>(store, std::move(ask));
}

// Whoever has approved already counts for his step and can serve no other.
std::set<PrincipalId> used_up(const Waiting& waiting) {
  std::set<PrincipalId> people{waiting.request.asked.asker, waiting.request.asked.beneficiary};
  for (const Vote& vote : waiting.votes) {
    if (vote.approves(waiting.request)) people.insert(vote.voter);
  }
  return people;
}

std::string why(const StepVoters& step) {
  const auto found = static_cast<int>(step.people.size());
  if (found == 0) return fmt::format("needs {} more, and nobody is left who may decide", step.needed);
  if (found >= step.needed) {
    return fmt::format("needs {} more, and whoever may decide is needed for another step", step.needed);
  }
  return fmt::format("needs {} more, and {} who may decide {} left", step.needed, found,
                     found == 1 ? "is" : "are");
}

// As many people of each open step as all of them need together: with those, whoever serves one step leaves
// enough for the others.
Task<Result<Verdict>> judge(NudgePorts ports, std::shared_ptr<RollCall> roll, Waiting waiting) {
  const Asked& asked = waiting.request.asked;
  const auto counts = step_counts(waiting.request, waiting.votes);
  std::vector<StepVoters> steps(asked.steps.size());
  std::size_t all_needed = 0;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    steps[i].needed = std::max(asked.steps[i].count - counts[i], 0);
    all_needed += static_cast<std::size_t>(steps[i].needed);
  }
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].needed == 0) continue;
    auto found = co_await roll->people(*ports.policy, asked.steps[i].from, used_up(waiting), all_needed);
    if (!found) co_return tl::unexpected<Error>(found.error());
    for (const Person& person : found->people) steps[i].people.insert(person.id);
  }
  Verdict verdict;
  for (const std::size_t i : steps_left_over(steps))
    verdict.stuck.emplace(asked.steps[i].name, why(steps[i]));
  verdict.waiting = std::move(waiting);
  co_return verdict;
}

bool is_silence(const Error& error) {
  return error.kind == ErrorKind::unavailable || error.kind == ErrorKind::rate_limited ||
         error.kind == ErrorKind::outcome_unknown;
}

bool changes_something(const Verdict& verdict) {
  const auto& known = verdict.waiting.request.stuck;
  return known.size() != verdict.stuck.size() ||
         !std::ranges::all_of(known, [&](const std::string& step) { return verdict.stuck.contains(step); });
}

// A vote that came meanwhile may have helped; the next look tells.
void say(Recorder& record, const Verdict& verdict) {
  record.settle_request(verdict.waiting.request.id);
  const auto now = record.tx().request(verdict.waiting.request.id);
  if (!now || now->state != RequestState::pending) return;
  if (now->digest != verdict.waiting.request.digest) return;
  if (record.tx().votes(now->id) != verdict.waiting.votes) return;
  record.nobody_can(*now, verdict.stuck);
}

}  // namespace

Task<Result<void>> check_voters(NudgePorts ports, NudgeTask task, Time claimed) {
  auto all = co_await all_waiting(ports.loop.store);
  if (!all) co_return tl::unexpected<Error>(all.error());
  // Each group and person is asked about once for all requests.
  auto roll = std::make_shared<RollCall>(ports.directory, ports.loop.store);
  std::optional<Error> unknown;
  std::vector<Verdict> verdicts;
  for (Waiting& waiting : *all) {
    auto verdict = co_await judge(ports, roll, std::move(waiting));
    if (!verdict) {
      // Unknown is not nobody. A directory that is silent is so for the others too.
      unknown = verdict.error();
      if (is_silence(*unknown)) break;
      continue;
    }
    if (changes_something(*verdict)) verdicts.push_back(std::move(*verdict));
  }
  const bool whole = !unknown;
  std::function<Result<void>(Recorder&)> work =
      [task, claimed, whole, verdicts = std::move(verdicts)](Recorder& record) -> Result<void> {
    if (whole) end_task(record, task, claimed);
    for (const Verdict& verdict : verdicts) say(record, verdict);
    return {};
  };
  auto done = co_await record(ports.loop, std::move(work));
  if (done && unknown) co_return tl::unexpected<Error>(*unknown);
  co_return done;
}

}  // namespace jitbot

#pragma once

#include "bot/cards/views.hpp"
#include "bot/model/audit_event.hpp"
#include "bot/model/result.hpp"
#include "bot/policy/diff.hpp"
#include "bot/policy/load.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

// What people read in answer. Private, short, and always with the nearest thing that works.
namespace jitbot {

Card help_answer(const std::string& topic);
Card mine_answer(const std::vector<SubjectView>& mine);
Card pending_answer(const std::vector<SubjectView>& waiting);  // what the reader may decide
// In full for participants, owners, voters, auditors and administrators.
Card show_answer(const SubjectView& view, const std::vector<ChainedEvent>& history);

// One person's access, as far as the reader may know of it.
struct AccessRow {
  PrincipalId who;
  std::string resource;
  std::string role;
  GrantState state = GrantState::active;
  Time start;
  Time end;
  std::optional<RequestId> request;  // none: the reader may ask for this resource and know no more
};
// Whether a list was made from everything there is, or from the newest only.
enum class Reach { all, newest };

struct ActiveView {
  std::string resource;  // empty: of all
  std::vector<AccessRow> rows;
  Reach reach = Reach::all;
  Time now;
};
Card active_answer(const ActiveView& view);

// One step of an approval, and who could satisfy it as far as that can be known.
struct StepView {
  std::string name;
  int count = 1;
  std::vector<PrincipalId> people = {};
  std::size_t more = 0;      // named by the policy and not looked at
  std::string unknown = {};  // why nobody knows now; empty: it is known
};

// How one role is asked for.
struct WayRow {
  std::string role;
  const Rule* rule = nullptr;
  std::string decided;  // "needs owners (1 of group:sre)"
};
struct WhoView {
  std::string resource;
  std::vector<AccessRow> has;
  Reach reach = Reach::all;
  std::vector<Request> waiting;  // those the reader may know of
  std::vector<WayRow> ways;
  Time now;
  struct RuleVoters {
    std::string rule;
    std::vector<StepView> steps;
  };
  std::vector<RuleVoters> voters = {};  // of those rules, each once
};
Card who_answer(const WhoView& view);

struct HistoryView {
  std::vector<SubjectView> rows;  // newest first, as many as are shown
  std::size_t more = 0;
  Reach reach = Reach::all;
  std::optional<Time> since;
};
Card history_answer(const HistoryView& view);
inline constexpr std::size_t k_most_history = 30;

// What a reader may ask for, those that `word` finds.
struct ResourcesView {
  struct Row {
    const Resource* resource = nullptr;
    std::vector<WayRow> ways;
    std::string name = {};  // of a resource that a catalog lists; empty: the resource's own

    const std::string& shown() const { return name.empty() ? resource->name : name; }
  };
  std::vector<Row> rows;
  std::string word;
  std::size_t all = 0;  // how many there are without the word
};
Card resources_answer(const ResourcesView& view);

// What would come of a dry run beyond the rule. Where there are problems, nothing is known of all this.
struct WouldBe {
  std::string account;
  std::optional<Time> start;         // none: as soon as it is approved
  Time end;                          // if it was approved and set up at once
  std::optional<RequestId> waiting;  // the same is asked already, and the reader may see it
};

// What would be decided if the reader asked now.
struct ExplainView {
  std::string resource;
  std::string role;
  const Rule* rule = nullptr;                 // null: none lets him ask
  std::string decided;                        // how, by that rule
  std::vector<std::string> problems;          // why it would be refused
  std::vector<std::string> steps_of_thought;  // of the rules that do not fit
  std::optional<Millis> duration{};
  std::optional<PrincipalId> for_whom{};  // a dry run for another
  std::optional<WouldBe> would_be{};      // of a dry run that found no problem
  std::vector<StepView> voters{};         // who could agree now
  Millis longest{0};                      // that the role may be had for in one stretch; 0: as the rule says
};
Card dry_run_answer(const ExplainView& view);
Card explain_answer(const ExplainView& view);

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
  PolicyCommit policy_commit = {};
};
Card status_answer(const StatusView& status);
Card debt_answer(const std::vector<Entitlement>& overdue, Time now);

// The policy in force.
struct PolicyView {
  const Policy* policy = nullptr;
  Time since;
  PrincipalId by;
};
Card policy_answer(const PolicyView& view);

// The files of the policy against what is in force.
struct PolicyChangeView {
  std::string in_force;  // digest, before
  std::string fresh;     // digest of what the files say; empty: they cannot be used
  PolicyCommit commit = {};
  std::vector<PolicyProblem> problems = {};  // why they cannot
  std::vector<Change> changes = {};
};
Card policy_diff_answer(const PolicyChangeView& view);    // what a reload would do
Card policy_reload_answer(const PolicyChangeView& view);  // what it did

// One function maps what went wrong to what people read.
Card error_answer(const Error& error);

}  // namespace jitbot

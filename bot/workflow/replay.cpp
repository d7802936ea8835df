#include "bot/workflow/replay.hpp"

#include "bot/policy/condition.hpp"
#include "bot/policy/decide.hpp"
#include "bot/policy/for_another.hpp"
#include "bot/workflow/voters.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace jitbot {

namespace {

using Known = std::map<std::string, std::set<std::string>>;

Person person_of(const PrincipalId& id, const std::string& email) {
  Person person;
  person.id = id;
  person.email = email;
  return person;
}

// Somebody is in the named group, or is not; groups of which that was not looked at stay unknown.
void add_membership(const Policy& draft, const Person& person, const std::map<std::string, bool>& was_in,
                    const Known& known, Facts& facts) {
  for (const auto& [name, group] : draft.groups) {
    if (group.from.empty()) continue;
    const auto given = known.find(name);
    const auto then = was_in.find(name);
    if (given == known.end() && then == was_in.end()) continue;
    const bool member = given != known.end() ? given->second.contains(person.email) : then->second;
    auto [members, fresh] =
        facts.groups.try_emplace(group.from, Result<std::set<PrincipalId>>(std::set<PrincipalId>{}));
    if (member) members->second->insert(person.id);
  }
}

// A catalog of the past is not kept: what was asked for existed.
void add_catalog(const Policy& draft, const Asked& asked, Facts& facts) {
  const Resource* resource = find_resource(draft, asked.resource);
  if (resource == nullptr || resource->catalog.empty()) return;
  facts.catalogs.emplace(resource->catalog, std::set<std::string>{asked.resource});
}

Result<AskedIn> channel_of_past(const Asked& asked) {
  if (asked.asked_in) return *asked.asked_in;
  return fail(ErrorKind::unavailable, "it depends on the channel that it was asked in, which was not kept");
}

std::string allowed_in_words(const std::string& rule, const std::vector<Step>& steps,
                             const std::vector<std::string>& conditions) {
  if (steps.empty()) return fmt::format("approved at once by rule {}", rule);
  std::string text = fmt::format("rule {} asks {}", rule, steps_in_words(steps));
  for (const std::string& condition : conditions) text += ", who fulfil " + condition;
  return text;
}

bool is_same_step(const Step& a, const Step& b) {
  return a.count == b.count && a.from.size() == b.from.size() &&
         std::ranges::all_of(
             a.from, [&](const Subject& it) { return std::ranges::find(b.from, it) != b.from.end(); });
}

bool are_same(const std::vector<Step>& a, const std::vector<Step>& b) {
  return a.size() == b.size() && std::ranges::equal(a, b, is_same_step);
}

// Whether those who approved then would do: each may serve a step that names him, or that asks the very
// people of the step he served.
bool votes_suffice(const PastRequest& past, const std::vector<Step>& steps, const Policy& draft) {
  const Facts nothing;
  std::vector<StepVoters> needed;
  for (const Step& step : steps) {
    StepVoters voters{step.count, {}};
    for (const Vote& vote : past.votes) {
      if (vote.kind != VoteKind::approve || vote.voided || vote.step < 0) continue;
      const auto email = past.emails.find(vote.voter);
      const Person person = person_of(vote.voter, email == past.emails.end() ? "" : email->second);
      const auto& then = past.asked.steps;
      const auto at = static_cast<std::size_t>(vote.step);
      const bool same_people =
          at < then.size() && std::ranges::any_of(
                                  step.from,
                                  [&](const Subject& it) {
                                    return it.kind == Subject::Kind::group &&
                                           std::ranges::find(then[at].from, it) != then[at].from.end();
                                  });
      if (same_people || is_one_of(draft, step.from, person, nothing).value_or(false))
        voters.people.insert(vote.voter);
    }
    needed.push_back(std::move(voters));
  }
  return steps_left_over(needed).empty();
}

std::string was_in_words(const PastRequest& past) {
  if (!past.refusal.empty()) return "refused: " + past.refusal;
  const std::string asked = allowed_in_words(past.asked.rule, past.asked.steps, past.asked.approve_when);
  return past.asked.steps.empty() ? asked : fmt::format("{}; {}", asked, to_string(past.state));
}

Question question_of(const PastRequest& past) {
  const Asked& asked = past.asked;
  return {person_of(asked.beneficiary, asked.beneficiary_email),
          asked.resource,
          asked.role,
          asked.duration,
          asked.reason,
          asked.ticket,
          asked.start,
          asked.asker != asked.beneficiary,
          asked.kind == RequestKind::extension};
}

// What a rule says of prolonging.
void as_extension(const Question& question, Decision& decision) {
  const Rule& rule = *decision.ruling.rule;
  if (question.duration > rule.extend.max) {
    decision.refusal =
        Error{ErrorKind::refused, fmt::format("rule {} does not allow that extension", rule.name), {}};
  } else if (rule.extend.automatic) {
    decision.ruling.steps.clear();
  }
}

// Of whoever asked for another less is kept: a live group, or what he had, cannot be told.
void ask_of_asker(const PastRequest& past, const Question& question, const Policy& draft, const Facts& facts,
                  Decision& decision) {
  const auto email = past.emails.find(past.asked.asker);
  const Person asker = person_of(past.asked.asker, email == past.emails.end() ? "" : email->second);
  const Terms terms{question.duration, question.start, question.reason, question.ticket, true};
  Facts of_asker = facts;
  of_asker.groups.clear();
  const auto refused =
      against_asker(draft, decision.ruling, asker, past.asked.beneficiary_email, terms, of_asker);
  if (refused) decision.refusal = refused->why;
}

void compare_allowed(const PastRequest& past, const Ruling& ruling, const Policy& draft, Replayed& out) {
  const Rule& rule = *ruling.rule;
  std::vector<std::string> conditions;
  if (rule.approve_when && !ruling.steps.empty()) conditions.push_back(rule.approve_when->text);
  out.draft = allowed_in_words(rule.name, ruling.steps, conditions);
  const bool refused_then = !past.refusal.empty();
  const bool same =
      !refused_then && are_same(past.asked.steps, ruling.steps) && past.asked.approve_when == conditions;
  out.outcome = same ? Replayed::Outcome::same : Replayed::Outcome::changed;
  if (same) return;
  const bool approved_then = !refused_then && past.state == RequestState::approved;
  out.gains_access = ruling.steps.empty() && !approved_then;
  out.loses_access = approved_then && !votes_suffice(past, ruling.steps, draft);
  if (approved_then && !ruling.steps.empty())
    out.draft += out.loses_access ? "; the votes that were given would not do"
                                  : "; the votes that were given would do";
}

}  // namespace

Replayed replay(const PastRequest& past, const Policy& draft, const Known& known) {
  Replayed out;
  out.was = was_in_words(past);
  const Question question = question_of(past);
  Facts facts;
  facts.now = past.asked.asked_at;
  facts.people.emplace(past.asked.beneficiary, question.beneficiary);
  facts.activity.emplace(past.asked.beneficiary, past.activity);
  facts.channel = channel_of_past(past.asked);
  add_membership(draft, question.beneficiary, past.asked.was_in, known, facts);
  add_catalog(draft, past.asked, facts);
  Decision decision = judge(draft, question, facts);
  if (question.for_other && decision.allowed()) ask_of_asker(past, question, draft, facts, decision);
  if (question.extension && decision.allowed()) as_extension(question, decision);
  if (decision.allowed()) {
    compare_allowed(past, decision.ruling, draft, out);
    return out;
  }
  if (decision.refusal->kind == ErrorKind::unavailable) {
    out.outcome = Replayed::Outcome::unknown;
    out.draft = decision.refusal->message;
    return out;
  }
  out.draft = "refused: " + decision.refusal->message;
  out.outcome = past.refusal.empty() ? Replayed::Outcome::changed : Replayed::Outcome::same;
  out.loses_access = past.refusal.empty() && past.state == RequestState::approved;
  return out;
}

}  // namespace jitbot

#pragma once

#include "bot/model/person.hpp"
#include "bot/model/result.hpp"
#include "bot/policy/policy.hpp"

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

// Pure decisions over a Policy and Facts.
namespace jitbot {

// What is asked, names as typed.
struct Question {
  Person beneficiary;
  std::string resource;
  std::string role;  // empty: the resource's default
  Millis duration{0};
  std::string reason;
  std::string ticket{};  // counts where a rule wants the reason to contain something
};

// The rule that decides, and what it demands. `explanation` says in plain words which rules were looked at
// and the first reason each other one did not match.
struct Ruling {
  const Rule* rule = nullptr;
  const Resource* resource = nullptr;
  const Role* role = nullptr;
  std::vector<Step> steps;  // `owners` replaced by the resource's owners
  std::vector<std::string> explanation;
};

// Names that exist: the error has the nearest one ("staging has no role "amdin"; it has viewer, admin").
struct Named {
  const Resource* resource = nullptr;
  const Role* role = nullptr;
};
Result<Named> resolve(const Policy& policy, const std::string& resource, const std::string& role);
// A resource by its name, case-blind; null: there is none.
const Resource* find_resource(const Policy& policy, const std::string& typed);

// The live groups (their `from` texts) that deciding about this resource and role may need to read, for the
// requesters and for the steps. Exactly those are fetched.
std::set<std::string> live_groups_for(const Policy& policy, const Named& named);
std::set<std::string> live_groups_of(const Policy& policy, const std::vector<Subject>& subjects);

// First allow rule whose match and requesters fit is *the* rule; its limits (duration, reason) then bind: too
// long or no reason is an error of kind refused that names the limit, never a step to the next rule. No rule:
// refused, and what comes nearest is named. A group that cannot be read: unavailable, naming the fact.
// `called` is how a refusal calls the beneficiary.
Result<Ruling> decide(const Policy& policy, const Question& question, const Facts& facts,
                      const std::string& called = "you");

// The rule that decides for one person, for one resource after the other. Who may ask by a rule is found out
// once, so a whole catalog is cheap to go through. Policy, person and facts outlive it.
class RuleFinder {
 public:
  RuleFinder(const Policy& policy, const Person& person, const Facts& facts);
  // Null: no rule fits. Unavailable: it cannot be known now which one does.
  Result<const Rule*> first_for(const Named& named);

 private:
  const Result<bool>& may_ask_by(std::size_t rule);

  const Policy& policy_;
  const Person& person_;
  const Facts& facts_;
  std::vector<std::optional<Result<bool>>> may_ask_;  // by the rule's place; none: not looked at yet
};

// As decide(), before the rule's limits bind.
Result<Ruling> find_ruling(const Policy& policy, const Named& named, const Person& beneficiary,
                           const Facts& facts, const std::string& called = "you");
// "group:sre, carol@example.com": whom a rule names, as people read it.
std::string named_in_words(const std::vector<Subject>& subjects);
// The first reason why each rule before `end` does not fit; null: all rules.
std::vector<std::string> misfits(const Policy& policy, const Named& named, const Rule* end);
// "needs owners (1 of group:sre) and security (2 of group:security)", "approved without asking"
std::string how_decided(const Rule& rule, const Resource& resource);

// The limits of a rule, on their own: what the form checks before anything is fetched.
Result<void> within_limits(const Rule& rule, Millis duration, const std::string& reason,
                           const std::string& ticket = {});
Result<void> within_duration(const Rule& rule, Millis duration);
// The rules that could match this resource and role for somebody.
std::vector<const Rule*> candidate_rules(const Policy& policy, const Named& named);

// Is this person one of the subjects, now? Static members by policy_name or account, live groups by Facts. An
// error where a fact is missing and nothing else makes it true.
Result<bool> is_one_of(const Policy& policy, const std::vector<Subject>& subjects, const Person& person,
                       const Facts& facts);

// Everybody whom the subjects name, as far as it can be known without asking: accounts of live groups from
// Facts, static accounts, and e-mails. For telling people and for "nobody could vote".
struct NamedPeople {
  std::set<PrincipalId> accounts;
  std::set<std::string> emails;
};
Result<NamedPeople> people_of(const Policy& policy, const std::vector<Subject>& subjects, const Facts& facts);

// The effective warnings of a grant of this duration, longest first.
std::vector<Millis> warnings_for(const Rule& rule, Millis duration);

}  // namespace jitbot

#pragma once

#include "bot/model/person.hpp"
#include "bot/model/request.hpp"
#include "bot/model/result.hpp"
#include "bot/policy/policy.hpp"

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
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
  std::optional<Time> start{};
  bool for_other = false;
  bool extension = false;
};

// What conditions may read of a request.
struct Terms {
  Millis duration{0};
  std::optional<Time> start{};
  std::string_view reason{};
  std::string_view ticket{};
  bool for_other = false;
  bool extension = false;
  bool words_open = false;  // reason and ticket are not said yet
};

// The rule that decides, and what it demands. `explanation` says in plain words which rules were looked at
// and the first reason each other one did not match.
struct Ruling {
  const Rule* rule = nullptr;
  const Resource* resource = nullptr;
  const Role* role = nullptr;
  std::vector<Step> steps;  // those that are needed, `owners` replaced by the resource's owners
  std::vector<std::string> explanation;
  std::string name{};  // of the resource, as it is called
};

// Names that exist: the error has the nearest one ("staging has no role "amdin"; it has viewer, admin").
struct Named {
  const Resource* resource = nullptr;
  const Role* role = nullptr;
  std::string name{};  // of a resource that a catalog lists; empty: the resource's own

  const std::string& shown() const { return name.empty() ? resource->name : name; }
};
Result<Named> resolve(const Policy& policy, const std::string& resource, const std::string& role);
// A resource by its name, case-blind; null: there is none. One of a catalog by any name that has its form.
const Resource* find_resource(const Policy& policy, const std::string& typed);
// Whether a resource of a catalog exists now: not_found where the catalog does not list it.
Result<void> exists(const Named& named, const Facts& facts);

// What deciding may need to read. Exactly that is fetched.
struct FactsNeeded {
  std::set<std::string> groups;    // `from` texts
  std::set<std::string> catalogs;  // names
  bool activity = false;           // of whoever it is for, and whoever asks
  bool channel = false;            // that it is asked in
  bool participants = false;       // asker and beneficiary themselves

  void merge(FactsNeeded more);
};
FactsNeeded facts_to_ask(const Policy& policy, const Named& named);
// For deny rules that may have come to fit, and for still_exists() (bot/policy/existing.hpp), and for the
// conditions of votes; the groups of the steps are not among them.
FactsNeeded facts_to_deny(const Policy& policy, const Asked& asked);
FactsNeeded facts_to_vote(const Policy& policy, const Asked& asked);
std::set<std::string> live_groups_of(const Policy& policy, const std::vector<Subject>& subjects);

// Everything that a decision says: also of a refusal the rule (a deny rule, or the rule whose limit is
// broken; null: none fits) and why.
struct Decision {
  Ruling ruling;
  std::optional<Error> refusal;  // its detail holds the explanation

  bool allowed() const { return !refusal; }
};

// A deny rule that fits denies, with its message. Else the first allow rule whose match, requesters and
// `when` fit is *the* rule; its limits (duration, reason, ticket) then bind: too long or no reason is an
// error of kind refused that names the limit, never a step to the next rule. No rule: refused, and what comes
// nearest is named. A condition that cannot be evaluated denies. A fact that is needed and could not be
// fetched: unavailable, naming the fact. `called` is how a refusal calls the beneficiary.
Decision judge(const Policy& policy, const Question& question, const Facts& facts,
               const std::string& called = "you");
Result<Ruling> decide(const Policy& policy, const Question& question, const Facts& facts,
                      const std::string& called = "you");

// As decide(), before the rule's limits bind. Without terms: as far as it can be said before they are named.
Result<Ruling> find_ruling(const Policy& policy, const Named& named, const Person& beneficiary,
                           const Facts& facts, const std::string& called = "you",
                           const std::optional<Terms>& terms = std::nullopt);

// Why a deny rule of now forbids what was asked, in its words; nothing: none does. What can never be known of
// what was asked (see channel_of()) denies, too. An error: it cannot be known now. Both the beneficiary and,
// where he is known by Facts, the asker are looked at.
struct Denial {
  std::string rule;
  std::string message;      // for people
  std::string explanation;  // which rule, and why it fits
};
Result<std::optional<Denial>> denied_now(const Policy& policy, const Asked& asked, const Facts& facts);

// The channel that it was asked in, as Facts have it. Where no rule looked at it then it was not kept: an
// error of kind conflict, which no waiting mends.
std::optional<Result<AskedIn>> channel_of(const Asked& asked);

// Whether the rule's approve_when let this person vote for what was asked. refused: one of them does not
// hold, or cannot be evaluated.
Result<void> may_approve_by_condition(const Policy& policy, const Asked& asked, const Person& approver,
                                      const Facts& facts);

// "group:sre, carol@example.com": whom a rule names, as people read it.
std::string named_in_words(const std::vector<Subject>& subjects);
// The first reason why each rule that was looked at before `end` does not fit; null: all rules. Deny rules
// are looked at first.
std::vector<std::string> misfits(const Policy& policy, const Named& named, const Person& who,
                                 const std::optional<Terms>& terms, const Facts& facts, const Rule* end);
// "owners (1 of group:sre) and security (2 of group:security)"
std::string steps_in_words(const std::vector<Step>& steps);
// "needs owners (1 of group:sre) and security (2 of group:security)", "approved without asking"
std::string how_decided(const Rule& rule, const Resource& resource);

// The limits of a rule, on their own: what the form checks before anything is fetched.
Result<void> within_limits(const Rule& rule, Millis duration, const std::string& reason,
                           const std::string& ticket = {});
Result<void> within_duration(const Rule& rule, Millis duration);
// The longest that a role may be had for in one stretch, with all extensions, whatever a rule says; 0: as the
// rule says.
Millis longest_of(const Resource& resource, const Role& role);
// A rule's extend terms for a role, no longer in all than that.
ExtendTerms extend_terms(const Rule& rule, const Resource& resource, const Role& role);
Result<void> within_reason(const Rule& rule, const std::string& reason, const std::string& ticket);
Result<void> within_ticket(const Rule& rule, const std::string& reason, const std::string& ticket);
// The ticket that a rule takes from what was said: the given one, else the first that the reason holds.
std::string ticket_of(const Rule& rule, const std::string& reason, const std::string& ticket);
// The allow rules that could match this resource and role for somebody.
std::vector<const Rule*> candidate_rules(const Policy& policy, const Named& named);

// Is this person one of the subjects, now? Static members by policy_name or account, live groups by Facts. An
// error where a fact is missing and nothing else makes it true.
Result<bool> is_one_of(const Policy& policy, const std::vector<Subject>& subjects, const Person& person,
                       const Facts& facts);

// Of the live groups that Facts know, which this person is in; by their names in the policy.
std::map<std::string, bool> live_memberships(const Policy& policy, const Person& person, const Facts& facts);

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

#pragma once

#include "bot/policy/cel/program.hpp"
#include "bot/policy/decide.hpp"

#include <array>
#include <optional>
#include <set>
#include <string>

// Expressions of policies (`when`, `approve_when`): the variables they are declared with, and their values
// for one question.
namespace jitbot {

enum class ConditionOf { rule, step, vote };  // `when` of either; `approve_when`

// Which groups an expression may ask a person's membership of.
struct GroupsRead {
  bool all = false;
  std::set<std::string> names;  // `"sre" in requester.groups`
};

struct Condition {
  std::string text;
  cel::Program program;
  GroupsRead requester_groups;
  GroupsRead approver_groups;
  bool activity = false;  // active_grants, denied_24h
  bool channel = false;
};

// The mistake is one of types and names, or a variable that does not exist here.
tl::expected<Condition, cel::Mistake> compile_condition(const std::string& text, ConditionOf where);

// What a condition is asked about.
struct Circumstances {
  const Policy& policy;
  const Facts& facts;
  const Person* requester = nullptr;
  const Person* approver = nullptr;  // null: nobody votes
  const Resource* resource = nullptr;
  const Role* role = nullptr;
  std::string_view resource_name;
  std::optional<Terms> terms;  // none: still open, as in a list of what may be asked for
};

// What came of one condition.
enum class Truth {
  yes,
  no,
  open,     // it depends on terms that nobody has named yet
  failed,   // it cannot be evaluated: no such key, overflow …
  unknown,  // a fact could not be fetched
};

// Delivers the variables of one question, each when it is asked for; kept for all conditions of it.
class ConditionFacts : public cel::Source {
 public:
  explicit ConditionFacts(const Circumstances& about) : about_(about) {}

  Truth holds(const Condition& condition);
  const Error& why() const { return why_; }  // of the last `failed` or `unknown`

  const cel::Value* variable(std::size_t slot) override;
  const cel::Value* field(std::size_t slot, std::size_t field) override;

 private:
  cel::Value request_field(std::size_t field);
  cel::Value person_field(const Person& person, std::size_t field, const GroupsRead& groups);
  cel::Value resource_field(std::size_t field) const;
  cel::Value channel_field(std::size_t field);
  cel::Value groups_of(const Person& person, const GroupsRead& groups);
  cel::Value activity_of(const Person& person, std::size_t field);
  cel::Value missing(Error why);

  static constexpr std::size_t k_slots = 6;
  static constexpr std::size_t k_fields = 40;  // of all slots, one after the other

  const Circumstances& about_;
  const Condition* asked_ = nullptr;
  bool missing_ = false;
  Error why_;
  std::array<cel::Value, k_fields> fields_;
  std::array<cel::Value, k_slots> wholes_;
};

}  // namespace jitbot

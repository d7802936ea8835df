#pragma once

#include "bot/policy/policy.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace jitbot {

// What can be known of a policy's rules before anybody asks: which of them fit a role of a resource, and whom
// they name by name. Made when the policy is loaded; rules are numbered by their place in Policy::rules.
class RuleIndex {
 public:
  // Numbers the roles of the policy (Role::place). What it says holds for copies of the policy, too.
  explicit RuleIndex(Policy& policy);

  // Rules that fit a role, in the policy's order.
  struct Fitting {
    std::vector<std::uint32_t> deny;
    std::vector<std::uint32_t> allow;
    bool by_name = false;  // a resource of a catalog: the name that was asked for must be looked at, too
  };
  // Of a role that is not the policy's any more (k_nowhere): every rule, to be looked at by name.
  const Fitting& fitting(const Role& role) const {
    return role.place < fitting_.size() ? fitting_[role.place] : everything_;
  }
  bool may_deny(const Role& role) const { return !fitting(role).deny.empty(); }
  static constexpr std::size_t k_nowhere = static_cast<std::size_t>(-1);

  // The rules that name somebody by himself or by a group of named people; one bit each.
  using Rules = std::span<const std::uint64_t>;
  bool names_accounts() const { return names_accounts_; }
  // By e-mail in lower case, or account ("slack:U0001").
  Rules naming(std::string_view name) const;
  static bool has(Rules rules, std::size_t rule) {
    return rule / 64 < rules.size() && (rules[rule / 64] >> (rule % 64) & 1U) != 0;
  }

  // Whether any condition reads what people have.
  bool reads_activity() const { return reads_activity_; }

  // Whether members of some live group may ask by this rule.
  bool asks_live(std::size_t rule) const { return asks_live_[rule]; }

 private:
  void add_condition(const ConditionPtr& condition);
  void add_people(const Policy& policy, std::size_t rule);
  void add_name(const std::string& name, std::size_t rule);

  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };

  std::vector<Fitting> fitting_;
  Fitting everything_;
  std::vector<bool> asks_live_;
  std::size_t words_ = 0;
  bool names_accounts_ = false;
  bool reads_activity_ = false;
  std::unordered_map<std::string, std::vector<std::uint64_t>, Hash, std::equal_to<>> naming_;
};

// Makes the index of a policy that was put together by hand; load_policy does it itself.
void index_rules(Policy& policy);

}  // namespace jitbot

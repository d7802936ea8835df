#include "bot/policy/diff.hpp"

#include "bot/policy/words_of.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

namespace jitbot {

namespace {

using Changes = std::vector<Change>;
using Words = std::vector<std::string>;

std::string_view word(Change::Of of) {
  switch (of) {
    case Change::Of::rule:
      return "rule";
    case Change::Of::group:
      return "group";
    case Change::Of::resource:
      return "resource";
    case Change::Of::connector:
      return "connector";
    case Change::Of::tests:
      return "tests";
  }
  return "";
}

// What changes of one thing.
class Thing {
 public:
  Thing(Changes& changes, Change::Of of, std::string name)
      : changes_(changes), of_(of), name_(std::move(name)) {}

  void added(const std::string& what) { put(Change::What::added, " is new: " + what); }
  void removed() { put(Change::What::removed, " is gone"); }
  void moved(const std::string& where) { put(Change::What::moved, where); }
  void changed(const std::string& how) { put(Change::What::changed, ": " + how); }

 private:
  void put(Change::What what, const std::string& words) {
    changes_.push_back({of_, what, name_, fmt::format("{} {}{}", word(of_), name_, words)});
  }

  Changes& changes_;
  Change::Of of_;
  std::string name_;
};

Words without(const Words& all, const Words& others) {
  Words left;
  std::ranges::copy_if(all, std::back_inserter(left), [&](const std::string& one) {
    return std::ranges::find(others, one) == others.end();
  });
  return left;
}

std::string list_change(const Statement& old, const Statement& fresh) {
  const Words more = without(fresh.words, old.words);
  const Words less = without(old.words, fresh.words);
  if (more.empty() && less.empty()) return fmt::format("{} in another order: {}", fresh.about, joined(fresh));
  Words parts;
  if (!more.empty()) parts.push_back(fmt::format("now with {}", fmt::join(more, ", ")));
  if (!less.empty()) parts.push_back(fmt::format("without {}", fmt::join(less, ", ")));
  return fmt::format("{} {}", fresh.about, fmt::join(parts, ", "));
}

const Statement* find(const Statements& all, const std::string& about) {
  const auto found = std::ranges::find(all, about, &Statement::about);
  return found == all.end() ? nullptr : &*found;
}

// "at most 4h → 8h", "step security is gone (1 of group:security)", "requesters now with bob@example.com".
Words statement_changes(const Statements& old, const Statements& fresh) {
  Words changes;
  for (const Statement& now : fresh) {
    const Statement* before = find(old, now.about);
    if (before == nullptr) {
      changes.push_back(fmt::format("{} is new: {}", now.about, joined(now)));
    } else if (*before == now) {
      continue;
    } else if (now.form == Statement::Form::list && before->form == Statement::Form::list) {
      changes.push_back(list_change(*before, now));
    } else {
      changes.push_back(fmt::format("{} {} → {}", now.about, joined(*before), joined(now)));
    }
  }
  for (const Statement& before : old) {
    if (find(fresh, before.about) == nullptr)
      changes.push_back(fmt::format("{} is gone ({})", before.about, joined(before)));
  }
  return changes;
}

// A longest sequence of names that stand in the same order in both; the others moved.
std::set<std::string> unmoved(const Words& old, const Words& fresh) {
  struct Run {
    std::ptrdiff_t place;  // of its last name, in `old`
    std::size_t length = 1;
    std::size_t before;  // the name before; itself where it is the first
  };
  std::vector<Run> runs;  // the longest that ends with each of `fresh`
  std::size_t last = 0;
  for (std::size_t i = 0; i < fresh.size(); ++i) {
    Run run{std::ranges::find(old, fresh[i]) - old.begin(), 1, i};
    for (std::size_t j = 0; j < i; ++j) {
      if (runs[j].place < run.place && runs[j].length >= run.length) {
        run.length = runs[j].length + 1;
        run.before = j;
      }
    }
    runs.push_back(run);
    if (run.length > runs[last].length) last = i;
  }
  std::set<std::string> names;
  if (fresh.empty()) return names;
  for (; runs[last].before != last; last = runs[last].before) names.insert(fresh[last]);
  names.insert(fresh[last]);
  return names;
}

const Rule* find_rule(const Policy& policy, const std::string& name) {
  const auto found = std::ranges::find(policy.rules, name, &Rule::name);
  return found == policy.rules.end() ? nullptr : &*found;
}

Words names_in_both(const Policy& of, const Policy& other) {
  Words names;
  for (const Rule& rule : of.rules) {
    if (find_rule(other, rule.name) != nullptr) names.push_back(rule.name);
  }
  return names;
}

Words step_names(const Rule& rule) {
  Words names;
  for (const RuleStep& step : rule.steps) names.push_back(step.name);
  return names;
}

void compare(const Rule& old, const Rule& fresh, Thing thing) {
  for (const std::string& change : statement_changes(statements_of(old), statements_of(fresh)))
    thing.changed(change);
  const Words before = step_names(old);
  const Words now = step_names(fresh);
  if (before != now && std::ranges::is_permutation(before, now))
    thing.changed(fmt::format("steps in another order: {}", fmt::join(now, ", ")));
}

// "first", or "behind freeze": where a rule that moved, or is new, stands now.
std::string place_in(const Policy& policy, std::size_t at) {
  return at == 0 ? "first" : "behind " + policy.rules[at - 1].name;
}

void compare_rules(const Policy& old, const Policy& fresh, Changes& changes) {
  const auto in_place = unmoved(names_in_both(old, fresh), names_in_both(fresh, old));
  for (std::size_t i = 0; i < fresh.rules.size(); ++i) {
    const Rule& rule = fresh.rules[i];
    Thing thing(changes, Change::Of::rule, rule.name);
    const Rule* before = find_rule(old, rule.name);
    if (before == nullptr) {
      thing.added(fmt::format("{} (it stands {})", words_of(rule), place_in(fresh, i)));
      continue;
    }
    if (!in_place.contains(rule.name)) thing.moved(" stands " + place_in(fresh, i) + " now");
    compare(*before, rule, thing);
  }
  for (const Rule& rule : old.rules) {
    if (find_rule(fresh, rule.name) == nullptr) Thing(changes, Change::Of::rule, rule.name).removed();
  }
}

void compare_roles(const Resource& old, const Resource& fresh, Thing thing) {
  for (const auto& [name, role] : fresh.roles) {
    const auto before = old.roles.find(name);
    if (before == old.roles.end()) {
      thing.changed(fmt::format("role {} is new: {}", name, joined(statements_of(role))));
      continue;
    }
    for (const std::string& change : statement_changes(statements_of(before->second), statements_of(role)))
      thing.changed(fmt::format("role {}: {}", name, change));
  }
  for (const auto& [name, role] : old.roles) {
    if (!fresh.roles.contains(name)) thing.changed(fmt::format("role {} is gone", name));
  }
}

void compare(const Group& old, const Group& fresh, Thing thing) {
  for (const std::string& change : statement_changes(statements_of(old), statements_of(fresh)))
    thing.changed(change);
}

void compare(const Resource& old, const Resource& fresh, Thing thing) {
  for (const std::string& change : statement_changes(statements_of(old), statements_of(fresh)))
    thing.changed(change);
  compare_roles(old, fresh, thing);
}

std::string whole(const Group& group) {
  return joined(statements_of(group));
}

std::string whole(const Resource& resource) {
  Words roles;
  for (const auto& [name, role] : resource.roles) roles.push_back(name);
  const std::string said = joined(statements_of(resource));
  return fmt::format("{}{}roles: {}", said, said.empty() ? "" : "; ", fmt::join(roles, ", "));
}

template <class T>
void compare_all(const std::map<std::string, T>& old, const std::map<std::string, T>& fresh, Change::Of of,
                 Changes& changes) {
  for (const auto& [name, one] : fresh) {
    const auto before = old.find(name);
    if (before == old.end()) {
      Thing(changes, of, name).added(whole(one));
    } else {
      compare(before->second, one, Thing(changes, of, name));
    }
  }
  for (const auto& [name, one] : old) {
    if (!fresh.contains(name)) Thing(changes, of, name).removed();
  }
}

nlohmann::json documents_of(const Policy& policy) {
  return nlohmann::json::parse(policy.documents, nullptr, false);
}

nlohmann::json part_of(const nlohmann::json& documents, const char* name) {
  return documents.is_object() ? documents.value(name, nlohmann::json::object()) : nlohmann::json::object();
}

// How they are configured is part of the digest, and no secret.
void compare_connectors(const nlohmann::json& before, const nlohmann::json& now, Changes& changes) {
  for (const auto& [name, settings] : now.items()) {
    Thing thing(changes, Change::Of::connector, name);
    if (!before.contains(name)) {
      thing.added("configured");
    } else if (before.at(name) != settings) {
      thing.changed("configured differently");
    }
  }
  for (const auto& [name, settings] : before.items()) {
    if (!now.contains(name)) Thing(changes, Change::Of::connector, name).removed();
  }
}

}  // namespace

std::vector<Change> differences(const Policy& old, const Policy& fresh) {
  Changes changes;
  compare_rules(old, fresh, changes);
  compare_all(old.groups, fresh.groups, Change::Of::group, changes);
  compare_all(old.resources, fresh.resources, Change::Of::resource, changes);
  const auto before = documents_of(old);
  const auto now = documents_of(fresh);
  compare_connectors(part_of(before, "connectors"), part_of(now, "connectors"), changes);
  const auto tests_of = [](const nlohmann::json& documents) {
    return part_of(part_of(documents, "policy"), "tests");
  };
  if (old.tests.size() != fresh.tests.size()) {
    changes.push_back({Change::Of::tests, Change::What::changed, "",
                       fmt::format("tests: {} → {}", old.tests.size(), fresh.tests.size())});
  } else if (tests_of(before) != tests_of(now)) {
    changes.push_back(
        {Change::Of::tests, Change::What::changed, "", "tests: as many as before, not the same"});
  }
  return changes;
}

}  // namespace jitbot

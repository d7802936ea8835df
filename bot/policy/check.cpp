#include "bot/model/nearest.hpp"
#include "bot/policy/decide.hpp"
#include "bot/policy/draft.hpp"
#include "bot/policy/membership.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace jitbot {

using yaml::quoted;
using yaml::Value;

namespace {

std::string unknown(std::string_view what, const std::string& name, const std::string& near,
                    const std::vector<std::string>& known) {
  if (!near.empty()) return fmt::format("unknown {} {}; did you mean {}?", what, quoted(name), near);
  if (known.empty()) return fmt::format("unknown {} {}; there is none", what, quoted(name));
  constexpr std::size_t k_shown = 12;
  const std::vector<std::string> shown(
      known.begin(), known.begin() + static_cast<std::ptrdiff_t>(std::min(k_shown, known.size())));
  return fmt::format("unknown {} {}; there is {}{}", what, quoted(name), fmt::join(shown, ", "),
                     known.size() > k_shown ? ", …" : "");
}

void check_groups(const PolicyDraft& draft) {
  const auto known = names_of(draft.policy.groups);
  for (const NameUse& group : draft.groups) {
    // A group that stands there but could not be read has its own problem already.
    if (!draft.group_marks.contains(group.name)) report_unknown(group, "group", known);
  }
}

// Commands are case-blind, so names that differ in case alone could not be told apart.
template <class Named>
void check_case(const Named& named, std::string_view what, const Value& at) {
  std::map<std::string, std::string> seen;
  for (const auto& [name, ignored] : named) {
    std::string low = name;
    std::ranges::transform(low, low.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const auto [other, fresh] = seen.emplace(low, name);
    if (!fresh)
      at.fail(fmt::format("{} {} and {} differ in case alone", what, quoted(other->second), quoted(name)),
              {"duplicate-name", "rename one of them"});
  }
}

void check_catalog(const ResourceDraft& about, const KnownConnectors& known) {
  for (const NameUse& catalog : about.catalog) {
    if (!known.complete || known.catalogs.contains(catalog.name)) continue;
    report_unknown(catalog, "catalog", {known.catalogs.begin(), known.catalogs.end()});
  }
}

// Which of two patterns a name belongs to would be the order of the alphabet's affair.
void check_overlap(const PolicyDraft& draft) {
  std::vector<const ResourceDraft*> patterns;
  for (const ResourceDraft& about : draft.resources) {
    if (draft.policy.resources.at(about.name).catalog.empty()) continue;
    for (const ResourceDraft* other : patterns) {
      if (!patterns_meet(other->name, about.name)) continue;
      about.at.fail(fmt::format("some names fit both {} and {}", quoted(other->name), quoted(about.name)),
                    {"overlapping-resources", "choose patterns that no name fits both of"});
    }
    patterns.push_back(&about);
  }
}

void check_default_role(const ResourceDraft& about, Resource& resource) {
  if (about.default_role.empty()) {
    if (resource.roles.size() == 1) resource.default_role = resource.roles.begin()->first;
    return;
  }
  if (resource.roles.contains(resource.default_role)) return;
  report_unknown(about.default_role.front(), "role", names_of(resource.roles));
}

// Follows `includes` from one role; true where it comes back to `start`.
bool comes_back(const Resource& resource, const std::string& start, const std::string& role,
                std::set<std::string>& seen) {
  const auto found = resource.roles.find(role);
  if (found == resource.roles.end() || !seen.insert(role).second) return false;
  return std::ranges::any_of(found->second.includes, [&](const std::string& next) {
    return next == start || comes_back(resource, start, next, seen);
  });
}

void check_grants(const RoleDraft& about, const Role& role, const KnownConnectors& connectors) {
  const auto required = connectors.required_grants.find(role.connector);
  if (required == connectors.required_grants.end()) return;
  for (const std::string& name : required->second) {
    if (role.grants.contains(name)) continue;
    about.at.fail(fmt::format("grants must name {}: connector {} needs it", name, role.connector),
                  {"grants", fmt::format("add {}: … under grants", name)});
  }
}

void check_connector(const NameUse& connector, const KnownConnectors& connectors) {
  if (!connectors.complete || connectors.names.contains(connector.name)) return;
  report_unknown(connector, "connector", {connectors.names.begin(), connectors.names.end()});
}

void check_role(const RoleDraft& about, const Resource& resource, const KnownConnectors& connectors) {
  for (const NameUse& connector : about.connector) {
    check_connector(connector, connectors);
    check_grants(about, resource.roles.at(about.role), connectors);
  }
  for (const NameUse& include : about.includes) {
    std::set<std::string> seen;
    if (!resource.roles.contains(include.name)) {
      report_unknown(include, "role", names_of(resource.roles));
    } else if (include.name == about.role || comes_back(resource, about.role, include.name, seen)) {
      include.at.fail(fmt::format("role {} would include itself", quoted(about.role)),
                      {"includes", "remove one of the roles from the circle"});
    }
  }
}

bool fits_role(const Rule& rule, const Resource& resource, const std::string& pattern) {
  return std::ranges::any_of(resource.roles, [&](const auto& role) {
    return fits_pattern(pattern, role.first) && may_match(rule.match, {&resource, &role.second});
  });
}

// A pattern, or one name of a catalog's: something has, or can have, such a name.
bool fits_some(const std::map<std::string, Resource>& resources, const std::string& pattern) {
  return std::ranges::any_of(resources, [&](const auto& entry) {
    if (fits_pattern(pattern, entry.first)) return true;
    return !entry.second.catalog.empty() && patterns_meet(entry.first, pattern);
  });
}

void check_match(const PolicyDraft& draft, const Rule& rule, const RuleDraft& about) {
  const auto& resources = draft.policy.resources;
  bool all_known = true;
  for (const NameUse& resource : about.resources) {
    if (draft.resource_marks.contains(resource.name) || fits_some(resources, resource.name)) continue;
    report_unknown(resource, "resource", names_of(resources));
    all_known = false;
  }
  if (!all_known) return;
  for (const NameUse& role : about.roles) {
    if (std::ranges::any_of(resources,
                            [&](const auto& entry) { return fits_role(rule, entry.second, role.name); })) {
      continue;
    }
    std::set<std::string> roles;
    Match any_role = rule.match;
    any_role.roles.clear();
    for (const auto& [name, resource] : resources) {
      for (const auto& [role_name, it] : resource.roles) {
        if (may_match(any_role, {&resource, &it})) roles.insert(role_name);
      }
    }
    report_unknown(role, "role", {roles.begin(), roles.end()}, " (among what this rule matches)");
  }
}

void check_use(const PolicyDraft& draft, const RoleUse& use) {
  const auto& resources = draft.policy.resources;
  const Resource* resource = find_resource(draft.policy, use.resource.name);
  if (resource == nullptr) {
    if (!draft.resource_marks.contains(use.resource.name))
      report_unknown(use.resource, "resource", names_of(resources));
  } else if (use.role && !resource->roles.contains(use.role->name)) {
    report_unknown(*use.role, "role", names_of(resource->roles));
  }
}

}  // namespace

void report_unknown(const NameUse& use, std::string_view what, const std::vector<std::string>& known,
                    std::string_view after) {
  // Of the words above, each with its name.
  constexpr std::array<std::pair<std::string_view, std::string_view>, 7> k_names = {
      {{"group", "unknown-group"},
       {"connector", "unknown-connector"},
       {"resource", "unknown-resource"},
       {"role", "unknown-role"},
       {"catalog", "unknown-catalog"},
       {"rule", "unknown-rule"},
       {"step", "unknown-step"}}};
  const std::string near = nearest(use.name, known);
  const auto* name = std::ranges::find(k_names, what, &std::pair<std::string_view, std::string_view>::first);
  const bool configured = what == "connector" || what == "catalog";
  std::string advice = !near.empty() ? fmt::format("write {}", near)
                       : configured
                           ? fmt::format("add it to the configuration, or name a {} that is there", what)
                           : fmt::format("name a {} that is there, or add this one", what);
  use.at.fail(unknown(what, use.name, near, known) + std::string(after),
              {name == k_names.end() ? std::string_view("schema") : name->second, std::move(advice)});
}

void check_policy(PolicyDraft& draft, const KnownConnectors& connectors) {
  check_groups(draft);
  if (!draft.resources.empty()) check_case(draft.policy.resources, "resources", draft.resources.back().at);
  check_overlap(draft);
  for (const ResourceDraft& about : draft.resources) {
    Resource& resource = draft.policy.resources.at(about.name);
    check_default_role(about, resource);
    check_catalog(about, connectors);
    check_case(resource.roles, "roles", about.at);
  }
  for (const RoleDraft& about : draft.roles)
    check_role(about, draft.policy.resources.at(about.resource), connectors);
  for (std::size_t i = 0; i < draft.rules.size(); ++i) {
    check_match(draft, draft.policy.rules[i], draft.rules[i]);
  }
  for (const NameUse& connector : draft.connectors) check_connector(connector, connectors);
  for (const RoleUse& use : draft.role_uses) check_use(draft, use);
  for (const TestDraft& test : draft.tests) {
    for (const RoleUse& use : test.asks_for) check_use(draft, use);
  }
  check_tests(draft);
}

}  // namespace jitbot

#include "bot/model/nearest.hpp"
#include "bot/policy/decide.hpp"
#include "bot/policy/draft.hpp"
#include "bot/policy/membership.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>

namespace jitbot {

using yaml::quoted;
using yaml::Value;

namespace {

template <class Named>
std::vector<std::string> names_of(const Named& named) {
  std::vector<std::string> names;
  for (const auto& entry : named) names.push_back(entry.first);
  return names;
}

// `unknown group "sree"; did you mean sre?`
std::string unknown(std::string_view what, const std::string& name, const std::vector<std::string>& known) {
  const std::string near = nearest(name, known);
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
    if (!draft.group_marks.contains(group.name)) group.at.fail(unknown("group", group.name, known));
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
      at.fail(fmt::format("{} {} and {} differ in case alone", what, quoted(other->second), quoted(name)));
  }
}

void check_catalog(const ResourceDraft& about, const KnownConnectors& known) {
  for (const NameUse& catalog : about.catalog) {
    if (!known.complete || known.catalogs.contains(catalog.name)) continue;
    catalog.at.fail(unknown("catalog", catalog.name, {known.catalogs.begin(), known.catalogs.end()}));
  }
}

void check_default_role(const ResourceDraft& about, Resource& resource) {
  if (about.default_role.empty()) {
    if (resource.roles.size() == 1) resource.default_role = resource.roles.begin()->first;
    return;
  }
  if (resource.roles.contains(resource.default_role)) return;
  about.default_role.front().at.fail(unknown("role", resource.default_role, names_of(resource.roles)));
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
    about.at.fail(fmt::format("grants must name {}: connector {} needs it", name, role.connector));
  }
}

void check_role(const RoleDraft& about, const Resource& resource, const KnownConnectors& connectors) {
  for (const NameUse& connector : about.connector) {
    if (!connectors.complete || connectors.names.contains(connector.name)) {
      check_grants(about, resource.roles.at(about.role), connectors);
      continue;
    }
    connector.at.fail(
        unknown("connector", connector.name, {connectors.names.begin(), connectors.names.end()}));
  }
  for (const NameUse& include : about.includes) {
    std::set<std::string> seen;
    if (!resource.roles.contains(include.name)) {
      include.at.fail(unknown("role", include.name, names_of(resource.roles)));
    } else if (include.name == about.role || comes_back(resource, about.role, include.name, seen)) {
      include.at.fail(fmt::format("role {} would include itself", quoted(about.role)));
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
    resource.at.fail(unknown("resource", resource.name, names_of(resources)));
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
    role.at.fail(unknown("role", role.name, {roles.begin(), roles.end()}) +
                 " (among what this rule matches)");
  }
}

}  // namespace

void check_policy(PolicyDraft& draft, const KnownConnectors& connectors) {
  check_groups(draft);
  if (!draft.resources.empty()) check_case(draft.policy.resources, "resources", draft.resources.back().at);
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
}

}  // namespace jitbot

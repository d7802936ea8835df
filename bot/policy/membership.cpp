#include "bot/policy/membership.hpp"

#include "bot/policy/decide.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace jitbot {

namespace {

// "slack" of "slack:T0001" and of "slack:U0001": policies name accounts of the one workspace they are for.
std::string_view platform(std::string_view text) {
  return text.substr(0, text.find(':'));
}

bool is_account(const PrincipalId& id, const std::string& subject) {
  const auto colon = subject.find(':');
  return colon != std::string::npos && platform(id.workspace) == platform(subject) &&
         id.user == std::string_view(subject).substr(colon + 1);
}

const Group* find_group(const Policy& policy, const std::string& name) {
  const auto found = policy.groups.find(name);
  return found == policy.groups.end() ? nullptr : &found->second;
}

Error unreadable(const std::string& group, const std::string& why) {
  return {ErrorKind::unavailable, fmt::format("I cannot check now who is in group {}", group), why};
}

Result<std::set<PrincipalId>> live_members(const Group& group, const Facts& facts) {
  const auto found = facts.groups.find(group.from);
  if (found == facts.groups.end())
    return tl::unexpected(unreadable(group.name, "not fetched: " + group.from));
  if (!found->second) {
    return tl::unexpected(unreadable(group.name, group.from + ": " + found->second.error().message));
  }
  return *found->second;
}

bool is_static_member(const Subject& subject, const Person& person, const std::optional<std::string>& name) {
  switch (subject.kind) {
    case Subject::Kind::email:
      return name && *name == subject.value;
    case Subject::Kind::principal:
      return is_account(person.id, subject.value);
    case Subject::Kind::group:
    case Subject::Kind::owners:
      return false;
  }
  return false;
}

struct Misfit {
  enum class What { none, resource, role, no_tag, tag };
  What what = What::none;
  const std::pair<const std::string, std::vector<std::string>>* tag = nullptr;
};

Misfit first_misfit(const Match& match, const Named& named) {
  const auto lists = [](const std::vector<std::string>& names, const std::string& name) {
    return names.empty() ||
           std::ranges::any_of(names, [&](const std::string& it) { return fits_pattern(it, name); });
  };
  if (!lists(match.resources, named.shown())) return {Misfit::What::resource};
  if (!lists(match.roles, named.role->name)) return {Misfit::What::role};
  for (const auto& tag : match.tags) {
    const auto has = named.resource->tags.find(tag.first);
    if (has == named.resource->tags.end()) return {Misfit::What::no_tag, &tag};
    if (!lists(tag.second, has->second)) return {Misfit::What::tag, &tag};
  }
  return {};
}

}  // namespace

bool is_somebody(const Person& person) {
  return !person.deactivated && !person.outsider && !person.bot;
}

bool is_pattern(std::string_view text) {
  return text.find('*') != std::string_view::npos;
}

bool fits_pattern(std::string_view pattern, std::string_view text) {
  // The last star is tried again one character further on; earlier ones never need to be.
  std::size_t at = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  for (std::size_t i = 0; i < text.size();) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      resume = i;
    } else if (at < pattern.size() && pattern[at] == text[i]) {
      ++at;
      ++i;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      i = ++resume;
    } else {
      return false;
    }
  }
  while (at < pattern.size() && pattern[at] == '*') ++at;
  return at == pattern.size();
}

bool patterns_meet(std::string_view a, std::string_view b) {
  // meet[j]: the rest of `a` and b[j..] have a text in common; worked out from the ends.
  std::vector<bool> meet(b.size() + 1, false);
  for (std::size_t i = a.size() + 1; i-- > 0;) {
    std::vector<bool> next(b.size() + 1, false);
    for (std::size_t j = b.size() + 1; j-- > 0;) {
      const bool end_a = i == a.size();
      const bool end_b = j == b.size();
      if (end_a && end_b) {
        next[j] = true;
      } else if (!end_a && a[i] == '*') {
        next[j] = meet[j] || (!end_b && next[j + 1]);
      } else if (!end_b && b[j] == '*') {
        next[j] = next[j + 1] || (!end_a && meet[j]);
      } else {
        next[j] = !end_a && !end_b && a[i] == b[j] && meet[j + 1];
      }
    }
    meet = std::move(next);
  }
  return meet[0];
}

bool may_match(const Match& match, const Named& named) {
  if (named.resource->catalog.empty() || match.resources.empty()) return matches(match, named);
  Match rest = match;
  rest.resources.clear();
  return matches(rest, named) && std::ranges::any_of(match.resources, [&](const std::string& pattern) {
           return patterns_meet(pattern, named.resource->name);
         });
}

bool matches(const Match& match, const Named& named) {
  return first_misfit(match, named).what == Misfit::What::none;
}

std::optional<std::string> match_problem(const Match& match, const Named& named) {
  const Misfit misfit = first_misfit(match, named);
  switch (misfit.what) {
    case Misfit::What::none:
      return std::nullopt;
    case Misfit::What::resource:
      return fmt::format("it is for {}, not {}", fmt::join(match.resources, ", "), named.shown());
    case Misfit::What::role:
      return fmt::format("it is for role {}, not {}", fmt::join(match.roles, ", "), named.role->name);
    case Misfit::What::no_tag:
      return fmt::format("it is for tag {}, which {} does not have", misfit.tag->first, named.shown());
    case Misfit::What::tag:
      return fmt::format("it is for {} {}, and {} is {}", misfit.tag->first,
                         fmt::join(misfit.tag->second, ", "), named.shown(),
                         named.resource->tags.at(misfit.tag->first));
  }
  return std::nullopt;
}

std::vector<Subject> with_owners(const std::vector<Subject>& subjects, const Resource& resource) {
  std::vector<Subject> named;
  const auto add = [&named](const Subject& subject) {
    if (std::ranges::find(named, subject) == named.end()) named.push_back(subject);
  };
  for (const Subject& subject : subjects) {
    if (subject.kind != Subject::Kind::owners) {
      add(subject);
    } else {
      std::ranges::for_each(resource.owners, add);
    }
  }
  return named;
}

std::optional<std::set<std::string>> static_people(const Policy& policy,
                                                   const std::vector<Subject>& subjects) {
  std::set<std::string> people;
  for (const Subject& subject : subjects) {
    if (subject.kind == Subject::Kind::owners) return std::nullopt;
    if (subject.kind != Subject::Kind::group) {
      people.insert(subject.value);
      continue;
    }
    const Group* group = find_group(policy, subject.value);
    if (group == nullptr || !group->from.empty()) return std::nullopt;
    for (const Subject& member : group->members) people.insert(member.value);
  }
  return people;
}

Result<bool> is_one_of(const Policy& policy, const std::vector<Subject>& subjects, const Person& person,
                       const Facts& facts) {
  if (!is_somebody(person)) return false;
  const auto name = policy_name(person);
  std::optional<Error> missing;
  for (const Subject& subject : subjects) {
    if (is_static_member(subject, person, name)) return true;
    if (subject.kind == Subject::Kind::owners) {
      return fail(ErrorKind::internal, "I cannot check this rule", "owners were not resolved");
    }
    if (subject.kind != Subject::Kind::group) continue;
    const Group* group = find_group(policy, subject.value);
    if (group == nullptr) {
      missing = unreadable(subject.value, "the policy has no such group");
      continue;
    }
    const auto is_member = [&](const Subject& member) { return is_static_member(member, person, name); };
    if (std::ranges::any_of(group->members, is_member)) return true;
    if (group->from.empty()) continue;
    const auto members = live_members(*group, facts);
    if (!members) {
      missing = members.error();
    } else if (members->contains(person.id)) {
      return true;
    }
  }
  if (missing) return tl::unexpected(*missing);
  return false;
}

std::map<std::string, bool> live_memberships(const Policy& policy, const Person& person, const Facts& facts) {
  std::map<std::string, bool> known;
  for (const auto& [name, group] : policy.groups) {
    const auto found = group.from.empty() ? facts.groups.end() : facts.groups.find(group.from);
    if (found == facts.groups.end() || !found->second) continue;
    known.emplace(name, found->second->contains(person.id));
  }
  return known;
}

Result<NamedPeople> people_of(const Policy& policy, const std::vector<Subject>& subjects,
                              const Facts& facts) {
  NamedPeople named;
  // An account of a policy has no workspace; whoever is known by Facts under it has one.
  const auto add = [&](const Subject& subject) {
    if (subject.kind == Subject::Kind::email) named.emails.insert(subject.value);
    if (subject.kind != Subject::Kind::principal) return;
    bool known = false;
    for (const auto& [id, person] : facts.people) {
      if (!is_account(id, subject.value)) continue;
      named.accounts.insert(id);
      known = true;
    }
    const auto colon = subject.value.find(':');
    if (!known) named.accounts.insert({subject.value.substr(0, colon), subject.value.substr(colon + 1)});
  };
  for (const Subject& subject : subjects) {
    add(subject);
    if (subject.kind != Subject::Kind::group) continue;
    const Group* group = find_group(policy, subject.value);
    if (group == nullptr) return tl::unexpected(unreadable(subject.value, "the policy has no such group"));
    std::ranges::for_each(group->members, add);
    if (group->from.empty()) continue;
    const auto members = live_members(*group, facts);
    if (!members) return tl::unexpected(members.error());
    named.accounts.insert(members->begin(), members->end());
  }
  return named;
}

}  // namespace jitbot

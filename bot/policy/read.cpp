#include "bot/model/template.hpp"
#include "bot/policy/chat_words.hpp"
#include "bot/policy/draft.hpp"
#include "bot/policy/keys.hpp"
#include "bot/policy/membership.hpp"
#include "bot/policy/words.hpp"

#include <fmt/format.h>

#include <array>
// One policy file on its own: groups and resources here, rules in read_rules.cpp.
namespace jitbot {

using yaml::MapReader;
using yaml::Problems;
using yaml::quoted;
using yaml::Value;

namespace {

constexpr std::size_t k_longest_description = 500;
constexpr std::size_t k_longest_howto = 2000;
constexpr std::size_t k_longest_value = 500;
const std::vector<std::string_view> k_howto_names = {"account", "role", "resource"};
const std::vector<std::string_view> k_template_names = {"account", "role", "resource", "grant", "until"};

const yaml::Kind k_template{"template", "write one of the names that are known here"};

// "first in a.yaml:3:1"
std::string first_in(const SourceMark& mark) {
  return fmt::format("first in {}:{}:{}", mark.file, mark.line, mark.column);
}

// False and reported: the name is already another file's.
bool claim(std::map<std::string, SourceMark>& marks, const yaml::Entry& entry, const Value& value,
           Problems& problems, std::string_view what) {
  const auto [found, fresh] = marks.emplace(entry.key, problems.mark(entry.where));
  if (fresh) return true;
  problems.add(entry.where, value.path(),
               fmt::format("{} {} stands in two files, {}", what, quoted(entry.key), first_in(found->second)),
               {"duplicate-name", "keep one of them, or rename one"});
  return false;
}

std::vector<Subject> read_subjects(const Value& value, SubjectsAllowed allowed, PolicyDraft& draft) {
  std::vector<Subject> subjects;
  for (const Value& item : value.one_or_list()) {
    auto subject = read_subject(item, allowed);
    if (!subject) continue;
    if (subject->kind == Subject::Kind::group) draft.groups.push_back({subject->value, item});
    subjects.push_back(std::move(*subject));
  }
  return subjects;
}

// True and reported: a source that comes with a later version.
bool is_later_source(const Value& value, std::string_view text) {
  constexpr std::string_view k_oncall = "oncall:";
  constexpr std::string_view k_ldap = "ldap:";
  const auto later = [&](std::string_view what) {
    value.fail(
        fmt::format("{}: {} as sources of groups come with a later version of jitbot", value.shown(), what),
        later_version());
    return true;
  };
  if (text.starts_with(k_oncall)) {
    if (is_name(text.substr(k_oncall.size()))) return later("on-call schedules");
    value.fail(fmt::format("{} names no schedule", value.shown()), {"source", "write oncall:NAME"});
    return true;
  }
  if (text.starts_with(k_ldap)) {
    if (text.find('=') != std::string_view::npos) return later("LDAP groups");
    value.fail(fmt::format("{} is not a name of LDAP", value.shown()),
               {"source", "write for example ldap:cn=dba,ou=groups,dc=example,dc=com"});
    return true;
  }
  return false;
}

}  // namespace

std::string read_source(const Value& value) {
  const auto text = value.text();
  if (!text || is_later_source(value, *text)) return "";
  const LiveSource* source = live_source(*text);
  if (source == nullptr) {
    value.fail(
        fmt::format("{} is not a source of people; it must be {}", quoted(*text), all_live_sources()),
        {"source", "write for example slack:usergroup/ID; the user group's menu in Slack shows its ID"});
    return "";
  }
  const std::string id = text->substr(source->prefix.size());
  if (source->is_id(id)) return *text;
  value.fail(fmt::format("{} is not {} id; it looks like {}", quoted(id), source->whose, source->example),
             {"source", fmt::format("write {}ID; {}", source->prefix, source->where)});
  return "";
}

namespace {

void read_group(const Value& value, std::string name, PolicyDraft& draft) {
  const MapReader map(value, policy_keys::k_group);
  if (!map.readable()) return;
  Group group;
  group.name = std::move(name);
  const auto members = map.find("members");
  const auto from = map.find("from");
  if (members && from) from->fail("a group has members or from, not both", {.advice = "remove one of them"});
  if (!members && !from)
    value.fail("a group needs members or from", {.advice = "add members: [an e-mail, …], or from"});
  if (members) group.members = read_subjects(*members, {}, draft);
  if (from) group.from = read_source(*from);
  draft.policy.groups.emplace(group.name, std::move(group));
}

std::map<std::string, std::string> read_grants(const Value& value) {
  std::map<std::string, std::string> grants;
  for (const auto& [entry, item] : value.named()) {
    const auto text = item.text();
    if (!is_name(entry->key))
      item.fail(fmt::format("{} is not a parameter's name", quoted(entry->key)), {.name = "name"});
    if (!text) continue;
    if (text->size() > k_longest_value)
      item.fail(fmt::format("must be at most {} bytes long", k_longest_value));
    if (text->find_first_of("\n\t") != std::string::npos) item.fail("must be one line without tabs");
    if (text->front() == '-') item.fail("must not begin with '-'");
    if (const auto known = check_template(*text, k_template_names); !known)
      item.fail(known.error().message, k_template);
    grants.emplace(entry->key, *text);
  }
  return grants;
}

Role read_role(const Value& value, const std::string& resource, const std::string& name, PolicyDraft& draft) {
  Role role;
  role.name = name;
  RoleDraft about{resource, name, value, {}, {}};
  const MapReader map(value, policy_keys::k_role);
  if (!map.readable()) return role;
  if (const auto connector = map.find("connector")) {
    if (const auto text = connector->text()) {
      role.connector = *text;
      about.connector.push_back({*text, *connector});
    }
  }
  if (const auto grants = map.find("grants")) role.grants = read_grants(*grants);
  if (const auto risk = map.find("risk")) {
    constexpr std::array<std::string_view, 2> k_risks = {"low", "high"};
    role.risk = risk->choice(k_risks).value_or(0) == 1 ? Risk::high : Risk::low;
  }
  if (const auto text = map.find("description")) {
    role.description = read_line(*text, k_longest_description).value_or("");
  }
  if (const auto includes = map.find("includes")) {
    for (const Value& item : includes->one_or_list()) {
      const auto text = item.text();
      if (!text) continue;
      role.includes.push_back(*text);
      about.includes.push_back({*text, item});
    }
  }
  if (const auto longest = map.find("max_duration"))
    role.max_duration = longest->duration().value_or(Millis{0});
  draft.roles.push_back(std::move(about));
  return role;
}

void read_roles(const Value& value, Problems& problems, Resource& resource, PolicyDraft& draft) {
  const auto roles = value.named();
  if (value.is_map() && roles.empty())
    value.fail("a resource needs at least one role", {.advice = "add a role with its connector and grants"});
  for (const auto& [entry, item] : roles) {
    if (!check_name(*entry, item, problems, "a role")) continue;
    resource.roles.emplace(entry->key, read_role(item, resource.name, entry->key, draft));
  }
}

void read_resource(const Value& value, Problems& problems, std::string name, PolicyDraft& draft) {
  Resource resource;
  resource.name = std::move(name);
  ResourceDraft about{resource.name, value, {}, {}};
  const MapReader map(value, policy_keys::k_resource);
  if (const auto text = map.find("description")) {
    resource.description = read_line(*text, k_longest_description).value_or("");
  }
  if (const auto text = map.find("howto")) {
    resource.howto = read_line(*text, k_longest_howto).value_or("");
    if (const auto known = check_template(resource.howto, k_howto_names); !known)
      text->fail(known.error().message, k_template);
  }
  if (const auto catalog = map.find("catalog")) {
    if (const auto listed_by = read_name(*catalog, "a catalog")) {
      resource.catalog = *listed_by;
      about.catalog.push_back({*listed_by, *catalog});
    }
  }
  if (is_pattern(resource.name) && resource.catalog.empty())
    value.fail("the name is a pattern, so it needs a catalog that lists what exists",
               {"unknown-catalog", "add catalog: NAME, or name one resource exactly"});
  if (const auto longest = map.find("max_duration"))
    resource.max_duration = longest->duration().value_or(Millis{0});
  if (const auto tags = map.find("tags")) {
    for (const auto& [entry, item] : tags->named()) {
      if (const auto text = item.text()) resource.tags.emplace(entry->key, *text);
    }
  }
  if (const auto owners = map.find("owners")) {
    resource.owners = read_subjects(*owners, {.groups = true, .owners = false}, draft);
  }
  if (const auto role = map.find("default_role")) {
    if (const auto text = role->text()) {
      resource.default_role = *text;
      about.default_role.push_back({*text, *role});
    }
  }
  if (const auto roles = map.find("roles")) read_roles(*roles, problems, resource, draft);
  draft.resources.push_back(std::move(about));
  draft.policy.resources.emplace(resource.name, std::move(resource));
}

void read_version(const MapReader& file) {
  constexpr std::array<std::string_view, 1> k_versions = {"jit/v1"};
  if (const auto version = file.find("apiVersion")) version->choice(k_versions);
}

}  // namespace

void read_policy_file(const Value& root, Problems& problems, PolicyDraft& draft) {
  const MapReader file(root, policy_keys::k_file);
  if (!file.readable()) return;
  read_version(file);
  if (const auto groups = file.find("groups")) {
    for (const auto& [entry, item] : groups->named()) {
      if (!check_name(*entry, item, problems, "a group")) continue;
      if (claim(draft.group_marks, *entry, item, problems, "group")) read_group(item, entry->key, draft);
    }
  }
  if (const auto resources = file.find("resources")) {
    for (const auto& [entry, item] : resources->named()) {
      if (!check_name(*entry, item, problems, "a resource", Patterns::allowed)) continue;
      if (claim(draft.resource_marks, *entry, item, problems, "resource")) {
        read_resource(item, problems, entry->key, draft);
      }
    }
  }
  if (const auto rules = file.find("rules")) {
    if (!draft.rules_marks.empty()) {
      rules->fail(
          "rules stand in one file only, because their order counts; " + first_in(draft.rules_marks.front()),
          {"duplicate-name", "move them into one file"});
    }
    draft.rules_marks.push_back(rules->mark());
    if (draft.rules_marks.size() == 1) read_rules(*rules, draft);
  }
  if (const auto tests = file.find("tests")) read_tests(*tests, draft);
  if (const auto actions = file.find("actions")) read_actions(*actions, problems, draft);
  if (const auto incidents = file.find("incidents")) read_incidents(*incidents, draft);
}

}  // namespace jitbot

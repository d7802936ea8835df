#include "bot/model/template.hpp"
#include "bot/policy/draft.hpp"
#include "bot/policy/keys.hpp"
#include "bot/policy/read_pattern.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

// Words of the format that this version does not act on: actions, incidents, break-glass. Their places are
// refused by the key tables; what is wrong inside is said as well.
namespace jitbot {

using yaml::MapReader;
using yaml::Problems;
using yaml::quoted;
using yaml::Value;

namespace {

constexpr std::size_t k_longest_description = 500;

void read_params(const Value& value, Problems& problems, std::vector<std::string>& names) {
  for (const auto& [entry, item] : value.named()) {
    if (check_name(*entry, item, problems, "a parameter")) names.push_back("params." + entry->key);
    const MapReader map(item, policy_keys::k_param);
    std::string text;
    if (const auto pattern = map.find("pattern")) read_pattern(*pattern, text);
    if (const auto about = map.find("description")) read_line(*about, k_longest_description);
  }
}

void read_run(const Value& value, const std::vector<std::string>& params) {
  const MapReader map(value, policy_keys::k_run);
  const auto command = map.find("command");
  if (!command) return;
  std::vector<std::string_view> names = {"account", "resource", "grant"};
  names.insert(names.end(), params.begin(), params.end());
  const auto words = command->one_or_list();
  if (command->is_list() && words.empty()) command->fail("must name a command");
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto text = words[i].text();
    if (!text) continue;
    if (const auto known = check_template(*text, names); !known)
      words[i].fail(known.error().message, {"template", "declare it under params, or write another name"});
    if (i == 0 && text->find("{{") != std::string::npos)
      words[i].fail("the command itself is never made of what was asked", {"template", "name the command"});
  }
}

void read_action(const Value& value, Problems& problems, PolicyDraft& draft) {
  const MapReader map(value, policy_keys::k_action);
  if (!map.readable()) return;
  std::vector<std::string> params;
  if (const auto about = map.find("description")) read_line(*about, k_longest_description);
  if (const auto inner = map.find("params")) read_params(*inner, problems, params);
  if (const auto connector = map.find("connector")) {
    if (const auto name = connector->text()) draft.connectors.push_back({*name, *connector});
  }
  if (const auto run = map.find("run")) read_run(*run, params);
}

// "inc-*", without '#'.
void read_channel_names(const Value& value) {
  for (const Value& item : value.one_or_list()) {
    const auto text = item.text();
    if (!text || (text->front() != '#' && text->find_first_of(" \t\n") == std::string::npos)) continue;
    item.fail(fmt::format("{} is not the name of channels", item.shown()),
              {"channel", "write it without '#'; '*' stands for any characters"});
  }
}

void read_openers(const Value& value, PolicyDraft& draft) {
  const auto items = value.one_or_list();
  if (value.is_list() && items.empty())
    value.fail("must name somebody: a channel's name alone opens no incident");
  for (const Value& item : items) {
    // A bare word is an alerting system.
    if (item.is_scalar() && is_name(item.node().text)) continue;
    const auto subject = read_subject(item, {.groups = true, .owners = false});
    if (subject && subject->kind == Subject::Kind::group) draft.groups.push_back({subject->value, item});
  }
}

void read_grant(const Value& value, PolicyDraft& draft) {
  const MapReader map(value, policy_keys::k_incident_grant);
  if (!map.readable()) return;
  const auto resource = map.find("resource");
  const auto role = map.find("role");
  if (const auto duration = map.find("duration")) duration->duration();
  const auto name = resource ? read_name(*resource, "a resource") : std::nullopt;
  const auto role_name = role ? read_name(*role, "a role") : std::nullopt;
  if (!name) return;
  RoleUse use{{*name, *resource}, std::nullopt};
  if (role_name) use.role = NameUse{*role_name, *role};
  draft.role_uses.push_back(std::move(use));
}

void read_incident(const Value& value, PolicyDraft& draft) {
  const MapReader map(value, policy_keys::k_incident);
  if (!map.readable()) return;
  if (const auto name = map.find("name")) {
    const auto text = read_name(*name, "an incident");
    if (text && !draft.incidents.insert(*text).second)
      name->fail(fmt::format("incident {} stands twice", quoted(*text)),
                 {"duplicate-name", "rename one of them"});
  }
  if (const auto channels = map.find("channels")) read_channel_names(*channels);
  if (const auto people = map.find("opened_by")) read_openers(*people, draft);
  if (const auto schedules = map.find("oncall")) {
    for (const Value& item : schedules->one_or_list()) read_name(item, "a schedule");
  }
  if (const auto grants = map.find("grants")) {
    for (const Value& item : grants->list()) read_grant(item, draft);
  }
  constexpr std::array<std::string_view, 3> k_opened = {"grant", "offer", "nothing"};
  constexpr std::array<std::string_view, 1> k_closed = {"revoke"};
  if (const auto opened = map.find("when_opened")) opened->choice(k_opened);
  if (const auto grace = map.find("handover_grace")) grace->duration();
  if (const auto closed = map.find("when_closed")) closed->choice(k_closed);
}

}  // namespace

void read_actions(const Value& value, Problems& problems, PolicyDraft& draft) {
  for (const auto& [entry, item] : value.named()) {
    if (check_name(*entry, item, problems, "an action")) read_action(item, problems, draft);
  }
}

void read_incidents(const Value& value, PolicyDraft& draft) {
  for (const Value& item : value.list()) read_incident(item, draft);
}

void read_break_glass(const MapReader& map, PolicyDraft& draft) {
  if (const auto on = map.find("break_glass")) on->boolean();
  const auto review = map.find("review");
  if (!review) return;
  const MapReader inner(*review, policy_keys::k_review);
  if (const auto by = inner.find("by")) read_people(*by, {.groups = true, .owners = true}, draft);
  if (const auto within = inner.find("within")) within->duration();
}

}  // namespace jitbot

#include "bot/policy/cel/times.hpp"
#include "bot/policy/draft.hpp"
#include "bot/policy/keys.hpp"

#include <fmt/format.h>

#include <array>

// The tests that a policy carries.
namespace jitbot {

using yaml::MapReader;
using yaml::quoted;
using yaml::Value;

namespace {

constexpr std::size_t k_longest_name = 200;
constexpr std::size_t k_longest_text = 3000;
constexpr int k_most = 1'000'000;

std::string line_or_empty(const MapReader& map, std::string_view key, std::size_t most) {
  const auto value = map.find(key);
  return value ? read_line(*value, most).value_or("") : "";
}

bool flag(const MapReader& map, std::string_view key) {
  const auto value = map.find(key);
  return value && value->boolean().value_or(false);
}

int count(const MapReader& map, std::string_view key) {
  const auto value = map.find(key);
  return value ? value->integer(0, k_most).value_or(0) : 0;
}

// An e-mail, or an account.
std::optional<std::string> read_somebody(const Value& value) {
  auto subject = read_subject(value, {});
  if (!subject) return std::nullopt;
  return std::move(subject->value);
}

void read_email(const Value& value, std::string& email) {
  const auto text = value.text();
  if (!text) return;
  if (const auto read = parse_email(*text)) {
    email = *read;
  } else {
    value.fail(fmt::format("{} is not an e-mail", value.shown()), {"person", "write an e-mail"});
  }
}

TestPerson read_test_person(const Value& value) {
  TestPerson person;
  if (value.is_scalar()) {
    const auto subject = read_subject(value, {});
    if (!subject) return person;
    (subject->kind == Subject::Kind::email ? person.email : person.account) = subject->value;
    return person;
  }
  const MapReader map(value, policy_keys::k_test_person);
  if (!map.readable()) return person;
  if (const auto email = map.find("email")) read_email(*email, person.email);
  if (const auto account = map.find("account")) {
    const auto subject = read_subject(*account, {});
    if (subject && subject->kind == Subject::Kind::principal) person.account = subject->value;
    if (subject && subject->kind != Subject::Kind::principal)
      account->fail("is not an account", {"person", "write slack:U… or mattermost:…, or leave it out"});
  }
  person.name = line_or_empty(map, "name", k_longest_name);
  person.guest = flag(map, "guest");
  person.bot = flag(map, "bot");
  person.external = flag(map, "external");
  person.timezone = line_or_empty(map, "timezone", k_longest_name);
  person.activity = {count(map, "active_grants"), count(map, "denied_24h")};
  return person;
}

std::optional<Time> read_time(const Value& value) {
  const auto text = value.text();
  if (!text) return std::nullopt;
  const auto at = cel::parse_timestamp(*text);
  if (at) return time_from_ms(at->seconds * 1000 + at->nanos / 1'000'000);
  value.fail(fmt::format("{} is not a point of time", value.shown()),
             {"time", "write it as 2026-03-01T03:00:00Z, with Z or an offset"});
  return std::nullopt;
}

AskedIn read_asked_in(const Value& value) {
  AskedIn channel;
  const auto name_of = [](const Value& at) {
    const std::string name = at.text().value_or("");
    return name.starts_with('#') ? name.substr(1) : name;
  };
  if (value.is_scalar()) {
    channel.name = name_of(value);
    return channel;
  }
  const MapReader map(value, policy_keys::k_asked_in);
  if (const auto name = map.find("name")) channel.name = name_of(*name);
  channel.is_private = flag(map, "private");
  channel.external = flag(map, "external");
  return channel;
}

// "staging", or "staging:viewer".
void read_asked_for(const MapReader& map, PolicyTest& test, TestDraft& about) {
  const auto resource = map.find("resource");
  const auto role = map.find("role");
  if (!resource) return;
  const auto text = resource->text();
  if (!text) return;
  const auto colon = text->find(':');
  test.resource = text->substr(0, colon);
  RoleUse use{{test.resource, *resource}, std::nullopt};
  if (colon != std::string::npos) {
    test.role = text->substr(colon + 1);
    use.role = NameUse{test.role, *resource};
    if (role) role->fail("the role stands behind the resource already", {"schema", "name it once"});
  } else if (const auto named = role ? role->text() : std::nullopt) {
    test.role = *named;
    use.role = NameUse{test.role, *role};
  }
  about.asks_for.push_back(std::move(use));
}

void read_known(const MapReader& map, PolicyTest& test, TestDraft& about) {
  if (const auto groups = map.find("groups")) {
    for (const auto& [entry, item] : groups->named()) {
      about.groups.push_back({entry->key, item});
      auto& members = test.groups[entry->key];
      for (const Value& member : item.one_or_list()) {
        if (auto somebody = read_somebody(member)) members.insert(std::move(*somebody));
      }
    }
  }
  if (const auto catalogs = map.find("catalogs")) {
    for (const auto& [entry, item] : catalogs->named()) {
      about.catalogs.push_back({entry->key, item});
      auto& listed = test.catalogs[entry->key];
      for (const Value& one : item.one_or_list()) {
        if (auto name = read_name(one, "a resource")) listed.insert(std::move(*name));
      }
    }
  }
}

void read_given(const Value& value, PolicyTest& test, TestDraft& about) {
  const MapReader map(value, policy_keys::k_given);
  if (!map.readable()) return;
  if (const auto person = map.find("requester")) test.requester = read_test_person(*person);
  if (const auto person = map.find("asked_by")) test.asker = read_test_person(*person);
  if (const auto people = map.find("approvers")) {
    for (const Value& item : people->list()) test.approvers.push_back(read_test_person(item));
  }
  read_asked_for(map, test, about);
  if (const auto duration = map.find("duration"))
    test.duration = duration->duration().value_or(test.duration);
  test.reason = line_or_empty(map, "reason", k_longest_text);
  test.ticket = line_or_empty(map, "ticket", k_longest_text);
  if (const auto now = map.find("now")) test.now = read_time(*now).value_or(test.now);
  if (const auto start = map.find("start")) test.start = read_time(*start);
  test.extension = flag(map, "extension");
  if (const auto channel = map.find("channel")) test.channel = read_asked_in(*channel);
  read_known(map, test, about);
}

std::vector<std::string> read_step_names(const Value& value, TestDraft& about) {
  std::vector<std::string> names;
  for (const Value& item : value.one_or_list()) {
    auto name = read_name(item, "a step");
    if (!name) continue;
    about.steps.push_back({*name, item});
    names.push_back(std::move(*name));
  }
  return names;
}

void read_expect(const Value& value, PolicyTest& test, TestDraft& about) {
  const MapReader map(value, policy_keys::k_expect);
  if (!map.readable()) return;
  if (value.node().entries.empty())
    value.fail("a test must expect something", {"schema", "add decision, rule, message, steps or approvers"});
  constexpr std::array<std::string_view, 3> k_decisions = {"approved", "pending", "denied"};
  constexpr std::array k_meant = {PolicyTest::Decision::approved, PolicyTest::Decision::pending,
                                  PolicyTest::Decision::denied};
  if (const auto decision = map.find("decision")) {
    if (const auto which = decision->choice(k_decisions)) test.decision = k_meant[*which];
  }
  if (const auto rule = map.find("rule")) {
    test.rule = read_name(*rule, "a rule");
    if (test.rule) about.rule.push_back({*test.rule, *rule});
  }
  if (const auto message = map.find("message")) test.message = read_line(*message, k_longest_text);
  if (const auto steps = map.find("steps")) test.steps = read_step_names(*steps, about);
  if (const auto people = map.find("approvers")) {
    test.may_vote.emplace();
    for (const Value& item : people->one_or_list()) {
      if (auto somebody = read_somebody(item)) test.may_vote->insert(std::move(*somebody));
    }
  }
}

void read_test(const Value& value, PolicyDraft& draft) {
  PolicyTest test;
  TestDraft about{value, {}, {}, {}, {}, {}};
  test.where = value.mark();
  const MapReader map(value, policy_keys::k_test);
  if (!map.readable()) return;
  if (const auto name = map.find("name")) {
    if (name->text()) test.name = read_line(*name, k_longest_name).value_or("");
    const auto [first, fresh] = draft.test_marks.emplace(test.name, name->mark());
    if (!fresh && !test.name.empty()) {
      name->fail(fmt::format("test {} stands twice, first in {}:{}:{}", quoted(test.name), first->second.file,
                             first->second.line, first->second.column),
                 {"duplicate-name", "rename one of them"});
    }
  }
  if (const auto given = map.find("given")) read_given(*given, test, about);
  if (const auto expect = map.find("expect")) read_expect(*expect, test, about);
  draft.policy.tests.push_back(std::move(test));
  draft.tests.push_back(std::move(about));
}

}  // namespace

void read_tests(const Value& value, PolicyDraft& draft) {
  for (const Value& item : value.list()) read_test(item, draft);
}

}  // namespace jitbot

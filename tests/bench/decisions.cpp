#include "bot/policy/load.hpp"
#include "bot/policy/run_tests.hpp"
#include "bot/policy/verdict.hpp"
#include "tests/bench/measure.hpp"
#include "tests/bench/part.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <stdexcept>
#include <string_view>
#include <unordered_set>
#include <utility>

// One policy of 100 rules, asked 10 000 questions: by the engine, and as `if` statements that somebody wrote
// in C++ for exactly these rules. The rules: each environment and team has its own (80 of them, every fourth
// with a condition), 18 go by role and by who asks, two deny. Both must find the same rule each time.
namespace jitbot::bench {

namespace {

using Better = Figure::Better;

constexpr std::size_t k_environments = 8;
constexpr std::size_t k_teams = 10;
constexpr std::size_t k_own = k_environments * k_teams;  // rules of one environment and team
constexpr std::size_t k_wide = 18;                       // rules by role and requesters
constexpr std::size_t k_people = 400;
constexpr std::size_t k_questions = 10'000;
constexpr std::array<std::string_view, 3> k_roles{"viewer", "editor", "admin"};

std::string team(std::size_t i) {
  return fmt::format("team{}", i % k_teams);
}
std::string environment(std::size_t i) {
  return fmt::format("env{}", i / k_teams);
}
std::string email(std::size_t i) {
  return fmt::format("person{}@example.com", i);
}

// Person i is of team i % 10, and of circle i % 18.
std::string policy_text() {
  std::string text = "apiVersion: jit/v1\ngroups:\n";
  const auto group = [&text](const std::string& name, std::size_t remainder, std::size_t modulus) {
    text += fmt::format("  {}: {{members: [", name);
    for (std::size_t i = remainder; i < k_people; i += modulus)
      text += (i == remainder ? "" : ", ") + email(i);
    text += "]}\n";
  };
  for (std::size_t i = 0; i < k_teams; ++i) group(team(i), i, k_teams);
  for (std::size_t i = 0; i < k_wide; ++i) group(fmt::format("circle{}", i), i, k_wide);
  text += "resources:\n";
  for (std::size_t i = 0; i < k_own; ++i) {
    text += fmt::format(
        "  {}-{}:\n    tags: {{env: {}, team: {}}}\n    owners: [owner@example.com]\n"
        "    roles:\n",
        team(i), environment(i), environment(i), team(i));
    for (const std::string_view role : k_roles)
      text += fmt::format("      {}: {{connector: c, grants: {{role: r}}, risk: {}}}\n", role,
                          role == "admin" ? "high" : "low");
  }
  text +=
      "rules:\n"
      "  - {name: no-guests, effect: deny, when: requester.guest, message: no guests}\n"
      "  - {name: freeze, effect: deny, match: {role: admin}, message: frozen,\n"
      "     when: 'now >= timestamp(\"2026-12-24T00:00:00Z\") && now < "
      "timestamp(\"2027-01-02T00:00:00Z\")'}\n";
  const std::string steps = "approval: [{name: owners, from: [owners]}], post_to: [\"#c\"], max_duration: 4h";
  for (std::size_t i = 0; i < k_own; ++i) {
    const std::string when = i % 4 == 0 ? ", when: requester.active_grants < 3" : "";
    text += fmt::format(
        "  - {{name: own{}, match: {{role: [viewer, editor], tags: {{env: {}, team: {}}}}}, "
        "requesters: [group:{}], {}{}}}\n",
        i, environment(i), team(i), team(i), steps, when);
  }
  for (std::size_t i = 0; i < k_wide; ++i) {
    text += fmt::format("  - {{name: wide{}, match: {{role: {}}}, requesters: [group:circle{}], {}}}\n", i,
                        k_roles[i % k_roles.size()], i, steps);
  }
  return text;
}

struct Asking {
  Person person;
  std::string email;
  std::string resource;
  std::string env;
  std::string team;
  std::string role;
  Terms terms;
  Facts facts;
};

std::vector<Asking> questions() {
  std::vector<Asking> all;
  all.reserve(k_questions);
  std::uint64_t seed = 1;
  const auto below = [&seed](std::size_t most) {
    seed = seed * 6364136223846793005U + 1442695040888963407U;
    return static_cast<std::size_t>(seed >> 33U) % most;
  };
  for (std::size_t n = 0; n < k_questions; ++n) {
    Asking asking;
    const std::size_t who = below(k_people);
    // Most ask for what is their own.
    const std::size_t about = below(4) == 0 ? below(k_own) : below(k_environments) * k_teams + who % k_teams;
    asking.email = email(who);
    asking.person.id = {"slack:T1", fmt::format("U{}", who)};
    asking.person.email = asking.email;
    asking.person.guest = below(50) == 0;
    asking.env = environment(about);
    asking.team = team(about);
    asking.resource = asking.team + "-" + asking.env;
    asking.role = k_roles[below(10) == 0 ? 2 : below(2)];
    asking.terms.duration = 1h;
    asking.facts.now = Time{std::chrono::seconds{1'780'000'000}};
    asking.facts.activity.emplace(asking.person.id, Activity{static_cast<int>(below(5)), 0});
    all.push_back(std::move(asking));
  }
  return all;
}

int by_engine(const Policy& policy, const Asking& asking) {
  const auto named = resolve(policy, asking.resource, asking.role);
  if (!named) return -1;
  const Verdict verdict = verdict_on(policy, *named, asking.person, asking.terms, asking.facts);
  if (verdict.rule == nullptr) return -1;
  if (verdict.kind == Verdict::Kind::allowed && !within_limits(*verdict.rule, asking.terms.duration, "", ""))
    return -2;
  return static_cast<int>(verdict.rule - policy.rules.data());
}

// --- the same as `if` statements

struct Groups {
  std::array<std::unordered_set<std::string>, k_teams> teams;
  std::array<std::unordered_set<std::string>, k_wide> circles;
};

template <std::size_t i>
struct Texts {
  static constexpr std::array<char, 4> env{'e', 'n', 'v', static_cast<char>('0' + i / k_teams)};
  static constexpr std::array<char, 5> team{'t', 'e', 'a', 'm', static_cast<char>('0' + i % k_teams)};
  static constexpr std::string_view env_text{env.data(), env.size()};
  static constexpr std::string_view team_text{team.data(), team.size()};
};

template <std::size_t i>
bool own(const Asking& asking, const Groups& groups) {
  if (asking.role != "viewer" && asking.role != "editor") return false;
  if (asking.env != Texts<i>::env_text || asking.team != Texts<i>::team_text) return false;
  if (!groups.teams[i % k_teams].contains(asking.email)) return false;
  return i % 4 != 0 || asking.facts.activity.begin()->second.active_grants < 3;
}

template <std::size_t i>
bool wide(const Asking& asking, const Groups& groups) {
  return asking.role == k_roles[i % k_roles.size()] && groups.circles[i].contains(asking.email);
}

template <std::size_t... owns, std::size_t... wides>
int by_ifs(const Asking& asking, const Groups& groups, std::index_sequence<owns...>,
           std::index_sequence<wides...>) {
  constexpr Time k_from{std::chrono::seconds{1'798'070'400}};
  constexpr Time k_until{std::chrono::seconds{1'798'848'000}};
  if (asking.person.guest) return 0;
  if (asking.role == "admin" && asking.facts.now >= k_from && asking.facts.now < k_until) return 1;
  int found = -1;
  const bool fits =
      ((own<owns>(asking, groups) && ((found = static_cast<int>(2 + owns)), true)) || ...) ||
      ((wide<wides>(asking, groups) && ((found = static_cast<int>(2 + k_own + wides)), true)) || ...);
  return fits && asking.terms.duration <= 4h ? found : -1;
}

int by_ifs(const Asking& asking, const Groups& groups) {
  return by_ifs(asking, groups, std::make_index_sequence<k_own>(), std::make_index_sequence<k_wide>());
}

Groups all_groups() {
  Groups groups;
  for (std::size_t i = 0; i < k_people; ++i) {
    groups.teams.at(i % k_teams).insert(email(i));
    groups.circles.at(i % k_wide).insert(email(i));
  }
  return groups;
}

// Rounds over all questions for a while; what was found is summed so that nothing is left out.
template <class Decide>
double per_second(const std::vector<Asking>& asked, std::chrono::milliseconds time, const Decide& decide) {
  long sum = 0;
  std::size_t rounds = 0;
  const auto begun = Steady::now();
  do {
    for (const Asking& asking : asked) sum += decide(asking);
    ++rounds;
  } while (Steady::now() - begun < time);
  const double took = seconds_since(begun);
  if (sum == 0) throw std::runtime_error("no question found a rule");
  return static_cast<double>(rounds * asked.size()) / took;
}

}  // namespace

namespace {

constexpr std::size_t k_many = 1000;

// As many rules, each with a condition and a test of its own, in two files.
std::vector<PolicyFile> large_policy() {
  constexpr std::size_t k_resources = 250;
  std::string rules = "apiVersion: jit/v1\ngroups:\n";
  for (std::size_t i = 0; i < k_teams; ++i)
    rules += fmt::format("  {}: {{members: [{}, {}]}}\n", team(i), email(i), email(i + k_teams));
  rules += "resources:\n";
  for (std::size_t i = 0; i < k_resources; ++i) {
    rules += fmt::format("  db{}:\n    owners: [owner@example.com]\n    roles:\n", i);
    for (const char* role : {"a", "b", "c", "d"})
      rules += fmt::format("      {}: {{connector: c, grants: {{role: r}}}}\n", role);
  }
  rules += "rules:\n";
  std::string tests = "apiVersion: jit/v1\ntests:\n";
  for (std::size_t i = 0; i < k_many; ++i) {
    const char role = static_cast<char>('a' + i / k_resources);
    rules += fmt::format(
        "  - {{name: rule{}, match: {{resource: db{}, role: {}}}, requesters: [group:{}], "
        "max_duration: 4h, when: 'requester.active_grants < 5 && request.duration <= "
        "duration(\"4h\")', approval: [{{name: owners, from: [owners]}}], post_to: [\"#c\"]}}\n",
        i, i % k_resources, role, team(i));
    tests += fmt::format(
        "  - {{name: test {}, given: {{requester: {}, resource: \"db{}:{}\", duration: 1h}}, "
        "expect: {{decision: pending, rule: rule{}}}}}\n",
        i, email(i % k_teams), i % k_resources, role, i);
  }
  return {{"rules.yaml", rules}, {"tests.yaml", tests}};
}

// Milliseconds for reading, checking and testing it once; the best of some.
double load_and_test(int rounds) {
  const auto files = large_policy();
  double best = 1e9;
  for (int i = 0; i < rounds; ++i) {
    const auto begun = Steady::now();
    const auto policy = load_policy(files, {{"c"}, "{}"});
    if (!policy) throw std::runtime_error(to_string(policy.error().front()));
    for (const TestResult& result : run_tests(*policy)) {
      if (!result.passed()) throw std::runtime_error(result.name + ": " + result.failures.front());
    }
    best = std::min(best, seconds_since(begun) * 1000);
  }
  return best;
}

}  // namespace

std::vector<Figure> measure_decisions(const Settings& settings) {
  const auto policy = load_policy({{"p.yaml", policy_text()}}, {{"c"}, "{}"});
  if (!policy) throw std::runtime_error(to_string(policy.error().front()));
  if (policy->rules.size() != 2 + k_own + k_wide) throw std::runtime_error("these are not 100 rules");
  const auto asked = questions();
  const Groups groups = all_groups();
  for (const Asking& asking : asked) {
    if (by_engine(*policy, asking) != by_ifs(asking, groups))
      throw std::runtime_error("the engine and the statements find different rules");
  }
  const auto time = std::chrono::milliseconds(settings.size == Settings::Size::tiny ? 1 : 2000);
  const double engine =
      per_second(asked, time, [&](const Asking& asking) { return by_engine(*policy, asking); });
  const double statements =
      per_second(asked, time, [&](const Asking& asking) { return by_ifs(asking, groups); });
  return {{"decisions", "decisions, 100 rules × 10 000 questions, one core", engine, "/s", Better::more, 2e6,
           statements, "the same rules as if statements in C++"},
          {"decisions",
           "load, check and test a policy of 1 000 rules and 1 000 tests",
           load_and_test(settings.size == Settings::Size::tiny ? 1 : 5),
           "ms",
           Better::less,
           300,
           {},
           ""}};
}

}  // namespace jitbot::bench

#include "bot/policy/decide.hpp"
#include "bot/policy/load.hpp"
#include "bot/policy/verdict.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <rapidcheck.h>

#include <algorithm>
#include <random>

// Policies and questions made at random; what must hold of every decision.
namespace jitbot {

namespace {

class Maker {
 public:
  explicit Maker(std::uint64_t seed) : engine_(seed) {}

  std::size_t below(std::size_t most) {
    return std::uniform_int_distribution<std::size_t>(0, most - 1)(engine_);
  }
  bool sometimes() { return below(3) == 0; }
  template <class T>
  T pick(const std::vector<T>& of) {
    return of[below(of.size())];
  }

  std::string condition() {
    return pick<std::string>({
        "request.duration > duration(\"1h\")",
        "requester.active_grants < 2",
        "resource.role.risk == \"high\"",
        "resource.tags.env == \"prod\"",
        "resource.tags.team.startsWith(\"a\")",  // sometimes there is no such tag
        "\"sre\" in requester.groups",
        "requester.groups.size() > 1",
        "requester.email.matches(\"^a.*\")",
        "now.getHours(\"Europe/Berlin\") < 12",
        "1 / requester.denied_24h > 0",  // fails where it is 0
        "channel.private || request.for_other",
        "request.reason.contains(\"INC\")",
    });
  }

  std::string match() {
    return pick<std::string>({"", "match: {resource: db}, ", "match: {resource: \"*\"}, ",
                              "match: {role: \"a*\"}, ", "match: {tags: {env: prod}}, ",
                              "match: {resource: [web, db], role: [reader, admin]}, "});
  }

  std::string steps(std::size_t more) {
    std::string text;
    for (std::size_t i = 0; i < 1 + below(2) + more; ++i) {
      text += fmt::format("{}{{name: s{}, from: [{}], count: 1{}}}", i > 0 ? ", " : "", i,
                          pick<std::string>({"owners", "group:sre", "group:security"}),
                          sometimes() ? ", when: '" + condition() + "'" : "");
    }
    return text;
  }

  std::string allow(std::size_t number) {
    const std::string approval =
        sometimes() ? "approval: auto" : "approval: [" + steps(0) + "], post_to: [\"#c\"]";
    return fmt::format("  - {{name: allow{}, {}requesters: [{}], max_duration: {}h, {}{}}}\n", number,
                       match(), pick<std::string>({"group:all", "group:sre", "alice@example.com"}),
                       1 + below(8), sometimes() ? "when: '" + condition() + "', " : "", approval);
  }
  std::string deny(std::size_t number) {
    return fmt::format("  - {{name: deny{}, effect: deny, {}{}{}message: no}}\n", number, match(),
                       sometimes() ? "requesters: [group:all], " : "",
                       sometimes() ? "" : "when: '" + condition() + "', ");
  }
  std::string rules() {
    std::string text;
    const std::size_t count = 1 + below(6);
    for (std::size_t i = 0; i < count; ++i) text += below(4) == 0 ? deny(i) : allow(i);
    return text;
  }

  Question question() {
    Question asked;
    asked.beneficiary.id = {"slack:T1", pick<std::string>({"UALICE", "UBOB", "UEVE"})};
    asked.beneficiary.email = pick<std::string>({"alice@example.com", "bob@example.com", "eve@example.com"});
    asked.beneficiary.guest = below(8) == 0;
    asked.resource = pick<std::string>({"db", "web"});
    asked.role = pick<std::string>({"reader", "admin"});
    asked.duration = Millis{std::chrono::minutes{1 + below(300)}};
    asked.reason = pick<std::string>({"INC-42 look", "look", ""});
    asked.for_other = sometimes();
    return asked;
  }

  Facts facts(const Question& asked) {
    Facts known;
    known.now = Time{std::chrono::hours{below(500'000)}};
    known.people.emplace(asked.beneficiary.id, asked.beneficiary);
    if (!sometimes()) {
      std::set<PrincipalId> members;
      for (const char* user : {"UALICE", "UBOB", "UEVE"}) {
        if (sometimes()) members.insert({"slack:T1", user});
      }
      known.groups.emplace("slack:usergroup/S0SRE", members);
    }
    if (below(5) != 0)
      known.activity.emplace(asked.beneficiary.id,
                             Activity{static_cast<int>(below(4)), static_cast<int>(below(2))});
    if (sometimes()) known.channel = Result<AskedIn>(AskedIn{"ops", sometimes(), false});
    return known;
  }

 private:
  std::mt19937_64 engine_;
};

const std::string k_company = R"(apiVersion: jit/v1
groups:
  all: {members: [alice@example.com, bob@example.com, eve@example.com]}
  security: {members: [s1@example.com, s2@example.com, s3@example.com, s4@example.com, s5@example.com, s6@example.com, s7@example.com]}
  sre: {from: "slack:usergroup/S0SRE"}
resources:
  db:
    tags: {env: prod, team: apps}
    owners: [olga@example.com, otto@example.com, ole@example.com]
    roles: {reader: {connector: c, grants: {role: r}}, admin: {connector: c, grants: {role: a}, risk: high}}
  web:
    tags: {env: dev}
    owners: [olga@example.com, otto@example.com, ole@example.com]
    roles: {reader: {connector: c, grants: {role: r}}, admin: {connector: c, grants: {role: a}, risk: high}}
rules:
)";

// Each rule stands on a line of its own. One that never decides because of another is refused; it is left
// out.
Policy loaded(const std::string& rules) {
  std::string text = k_company + rules;
  for (;;) {
    auto policy = read_policy({{"p.yaml", text}}, {{"c"}, "{}"});
    if (policy) return std::move(policy->policy);
    const auto refused = std::ranges::find(policy.error(), Severity::error, &PolicyProblem::severity);
    if (refused->name != "shadowed-rule") FAIL(text << to_string(*refused));
    std::size_t begin = 0;
    for (int line = 1; line < refused->where.line; ++line) begin = text.find('\n', begin) + 1;
    text.erase(begin, text.find('\n', begin) + 1 - begin);
  }
}

std::string words_of(const Decision& decision) {
  std::string text =
      decision.refusal ? decision.refusal->message + " | " + decision.refusal->detail : "allowed";
  for (const Step& step : decision.ruling.steps) text += fmt::format(" {}x{}", step.name, step.count);
  for (const std::string& line : decision.ruling.explanation) text += "\n" + line;
  return text;
}

// 0: granted at once; more: how many votes it takes; never: refused.
constexpr int k_never = 1'000'000;
int hardness(const Decision& decision) {
  if (!decision.allowed()) return k_never;
  int votes = 0;
  for (const Step& step : decision.ruling.steps) votes += step.count;
  return votes;
}

}  // namespace

TEST_CASE("every question gets a decision, and the same question the same decision", "[policy][property]") {
  CHECK(rc::check("total and deterministic", [](std::uint64_t seed) {
    Maker make(seed);
    const std::string rules = make.rules();
    const Policy policy = loaded(rules);
    const Policy again = loaded(rules);
    for (int i = 0; i < 20; ++i) {
      const Question asked = make.question();
      const Facts facts = make.facts(asked);
      const Decision decision = judge(policy, asked, facts);
      RC_ASSERT(words_of(decision) == words_of(judge(again, asked, facts)));
      RC_ASSERT(decision.allowed() == (decision.ruling.rule != nullptr && !decision.refusal));
      if (decision.refusal) RC_ASSERT(!decision.refusal->message.empty());
      RC_ASSERT(!decision.ruling.explanation.empty());
    }
  }));
}

TEST_CASE("a deny rule that fits always wins, wherever it stands", "[policy][property]") {
  CHECK(rc::check("deny wins", [](std::uint64_t seed) {
    Maker make(seed);
    const std::string rules = make.rules();
    const std::string deny = make.deny(100);
    const Policy alone = loaded(deny);
    const Policy before = loaded(deny + rules);
    const Policy behind = loaded(rules + deny);
    for (int i = 0; i < 20; ++i) {
      const Question asked = make.question();
      const Facts facts = make.facts(asked);
      const auto named = resolve(alone, asked.resource, asked.role);
      const Terms terms{asked.duration, asked.start, asked.reason, asked.ticket, asked.for_other};
      const Verdict verdict = denial_of(alone, *named, asked.beneficiary, terms, facts);
      if (verdict.kind == Verdict::Kind::no_rule) continue;
      RC_ASSERT(!judge(before, asked, facts).allowed());
      RC_ASSERT(!judge(behind, asked, facts).allowed());
    }
  }));
}

TEST_CASE("one more step never makes a request easier", "[policy][property]") {
  CHECK(rc::check("steps only add", [](std::uint64_t seed) {
    Maker make(seed);
    const std::string steps = make.steps(0);
    const std::string more =
        steps + fmt::format(", {{name: more, from: [group:security], count: {}{}}}", 1 + make.below(3),
                            make.sometimes() ? ", when: '" + make.condition() + "'" : "");
    const auto with = [](const std::string& all) {
      return loaded(
          "  - {name: r, requesters: [group:all, group:sre], max_duration: 8h, post_to: [\"#c\"], "
          "approval: [" +
          all + "]}\n");
    };
    const Policy before = with(steps);
    const Policy after = with(more);
    for (int i = 0; i < 20; ++i) {
      const Question asked = make.question();
      const Facts facts = make.facts(asked);
      RC_ASSERT(hardness(judge(after, asked, facts)) >= hardness(judge(before, asked, facts)));
    }
  }));
}

TEST_CASE("a fact that could not be fetched never allows what it would have refused", "[policy][property]") {
  CHECK(rc::check("missing facts close", [](std::uint64_t seed) {
    Maker make(seed);
    const Policy policy = loaded(make.rules());
    for (int i = 0; i < 20; ++i) {
      const Question asked = make.question();
      Facts facts = make.facts(asked);
      const Decision known = judge(policy, asked, facts);
      Facts silent = facts;
      silent.groups.clear();
      silent.activity.clear();
      const Decision unknown = judge(policy, asked, silent);
      if (!unknown.allowed()) continue;
      // Decided without those facts: they could not have changed it, or a step is asked for to be sure.
      RC_ASSERT(known.allowed());
      RC_ASSERT(known.ruling.rule == unknown.ruling.rule);
      RC_ASSERT(hardness(unknown) >= hardness(known));
    }
  }));
}

TEST_CASE("rules that do not fit are named with a reason, and the explanation ends with the decision",
          "[policy][property]") {
  CHECK(rc::check("explained", [](std::uint64_t seed) {
    Maker make(seed);
    const Policy policy = loaded(make.rules());
    const Question asked = make.question();
    const Facts facts = make.facts(asked);
    const Decision decision = judge(policy, asked, facts);
    const auto& lines = decision.ruling.explanation;
    if (decision.ruling.rule == nullptr) {
      RC_ASSERT(lines.size() == policy.rules.size());
      return;
    }
    const auto says = [&](const std::string& name) {
      return std::ranges::any_of(lines,
                                 [&](const std::string& line) { return line.find(name) != line.npos; });
    };
    for (const Rule& rule : policy.rules) {
      const Rule& decides = *decision.ruling.rule;
      const bool before = &rule <= &decides && rule.effect == decides.effect;
      const bool looked_at = before || (rule.effect == Effect::deny && decides.effect == Effect::allow);
      if (looked_at) RC_ASSERT(says(rule.name));
    }
  }));
}

}  // namespace jitbot

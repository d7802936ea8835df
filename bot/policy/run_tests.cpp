#include "bot/policy/run_tests.hpp"

#include "bot/model/duration.hpp"
#include "bot/policy/condition.hpp"
#include "bot/policy/decide.hpp"
#include "bot/policy/for_another.hpp"
#include "bot/policy/verdict.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace jitbot {

namespace {

using Decided = PolicyTest::Decision;

// Where the accounts of people whom only an e-mail names are.
constexpr std::string_view k_workspace = "test:T";

PrincipalId account_of(const std::string& text) {
  const auto colon = text.find(':');
  if (colon == std::string::npos) return {std::string(k_workspace), text};
  return {text.substr(0, colon) + ":T", text.substr(colon + 1)};
}

Person to_person(const TestPerson& given) {
  Person person;
  person.id = account_of(given.account.empty() ? given.email : given.account);
  person.email = given.email;
  person.shown_name = given.name;
  person.guest = given.guest;
  person.bot = given.bot;
  person.outsider = given.external;
  person.timezone = given.timezone;
  return person;
}

std::string_view word(Decided decision) {
  switch (decision) {
    case Decided::approved:
      return "approved";
    case Decided::pending:
      return "pending";
    case Decided::denied:
      return "denied";
  }
  return "denied";
}

std::string listed(const auto& names) {
  return names.empty() ? "nobody" : fmt::format("{}", fmt::join(names, ", "));
}

// One test, its people and what a directory would say of them.
class Run {
 public:
  Run(const Policy& policy, const PolicyTest& test) : policy_(policy), test_(test) {
    facts_.now = test.now;
    add(test.requester);
    if (test.asker) add(*test.asker);
    for (const TestPerson& person : test.approvers) add(person);
    for (const auto& [name, members] : test.groups) {
      const auto group = policy.groups.find(name);
      if (group == policy.groups.end() || group->second.from.empty()) continue;
      std::set<PrincipalId> ids;
      for (const std::string& member : members) ids.insert(person_called(member).id);
      facts_.groups.emplace(group->second.from, std::move(ids));
    }
    for (const auto& [name, resources] : test.catalogs) facts_.catalogs.emplace(name, resources);
    if (test.channel) facts_.channel = Result<AskedIn>(*test.channel);
  }

  TestResult run() {
    result_.name = test_.name;
    result_.where = test_.where;
    decide();
    if (result_.passed()) compare();
    return std::move(result_);
  }

  Explained explain() {
    decide();
    Explained out;
    out.decision = decided_;
    if (judged_.ruling.rule != nullptr) out.rule = judged_.ruling.rule->name;
    if (judged_.refusal) out.refusal = judged_.refusal->message;
    for (const Step& step : steps()) out.steps.push_back({step, voters_of(step)});
    out.unknown = std::move(result_.failures);
    out.explanation = std::move(result_.explanation);
    return out;
  }

 private:
  void decide() {
    requester_ = to_person(test_.requester);
    asker_ = test_.asker ? to_person(*test_.asker) : requester_;
    judged_ = judge(policy_, question(), facts_, called());
    result_.explanation = judged_.ruling.explanation;
    if (judged_.refusal && judged_.refusal->kind == ErrorKind::unavailable)
      return unknown(judged_.refusal->message);
    if (judged_.allowed()) refuse_further();
    decide_how();
  }

  bool for_other() const { return asker_.id != requester_.id; }
  std::string called() const {
    return test_.requester.email.empty() ? test_.requester.account : test_.requester.email;
  }

  Question question() const {
    Question question;
    question.beneficiary = requester_;
    question.resource = test_.resource;
    question.role = test_.role;
    question.duration = test_.duration;
    question.reason = test_.reason;
    question.ticket = test_.ticket;
    question.start = test_.start;
    question.for_other = for_other();
    question.extension = test_.extension;
    return question;
  }

  Terms terms() const {
    return {test_.duration, test_.start, test_.reason, test_.ticket, for_other(), test_.extension};
  }

  void add(const TestPerson& given) {
    const Person person = to_person(given);
    facts_.people.insert_or_assign(person.id, person);
    facts_.activity.insert_or_assign(person.id, given.activity);
    if (!given.email.empty()) known_.insert_or_assign(given.email, person);
    if (!given.account.empty()) known_.insert_or_assign(given.account, person);
  }

  // Whoever the test says no more of is a member like any other.
  Person person_called(const std::string& name) {
    if (const auto found = known_.find(name); found != known_.end()) return found->second;
    TestPerson given;
    (name.find(':') == std::string::npos ? given.email : given.account) = name;
    add(given);
    return known_.at(name);
  }

  void fail_test(std::string line) { result_.failures.push_back(std::move(line)); }

  // What the decision needs and the test does not say.
  void unknown(const std::string& message) {
    for (const auto& [name, group] : policy_.groups) {
      if (group.from.empty() || facts_.groups.contains(group.from) || !message.ends_with("group " + name))
        continue;
      fail_test(fmt::format(
          "the decision depends on live group {0}: say who is in it, given.groups: {{{0}: [e-mail, "
          "…]}}",
          name));
      return;
    }
    const Resource* resource = judged_.ruling.resource;
    if (resource != nullptr && !resource->catalog.empty() && !facts_.catalogs.contains(resource->catalog)) {
      fail_test(
          fmt::format("the decision depends on catalog {0}: say what it lists, given.catalogs: {{{0}: [name, "
                      "…]}}",
                      resource->catalog));
      return;
    }
    fail_test("the decision depends on what the test does not say: " + message);
  }

  void refuse(std::string message) {
    judged_.refusal = Error{ErrorKind::refused, message, {}};
    result_.explanation.push_back(std::move(message));
  }

  // What the bot refuses whatever the rules say, and what whoever asks for somebody else must fulfil.
  void refuse_further() {
    const Rule& rule = *judged_.ruling.rule;
    for (const Person* person : {&requester_, &asker_}) {
      if (may_decide_at_all(*person)) continue;
      judged_.ruling.rule = nullptr;
      return refuse("guests, bots and people of other organisations cannot ask for access");
    }
    if (for_other()) refuse_for_other();
    if (!judged_.allowed() || !test_.extension) return;
    if (rule.extend.max <= Millis{0})
      return refuse(fmt::format("rule {} does not allow extensions", rule.name));
    const Millis longest = std::min(rule.extend.max, rule.max_duration);
    if (test_.duration > longest)
      refuse(fmt::format("rule {} allows at most {} at a time", rule.name, format_duration(longest)));
  }

  void refuse_for_other() {
    const auto refused = against_asker(policy_, judged_.ruling, asker_, called(), terms(), facts_);
    if (!refused) return;
    if (refused->why.kind == ErrorKind::unavailable) return unknown(refused->why.message);
    judged_.ruling.rule = refused->rule;
    refuse(refused->why.message);
  }

  void decide_how() {
    const Ruling& ruling = judged_.ruling;
    if (!judged_.allowed()) {
      decided_ = Decided::denied;
    } else if (ruling.rule->automatic || ruling.steps.empty() ||
               (test_.extension && ruling.rule->extend.automatic)) {
      decided_ = Decided::approved;
    } else {
      decided_ = Decided::pending;
      look_at_steps();
    }
  }

  // A step whose `when` cannot be known is needed; a test that rests on that proves nothing.
  void look_at_steps() {
    const Ruling& ruling = judged_.ruling;
    const Circumstances about{policy_,         facts_,      &requester_, nullptr,
                              ruling.resource, ruling.role, ruling.name, terms()};
    ConditionFacts values(about);
    for (const RuleStep& step : ruling.rule->steps) {
      if (step.when && values.holds(*step.when) == Truth::unknown) return unknown(values.why().message);
    }
  }

  void compare() {
    const Rule* rule = judged_.ruling.rule;
    const std::string message = judged_.refusal ? judged_.refusal->message : "";
    const std::string because = message.empty() ? "" : fmt::format(" ({})", message);
    if (test_.decision && *test_.decision != decided_)
      fail_test(
          fmt::format("decision: expected {}, found {}{}", word(*test_.decision), word(decided_), because));
    const std::string found = rule == nullptr ? "none" : rule->name;
    if (test_.rule && *test_.rule != found)
      fail_test(
          fmt::format("rule: expected {}, found {}{}", *test_.rule, found, rule == nullptr ? because : ""));
    if (test_.message && message.find(*test_.message) == std::string::npos)
      fail_test(fmt::format("message: expected \"{}\" in it, found {}", *test_.message,
                            message.empty() ? "no refusal" : "\"" + message + "\""));
    if (test_.steps) compare_steps();
    if (test_.may_vote) compare_approvers();
  }

  std::vector<Step> steps() const {
    return decided_ == Decided::pending ? judged_.ruling.steps : std::vector<Step>();
  }

  void compare_steps() {
    std::vector<std::string> names;
    for (const Step& step : steps()) names.push_back(step.name);
    if (names == *test_.steps) return;
    const auto words = [](const std::vector<std::string>& list) {
      return list.empty() ? std::string("none") : fmt::format("{}", fmt::join(list, ", "));
    };
    fail_test(fmt::format("steps: expected {}, found {}", words(*test_.steps), words(names)));
  }

  void compare_approvers() {
    std::set<std::string> found;
    for (const Step& step : steps()) found.merge(voters_of(step));
    if (result_.passed() && found != *test_.may_vote)
      fail_test(fmt::format("approvers: expected {}, found {}", listed(*test_.may_vote), listed(found)));
  }

  std::set<std::string> voters_of(const Step& step) {
    std::set<std::string> voters;
    const auto people = people_of(policy_, step.from, facts_);
    if (!people) {
      unknown(people.error().message);
      return voters;
    }
    std::set<std::string> names = people->emails;
    for (const PrincipalId& id : people->accounts) names.insert(name_of(id));
    for (const std::string& name : names) {
      if (may_vote(step, person_called(name))) voters.insert(name);
    }
    return voters;
  }

  std::string name_of(const PrincipalId& id) const {
    const auto person = facts_.people.find(id);
    if (person != facts_.people.end() && person->second && !person->second->email.empty())
      return person->second->email;
    return id.workspace.substr(0, id.workspace.find(':')) + ":" + id.user;
  }

  bool may_vote(const Step& step, const Person& person) {
    if (person.id == requester_.id || person.id == asker_.id || !may_decide_at_all(person)) return false;
    const auto named = is_one_of(policy_, step.from, person, facts_);
    if (!named) unknown(named.error().message);
    if (!named || !*named) return false;
    const ConditionPtr& when = judged_.ruling.rule->approve_when;
    if (!when) return true;
    const Ruling& ruling = judged_.ruling;
    const Circumstances about{policy_,         facts_,      &requester_, &person,
                              ruling.resource, ruling.role, ruling.name, terms()};
    ConditionFacts values(about);
    const Truth holds = values.holds(*when);
    if (holds == Truth::unknown) unknown(values.why().message);
    return holds == Truth::yes;
  }

  const Policy& policy_;
  const PolicyTest& test_;
  Facts facts_;
  std::map<std::string, Person> known_;  // by e-mail and by account
  Person requester_;
  Person asker_;
  Decision judged_;
  Decided decided_ = Decided::denied;
  TestResult result_;
};

}  // namespace

Explained explain(const Policy& policy, const PolicyTest& question) {
  return Run(policy, question).explain();
}

std::vector<TestResult> run_tests(const Policy& policy) {
  std::vector<TestResult> results;
  results.reserve(policy.tests.size());
  for (const PolicyTest& test : policy.tests) results.push_back(Run(policy, test).run());
  return results;
}

}  // namespace jitbot

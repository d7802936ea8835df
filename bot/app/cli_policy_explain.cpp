#include "bot/app/cli.hpp"
#include "bot/app/cli_draft.hpp"
#include "bot/model/duration.hpp"
#include "bot/policy/run_tests.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <iostream>

// `jitbot policy explain`: what a policy would decide, and why, without anybody asking.
namespace jitbot::cli {

namespace {

TestPerson person_of(const std::string& text) {
  TestPerson person;
  (text.find('@') == std::string::npos ? person.account : person.email) = text;
  return person;
}

Result<PolicyTest> question_of(const ExplainOptions& options) {
  PolicyTest question;
  if (options.requester.empty() || options.resource.empty())
    return fail(ErrorKind::invalid, "--requester and --resource must say somebody and something");
  question.requester = person_of(options.requester);
  question.requester.guest = options.guest;
  question.requester.timezone = options.timezone;
  question.requester.activity = {options.active_grants, options.denied_24h};
  if (!options.asked_by.empty()) question.asker = person_of(options.asked_by);
  const auto colon = options.resource.find(':');
  question.resource = options.resource.substr(0, colon);
  if (colon != std::string::npos) question.role = options.resource.substr(colon + 1);
  if (!options.role.empty()) question.role = options.role;
  const auto duration = parse_duration(options.duration);
  if (!duration) return tl::unexpected<Error>(duration.error());
  question.duration = *duration;
  question.reason = options.reason;
  question.ticket = options.ticket;
  question.extension = options.extension;
  if (!options.channel.empty()) question.channel = AskedIn{options.channel, false, false};
  if (!options.now.empty()) {
    const auto now = parse_moment(options.now);
    if (!now) return tl::unexpected<Error>(now.error());
    question.now = *now;
  } else {
    question.now = std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now());
  }
  auto groups = named_lists(options.groups);
  if (!groups) return tl::unexpected<Error>(groups.error());
  question.groups = std::move(*groups);
  auto catalogs = named_lists(options.catalogs);
  if (!catalogs) return tl::unexpected<Error>(catalogs.error());
  question.catalogs = std::move(*catalogs);
  return question;
}

std::string headline(const PolicyTest& question, const Explained& found) {
  const std::string role = question.role.empty() ? "" : ":" + question.role;
  const std::string asked =
      fmt::format("{} asks for {}{} for {}",
                  question.requester.email.empty() ? question.requester.account : question.requester.email,
                  question.resource, role, format_duration(question.duration));
  if (!found.unknown.empty()) return asked + ": this cannot be decided from what is given";
  switch (found.decision) {
    case PolicyTest::Decision::approved:
      return fmt::format("{}: approved at once by rule {}", asked, found.rule);
    case PolicyTest::Decision::pending:
      return fmt::format("{}: rule {} asks people", asked, found.rule);
    case PolicyTest::Decision::denied:
      return fmt::format("{}: refused: {}", asked, found.refusal);
  }
  return asked;
}

void print(const PolicyTest& question, const Explained& found) {
  std::cout << headline(question, found) << "\n";
  for (const std::string& line : found.unknown) std::cout << "  ? " << line << "\n";
  if (!found.unknown.empty())
    std::cout << "  here: --group NAME=e-mail,e-mail and --catalog NAME=resource,resource\n";
  for (const Explained::StepVoters& step : found.steps) {
    std::cout << fmt::format(
        "  step {}: {} of {}\n", step.step.name, step.step.count,
        step.may_vote.empty() ? "nobody" : fmt::format("{}", fmt::join(step.may_vote, ", ")));
  }
  for (const std::string& line : found.explanation) std::cout << "  · " << line << "\n";
}

}  // namespace

int policy_explain(const ExplainOptions& options) {
  const auto question = question_of(options);
  if (!question) {
    std::cerr << "jitbot: " << question.error().message << "\n";
    return k_usage;
  }
  const auto policy = load_draft(options.policy, options.config);
  if (!policy) return k_usage;
  for (const auto& [name, members] : question->groups) {
    const auto group = policy->groups.find(name);
    if (group != policy->groups.end() && !group->second.from.empty()) continue;
    std::cerr << fmt::format("jitbot: --group {}: the policy has no live group of that name\n", name);
    return k_usage;
  }
  const Explained found = explain(*policy, *question);
  print(*question, found);
  return found.unknown.empty() ? k_fine : k_failed;
}

}  // namespace jitbot::cli

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

// An e-mail, or an account of a chat.
Result<void> names_somebody(const std::string& option, const std::string& text) {
  if (text.find_first_of("@:") != std::string::npos) return {};
  return fail(ErrorKind::invalid,
              fmt::format("{} {}: write an e-mail, or an account such as slack:U0001", option, text));
}

TestPerson person_of(const std::string& text) {
  TestPerson person;
  (text.find('@') == std::string::npos ? person.account : person.email) = text;
  return person;
}

TestPerson requester_of(const ExplainOptions& options) {
  TestPerson requester = person_of(options.requester);
  requester.guest = options.guest;
  requester.bot = options.bot;
  requester.external = options.external;
  requester.timezone = options.timezone;
  requester.activity = {options.active_grants, options.denied_24h};
  return requester;
}

Result<std::optional<AskedIn>> channel_of(const ExplainOptions& options) {
  const bool described = options.channel_private || options.channel_external;
  if (options.channel.empty() && described)
    return fail(ErrorKind::invalid,
                "--channel-private and --channel-external tell of a channel: name it with --channel");
  if (options.channel.empty()) return std::optional<AskedIn>();
  const std::string name = options.channel.substr(options.channel.starts_with('#') ? 1 : 0);
  return std::optional(AskedIn{name, options.channel_private, options.channel_external});
}

Result<void> put_times(const ExplainOptions& options, PolicyTest& question) {
  const auto duration = parse_duration(options.duration);
  if (!duration) return tl::unexpected<Error>(duration.error());
  question.duration = *duration;
  question.now = std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now());
  if (!options.now.empty()) {
    const auto now = parse_moment("--now", options.now);
    if (!now) return tl::unexpected<Error>(now.error());
    question.now = *now;
  }
  if (options.start.empty()) return {};
  const auto start = parse_moment("--start", options.start);
  if (!start) return tl::unexpected<Error>(start.error());
  if (*start <= question.now)
    return fail(ErrorKind::invalid,
                fmt::format("--start {} is not after {}", options.start,
                            options.now.empty() ? "now; --now says when it is asked" : options.now));
  question.start = *start;
  return {};
}

Result<PolicyTest> question_of(const ExplainOptions& options) {
  PolicyTest question;
  if (options.requester.empty() || options.resource.empty())
    return fail(ErrorKind::invalid, "--requester and --resource must say somebody and something");
  for (const auto& [option, text] :
       {std::pair{"--requester", options.requester}, {"--asked-by", options.asked_by}}) {
    if (text.empty()) continue;
    if (auto fits = names_somebody(option, text); !fits) return tl::unexpected<Error>(fits.error());
  }
  question.requester = requester_of(options);
  if (!options.asked_by.empty()) question.asker = person_of(options.asked_by);
  const auto colon = options.resource.find(':');
  question.resource = options.resource.substr(0, colon);
  if (colon != std::string::npos) question.role = options.resource.substr(colon + 1);
  if (!options.role.empty()) question.role = options.role;
  if (auto put = put_times(options, question); !put) return tl::unexpected<Error>(put.error());
  question.reason = options.reason;
  question.ticket = options.ticket;
  question.extension = options.extension;
  auto channel = channel_of(options);
  if (!channel) return tl::unexpected<Error>(channel.error());
  question.channel = std::move(*channel);
  auto groups = named_lists("--group", options.groups);
  if (!groups) return tl::unexpected<Error>(groups.error());
  question.groups = std::move(*groups);
  auto catalogs = named_lists("--catalog", options.catalogs);
  if (!catalogs) return tl::unexpected<Error>(catalogs.error());
  question.catalogs = std::move(*catalogs);
  return question;
}

std::string headline(const PolicyTest& question, const Explained& found) {
  const std::string role = question.role.empty() ? "" : ":" + question.role;
  std::string asked =
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
  if (!are_live_groups(*policy, question->groups)) return k_usage;
  const Explained found = explain(*policy, *question);
  print(*question, found);
  return found.unknown.empty() ? k_fine : k_failed;
}

}  // namespace jitbot::cli

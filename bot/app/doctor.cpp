#include "bot/app/doctor.hpp"

#include "bot/app/doctor_parts.hpp"
#include "bot/app/outbound.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace jitbot {

namespace {

constexpr Millis k_most_for_connector = 30s;

Finding problem_finding(Level level, std::string what, const PolicyProblem& problem) {
  return {level, std::move(what), to_string(problem), ""};
}

// Tells what is wrong; whether configuration and policy can be used.
bool load_into(Doctor::Parts& parts) {
  auto loaded = load_config(parts.options.config, parts.options.environment);
  if (!loaded) {
    for (const PolicyProblem& problem : loaded.error())
      parts.tell(problem_finding(Level::failed, "configuration", problem));
    return false;
  }
  parts.config = std::move(loaded->config);
  for (const PolicyProblem& warning : loaded->warnings)
    parts.tell(problem_finding(Level::warning, "configuration", warning));
  if (loaded->warnings.empty()) parts.tell({Level::fine, "configuration", parts.config->file.string(), ""});
  auto policy = load_policy_folder(parts.config->policy_folder, known_connectors(*parts.config));
  if (!policy) {
    for (const PolicyProblem& problem : policy.error())
      parts.tell(problem_finding(Level::failed, "policy", problem));
    return false;
  }
  parts.policy = std::move(*policy);
  const auto strangers = check_subjects(*parts.config, *parts.policy);
  for (const PolicyProblem& problem : strangers)
    parts.tell(problem_finding(Level::failed, "configuration", problem));
  parts.tell({Level::fine, "policy",
              fmt::format("{}, {}, digest {}", counted(std::ssize(parts.policy->rules), "rule"),
                          counted(std::ssize(parts.policy->resources), "resource"),
                          parts.policy->digest.substr(0, 12)),
              ""});
  return strangers.empty();
}

Task<Findings> look_at_disk(Doctor::Parts& parts) {
  co_await boost::asio::post(parts.disk, boost::asio::use_awaitable);
  Findings found = look_at_store(*parts.config);
  co_await boost::asio::post(parts.ports.executor, boost::asio::use_awaitable);
  co_return found;
}

std::string advice_for(const ConnectorSettings& settings) {
  if (std::holds_alternative<PostgresSettings>(settings.target)) {
    return fmt::format("mend it in the database (README, PostgreSQL), or correct connectors.{}",
                       settings.name);
  }
  return fmt::format("install what is missing, or correct connectors.{} or the policy", settings.name);
}

// A connector or a catalog names itself, for lists where others stand beside it.
std::string without_name(std::string problem, const std::string& name) {
  if (problem.starts_with(name + ": ")) return problem.substr(name.size() + 2);
  if (problem.starts_with(name + ".")) return problem.substr(name.size() + 1);
  return problem;
}

Task<Findings> ask_connector(std::shared_ptr<Connector> connector, std::vector<EntitlementKey> used,
                             ConnectorSettings settings) {
  const std::string what = "connector " + settings.name;
  auto problems = co_await connector->check(std::move(used));
  Findings found;
  for (std::string& problem : problems) {
    found.push_back({Level::failed, what, without_name(std::move(problem), "connectors." + settings.name),
                     advice_for(settings)});
  }
  if (problems.empty()) found.push_back({Level::fine, what, "ready for what the policy asks of it", ""});
  co_return found;
}

std::vector<DoctorErrand> start_connectors(Doctor::Parts& parts) {
  std::vector<DoctorErrand> errands;
  const ConnectorContext context{parts.no_store, [] { return Time{}; }};
  for (const auto& [name, settings] : parts.config->connectors) {
    const std::string what = "connector " + name;
    auto made = parts.options.connector_factory(settings, context);
    if (!made) {
      parts.tell({Level::failed, what, made.error().message, ""});
      continue;
    }
    parts.connectors.emplace(name, *made);
    auto used = parts.policy ? used_of(*parts.policy, settings) : std::vector<EntitlementKey>();
    // It bounds itself by its own time-out, and then knows better what it waited for.
    const Millis patience = std::min(settings.timeout, k_most_for_connector) + 1s;
    errands.push_back(
        parts.start(ask_connector(*made, std::move(used), settings), patience, {no_answer(what, patience)}));
  }
  return errands;
}

Task<Findings> ask_catalog(std::shared_ptr<Catalog> catalog, std::string name) {
  const std::string key = "catalogs." + name;
  auto problems = co_await catalog->check();
  Findings found;
  for (std::string& problem : problems) {
    found.push_back({Level::failed, "catalog " + name, without_name(std::move(problem), key),
                     "see what its program says when it is run by hand, or correct " + key});
  }
  if (problems.empty()) found.push_back({Level::fine, "catalog " + name, "can be read", ""});
  co_return found;
}

std::vector<DoctorErrand> start_catalogs(Doctor::Parts& parts) {
  std::vector<DoctorErrand> errands;
  for (const auto& [name, settings] : parts.config->catalogs) {
    const std::string what = "catalog " + name;
    auto made = parts.options.catalog_factory(settings);
    if (!made) {
      parts.tell({Level::failed, what, made.error().message, ""});
      continue;
    }
    parts.catalogs.emplace(name, *made);
    const Millis patience = settings.timeout + 1s;
    errands.push_back(parts.start(ask_catalog(*made, name), patience, {no_answer(what, patience)}));
  }
  return errands;
}

void make_examiner(Doctor::Parts& parts) {
  const SlackSettings& slack = *parts.config->slack;
  slack::ExaminerOptions options;
  options.app_token = slack.app_token;
  options.bot_token = slack.bot_token;
  options.api_url = slack.api_url;
  options.attempt = parts.options.patience * 2 / 5;
  options.patience = parts.options.patience * 4 / 5;
  parts.http = std::make_unique<net::HttpClient>(http_options(slack.out));
  parts.examiner = std::make_unique<slack::Examiner>(parts.ports.clock, parts.ports.random, *parts.http,
                                                     std::move(options));
}

}  // namespace

DoctorErrand Doctor::Parts::start(Task<Findings> task, Millis patience, Findings otherwise) const {
  return {ports.executor, ports.clock, patience, std::move(task), std::move(otherwise)};
}

DoctorErrand Doctor::Parts::start(Task<Findings> task, std::string what) const {
  return start(std::move(task), options.patience, {no_answer(std::move(what), options.patience)});
}

void Doctor::Parts::tell(Finding finding) {
  if (options.tell) options.tell(finding);
  diagnosis.findings.push_back(std::move(finding));
}

std::string counted(std::int64_t number, std::string_view one) {
  return fmt::format("{} {}{}", number, one, number == 1 ? "" : "s");
}

Finding no_answer(std::string what, Millis patience) {
  return {Level::failed, std::move(what),
          fmt::format("no answer within {} s", (patience.count() + 500) / 1000),
          "see whether it hangs, and what the network between does"};
}

Task<bool> tell_of(Doctor::Parts& parts, DoctorErrand errand) {
  auto found = co_await errand.findings();
  const bool usable = !found.empty() && found.front().level == Level::fine;
  for (Finding& finding : found) parts.tell(std::move(finding));
  if (errand.stuck()) parts.diagnosis.stuck = true;
  co_return usable;
}

Doctor::Doctor(AppPorts ports, DoctorOptions options)
    : parts_(std::make_unique<Parts>(std::move(ports), std::move(options))) {}
Doctor::~Doctor() = default;

Task<Diagnosis> Doctor::examine() {
  Parts& parts = *parts_;
  parts.diagnosis.configured = load_into(parts);
  if (!parts.config) co_return std::move(parts.diagnosis);
  auto connectors = start_connectors(parts);
  auto catalogs = start_catalogs(parts);
  auto disk = parts.start(look_at_disk(parts), "store");
  (void)co_await tell_of(parts, std::move(disk));
  if (parts.config->slack) {
    make_examiner(parts);
    co_await examine_slack(parts);
  }
  if (parts.config->mattermost) co_await examine_mattermost(parts);
  tell_of_lost_places(parts);
  for (DoctorErrand& connector : connectors) (void)co_await tell_of(parts, std::move(connector));
  for (DoctorErrand& catalog : catalogs) (void)co_await tell_of(parts, std::move(catalog));
  co_return std::move(parts.diagnosis);
}

std::string line_of(const Finding& finding) {
  std::string line;
  switch (finding.level) {
    case Level::fine:
      line = "✓ ";
      break;
    case Level::warning:
      line = "! ";
      break;
    case Level::failed:
      line = "✗ ";
      break;
  }
  line += finding.what + ": " + finding.words;
  if (!finding.advice.empty()) line += " → " + finding.advice;
  // What a server said may hold line ends, or what a terminal would obey.
  std::ranges::replace_if(
      line, [](char c) { return static_cast<unsigned char>(c) < 0x20U || c == 0x7f; }, ' ');
  return line;
}

int exit_code_of(const Diagnosis& diagnosis) {
  if (!diagnosis.configured) return 2;
  const bool failed = std::ranges::any_of(
      diagnosis.findings, [](const Finding& finding) { return finding.level == Level::failed; });
  return failed ? 1 : 0;
}

}  // namespace jitbot

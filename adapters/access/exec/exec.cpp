#include "adapters/access/exec/exec.hpp"

#include "adapters/access/exec/program.hpp"
#include "adapters/access/worker_pool.hpp"
#include "bot/model/duration.hpp"
#include "bot/model/template.hpp"

#include <fmt/format.h>

#include <utility>

namespace jitbot {

namespace {

using namespace access;

constexpr int k_refused = 77;

std::string_view to_string(ExecCommand command) {
  switch (command) {
    case ExecCommand::present:
      return "present";
    case ExecCommand::absent:
      return "absent";
    case ExecCommand::observe:
      return "observe";
  }
  return "observe";
}

TemplateValues values_of(const Target& target) {
  TemplateValues values{{"account", target.key.account},
                        {"role", target.role},
                        {"resource", target.resource},
                        {"grant", target.grant}};
  for (const auto& [name, value] : target.key.params) values["params." + name] = value;
  return values;
}

Result<void> outcome_of(const ProcessEnd& end, ExecCommand command) {
  const bool exited = end.how == ProcessEnd::How::exited;
  if (exited && end.code == 0) return {};
  if (exited && end.code == k_refused) {
    const std::string said = first_line(end.err);
    return fail(ErrorKind::refused,
                said.empty() ? fmt::format("the {} command refused", to_string(command)) : said);
  }
  return fail(ErrorKind::outcome_unknown, how_it_ended(end, to_string(command)));
}

Observation unknown(std::string detail) {
  return {Presence::unknown, std::nullopt, false, std::move(detail)};
}

Observation observation_of(const ProcessEnd& end) {
  if (end.how != ProcessEnd::How::exited || end.code != 0) return unknown(how_it_ended(end, "observe"));
  const auto seen = [&end](Presence presence) {
    return Observation{presence, std::nullopt, false, first_line(end.err)};
  };
  if (!end.out_cut) {
    std::string_view word = end.out;
    if (!word.empty() && word.back() == '\n') word.remove_suffix(1);
    if (word == "present") return seen(Presence::present);
    if (word == "absent") return seen(Presence::absent);
    if (word == "gone") return seen(Presence::gone);
  }
  const std::string said = first_line(end.err);
  return unknown(fmt::format("the observe command printed \"{}\" where present, absent or gone was due{}{}",
                             first_line(end.out), said.empty() ? "" : ": ", said));
}

class ExecConnector : public Connector {
 public:
  explicit ExecConnector(ExecOptions options)
      : options_(std::move(options)), calls_(options_.concurrency, options_.timeout) {}

  Capabilities capabilities() const override { return {}; }
  Millis timeout() const override { return calls_.timeout(); }

  Task<Observation> observe(Target target) override;
  Task<Result<void>> present(Target target, Time until) override;
  Task<Result<void>> absent(Target target) override;
  Task<Result<std::vector<EntitlementKey>>> list(std::vector<EntitlementKey> known) override;
  Task<std::vector<std::string>> check(std::vector<EntitlementKey> used) override;

 private:
  Task<Result<ProcessEnd>> run(std::vector<std::string> arguments, TemplateValues values);

  ExecOptions options_;
  CallPool calls_;
};

// refused: a value may not be put on a command line, which no repetition will change.
Task<Result<ProcessEnd>> ExecConnector::run(std::vector<std::string> arguments, TemplateValues values) {
  ChildSpec child = child_spec(options_.env, options_.directory);
  child.argv.push_back(arguments.front());
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    auto expanded = expand_template(arguments[i], values);
    if (!expanded) co_return fail(ErrorKind::refused, expanded.error().message);
    child.argv.push_back(std::move(*expanded));
  }
  std::function<Result<ProcessEnd>(const Patience&)> job = [child](const Patience& patience) {
    const ProcessLimits limits;
    return run_process(child, limits, patience);
  };
  auto done = co_await calls_.run(std::move(job));
  if (done) co_return std::move(*done);
  if (done.error() == Unfinished::never_started) {
    co_return fail(ErrorKind::unavailable, "too many commands are running; nothing was done");
  }
  co_return fail(ErrorKind::outcome_unknown, "the command did not end in time");
}

Task<Observation> ExecConnector::observe(Target target) {
  auto ended = co_await run(options_.observe, values_of(target));
  if (!ended) co_return unknown(ended.error().message);
  co_return observation_of(*ended);
}

Task<Result<void>> ExecConnector::present(Target target, Time until) {
  TemplateValues values = values_of(target);
  values["until"] = format_utc(until);
  auto ended = co_await run(options_.present, std::move(values));
  if (!ended) co_return tl::unexpected<Error>(ended.error());
  co_return outcome_of(*ended, ExecCommand::present);
}

Task<Result<void>> ExecConnector::absent(Target target) {
  auto ended = co_await run(options_.absent, values_of(target));
  if (!ended) co_return tl::unexpected<Error>(ended.error());
  co_return outcome_of(*ended, ExecCommand::absent);
}

Task<Result<std::vector<EntitlementKey>>> ExecConnector::list(std::vector<EntitlementKey> /*known*/) {
  co_return fail(ErrorKind::refused, "an exec connector has no list");
}

// Looks only: a command that is run changes something at the target.
Task<std::vector<std::string>> ExecConnector::check(std::vector<EntitlementKey> used) {
  std::vector<std::string> problems;
  const std::pair<ExecCommand, const std::vector<std::string>*> commands[] = {
      {ExecCommand::present, &options_.present},
      {ExecCommand::absent, &options_.absent},
      {ExecCommand::observe, &options_.observe}};
  for (const auto& [command, arguments] : commands) {
    const std::string where = fmt::format("connectors.{}.{}", options_.name, to_string(command));
    if (!is_runnable(arguments->front(), options_.env, options_.directory)) {
      problems.push_back(
          fmt::format("{}: there is no program {} that may be run", where, arguments->front()));
    }
    for (const auto& argument : *arguments) {
      const auto names = template_names(argument);
      for (const auto& name : names.value_or(std::vector<std::string>{})) {
        if (name.rfind("params.", 0) != 0) continue;
        for (const auto& key : used) {
          if (key.params.count(name.substr(7)) != 0) continue;
          problems.push_back(fmt::format("{}: {{{{{}}}}} has no value: a role of the policy lacks grants.{}",
                                         where, name, name.substr(7)));
          break;
        }
      }
    }
  }
  co_return problems;
}

}  // namespace

Result<void> check_exec_arguments(const std::vector<std::string>& arguments, ExecCommand command) {
  if (arguments.empty() || arguments.front().empty()) return fail(ErrorKind::invalid, "no program is given");
  if (arguments.front().find("{{") != std::string::npos) {
    return fail(ErrorKind::invalid,
                "the program itself must be a plain name: no {{…}} in the first argument");
  }
  std::vector<std::string_view> allowed = {"account", "role", "resource", "grant", "params.*"};
  if (command == ExecCommand::present) allowed.push_back("until");
  for (const auto& argument : arguments) {
    if (argument.find('\0') != std::string::npos)
      return fail(ErrorKind::invalid, "an argument holds a NUL character");
    if (auto checked = check_template(argument, allowed); !checked) return checked;
  }
  return {};
}

Result<std::unique_ptr<Connector>> make_exec_connector(ExecOptions options) {
  const std::pair<ExecCommand, const std::vector<std::string>*> commands[] = {
      {ExecCommand::present, &options.present},
      {ExecCommand::absent, &options.absent},
      {ExecCommand::observe, &options.observe}};
  for (const auto& [command, arguments] : commands) {
    if (auto checked = check_exec_arguments(*arguments, command); !checked) {
      return fail(ErrorKind::invalid, fmt::format("connectors.{}.{}: {}", options.name, to_string(command),
                                                  checked.error().message));
    }
  }
  return std::unique_ptr<Connector>(std::make_unique<ExecConnector>(std::move(options)));
}

}  // namespace jitbot

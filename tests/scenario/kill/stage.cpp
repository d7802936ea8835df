#include "tests/scenario/kill/stage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace jitbot::kill {

namespace fs = std::filesystem;

namespace {

constexpr auto k_private = fs::perms::owner_read | fs::perms::owner_write;

constexpr auto k_config = R"(chat:
  - slack: {{app_token: "${{APP_TOKEN}}", bot_token: "${{BOT_TOKEN}}", api_url: "{api_url}"}}
policy: {{path: policy}}
audit: {{key: "file:audit.key", head: audit.head}}
admins: {{channel: "#jit-admins", members: [erin@example.com]}}
connectors:
  target: {connector}
)";

constexpr auto k_script_connector = R"({type: exec, timeout: 2s, concurrency: 4,
    present: [./target, present, "{{account}}", "{{params.role}}"],
    absent: [./target, absent, "{{account}}", "{{params.role}}"],
    observe: [./target, observe, "{{account}}", "{{params.role}}"],
    account: {claim: email_local, domains: [example.com]}})";

// Each call is logged before it does anything, in one write.
constexpr auto k_script = R"(#!/bin/sh
set -eu
echo "$1 $2 $3" >> calls
case "$1" in
  present) : > "access/$2.$3" ;;
  absent) rm -f "access/$2.$3" ;;
  observe) if [ -e "access/$2.$3" ]; then echo present; else echo absent; fi ;;
esac
)";

constexpr auto k_policy = R"(apiVersion: jit/v1
groups:
  engineering: {{members: [{askers}]}}
  approvers: {{from: "slack:usergroup/S0APPROVE"}}
resources:
  staging:
    owners: [dave@example.com]
    default_role: viewer
    roles: {{viewer: {{connector: target, grants: {{role: staging_ro}}}}}}
  play:
    owners: [dave@example.com]
    default_role: user
    roles: {{user: {{connector: target, grants: {{role: play}}}}}}
rules:
  - name: staging
    match: {{resource: staging}}
    requesters: [group:engineering]
    max_duration: 1h
    approval: [{{name: approvers, from: [group:approvers]}}]
    post_to: ["#staging-approvals"]
  - name: self-service
    match: {{resource: play}}
    requesters: [group:engineering]
    max_duration: 1h
    approval: auto
)";

// In memory where that is possible: a kill loses no page that the kernel has, so the disk would prove nothing
// more.
fs::path fresh_folder() {
  const fs::path memory = "/dev/shm";
  std::error_code none;
  const fs::path base = fs::is_directory(memory, none) ? memory : fs::temp_directory_path();
  std::string name = (base / "jitbot-kill-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  return name;
}

sandbox::World world_of(int askers) {
  sandbox::World world = sandbox::demo_world();
  for (int i = 1; i <= askers; ++i) {
    sandbox::Person person;
    person.id = fmt::format("U0ASKER{:02}", i);
    person.name = fmt::format("p{}", i);
    person.real_name = fmt::format("Asker {}", i);
    person.email = person.name + "@example.com";
    world.find_channel("general")->members.insert(person.id);
    world.people.push_back(std::move(person));
  }
  return world;
}

// What makes a person try again; anything else no repetition will change.
bool is_no_answer(const std::string& error) {
  return error == "operation_timeout" || error == "dispatch_failed";
}

std::string read_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace

int TargetLog::count(const std::string& start) const {
  return static_cast<int>(
      std::ranges::count_if(lines, [&](const std::string& line) { return line.starts_with(start); }));
}

std::string TargetLog::last_change() const {
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
    if (!line->starts_with("observe ")) return *line;
  }
  return {};
}

Stage::Stage(Executor executor, StageOptions options)
    : random(options.seed),
      executor_(std::move(executor)),
      folder_(fresh_folder()),
      environment_(std::move(options.env)) {
  sandbox = std::make_unique<sandbox::Sandbox>(executor_, clock, random, world_of(options.askers));
  environment_["APP_TOKEN"] = sandbox->app_token();
  environment_["BOT_TOKEN"] = sandbox->bot_token();
  const auto started = sandbox->start();
  if (!started) throw std::runtime_error(started.error().message);
  listening_ = sandbox->on_change([this] { ring(); });

  std::string askers;
  for (int i = 1; i <= options.askers; ++i) askers += fmt::format("{}p{}@example.com", i > 1 ? ", " : "", i);
  const std::string connector = options.connector.empty() ? k_script_connector : options.connector;
  write("jitbot.yaml",
        fmt::format(k_config, fmt::arg("api_url", sandbox->api_url()), fmt::arg("connector", connector)),
        k_private);
  write("policy/policy.yaml", fmt::format(k_policy, fmt::arg("askers", askers)), k_private);
  write("target", k_script, fs::perms::owner_all);
  fs::create_directories(folder_ / "access");
}

Stage::~Stage() {
  stopping_ = true;
  bot_.reset();
  listening_.reset();
  sandbox->stop();
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

void Stage::write(const std::string& name, const std::string& text, fs::perms mode) const {
  const fs::path file = folder_ / name;
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
  fs::permissions(file, mode);
}

// --- the bot
// --------------------------------------------------------------------------------------------------

void Stage::start_bot(const std::string& crash_at) {
  for (const auto& connection : sandbox->connections()) {
    connections_before_ = std::max(connections_before_, connection.id);
  }
  ProgramSpec spec;
  spec.arguments = {"run", "--config", "jitbot.yaml"};
  spec.env = environment_;
  if (!crash_at.empty()) spec.env["JITBOT_CRASH_AT"] = crash_at;
  spec.folder = folder_;
  spec.log = folder_ / "bot.log";
  spec.ended = [this] { bot_ended(); };
  bot_ = Program::start(executor_, std::move(spec));
}

void Stage::bot_ended() {
  if (!stopping_) {
    if (bot_->killed()) {
      ++kills_;
      start_bot();
    } else {
      unexpected_ = fmt::format("the bot ended by itself with exit code {}", bot_->exit_code());
    }
  }
  ring();
}

void Stage::kill_bot() {
  if (bot_) bot_->signal(SIGKILL);
}

void Stage::signal_bot(int number) const {
  if (bot_) bot_->signal(number);
}

void Stage::write_policy(const std::string& text) const {
  write("policy/policy.yaml", text, k_private);
}

Task<int> Stage::stop_bot() {
  for (;;) {
    // A restart after a kill may be on its way; it is the new process that is told to stop.
    std::function<bool()> up = [this] { return bot_running() && reachable(); };
    co_await until(std::move(up), "the bot to be there before it is stopped");
    stopping_ = true;
    bot_->signal(SIGTERM);
    std::function<bool()> over = [this] { return !bot_->running(); };
    co_await until(std::move(over), "the bot to end after SIGTERM", 15s);
    if (!bot_->killed()) co_return bot_->exit_code();
    stopping_ = false;  // the crash point lay in the way out
    bot_ended();
  }
}

Task<int> Stage::run_jitbot(std::vector<std::string> arguments) {
  const fs::path log = folder_ / fmt::format("said-{}", random.below(1'000'000'000));
  ProgramSpec spec;
  spec.arguments = std::move(arguments);
  spec.env = environment_;
  spec.folder = folder_;
  spec.log = log;
  spec.ended = [this] { ring(); };
  const auto program = Program::start(executor_, std::move(spec));
  std::function<bool()> over = [&program] { return !program->running(); };
  co_await until(std::move(over), "another jitbot to end");
  said_ = read_file(log);
  co_return program->exit_code();
}

std::string Stage::bot_log() const {
  return read_file(folder_ / "bot.log");
}

bool Stage::reachable() const {
  if (!bot_running()) return false;
  return std::ranges::any_of(sandbox->connections(), [this](const auto& connection) {
    return connection.greeted && connection.id > connections_before_;
  });
}

// --- waiting
// --------------------------------------------------------------------------------------------------

void Stage::ring() {
  std::erase_if(waiting_, [](const auto& timer) { return timer.expired(); });
  for (const auto& waiting : waiting_) {
    if (const auto timer = waiting.lock()) timer->poke();
  }
}

Task<void> Stage::until(std::function<bool()> there, std::string what, Millis patience) {
  const std::shared_ptr<Timer> timer = clock.make_timer();
  waiting_.push_back(timer);
  const Millis deadline = clock.steady() + patience;
  while (!there()) {
    if (!unexpected_.empty()) throw Missed(unexpected_ + "; waited for " + what);
    const Millis left = deadline - clock.steady();
    if (left <= 0ms) throw Missed("not seen in time: " + what);
    co_await timer->wait(left);
  }
}

// --- people
// ---------------------------------------------------------------------------------------------------

Task<void> Stage::says(std::string who, std::string words, std::string again) {
  for (;;) {
    std::function<bool()> there = [this] { return reachable(); };
    co_await until(std::move(there), "a bot that can be reached");
    sandbox::CommandInput input;
    input.user = who;
    input.channel = "#general";
    input.text = words;
    const auto outcome = co_await sandbox->run_command(std::move(input));
    if (outcome.ok()) co_return;
    if (!is_no_answer(outcome.error)) throw Missed(who + " cannot say it: " + outcome.error);
    words = again;
  }
}

std::optional<Message> Stage::card(const std::string& place, const std::string& id) const {
  for (Message& message : cards(place)) {
    if (id.empty() || id_of(message) == id) return std::move(message);
  }
  return std::nullopt;
}

Task<void> Stage::presses(std::string who, std::string place, std::string id, std::string act) {
  for (;;) {
    std::function<bool()> there = [this] { return reachable(); };
    co_await until(std::move(there), "a bot that can be reached");
    const auto on = card(place, id);
    const std::string action = on ? action_of(*on, act) : std::string();
    if (action.empty()) co_return;
    sandbox::ClickInput input;
    input.user = who;
    input.channel = place;
    input.ts = on->ts;
    input.action_id = action;
    const auto outcome = co_await sandbox->click(std::move(input));
    if (outcome.ok()) co_return;
    if (!is_no_answer(outcome.error)) throw Missed(who + " cannot press it: " + outcome.error);
  }
}

// --- the target
// -----------------------------------------------------------------------------------------------

TargetLog Stage::target() const {
  TargetLog log;
  std::istringstream text(read_file(folder_ / "calls"));
  for (std::string line; std::getline(text, line);) log.lines.push_back(line);
  return log;
}

bool Stage::has_access(const std::string& account, const std::string& role) const {
  return fs::exists(folder_ / "access" / (account + "." + role));
}

}  // namespace jitbot::kill

#include "tests/scenario/doctor_office.hpp"

#include "bot/app/head.hpp"

#include <algorithm>
#include <fstream>

namespace jitbot::doctor {

namespace {

constexpr auto k_policy = R"(apiVersion: jit/v1
groups:
  engineering: {members: [alice@example.com]}
  approvers: {from: "slack:usergroup/S0APPROVE"}
resources:
  staging:
    owners: [dave@example.com]
    default_role: viewer
    roles: {viewer: {connector: target, grants: {role: staging_ro}}}
rules:
  - name: staging
    match: {resource: staging}
    requesters: [group:engineering]
    max_duration: 1h
    approval: [{name: approvers, from: [group:approvers]}]
    post_to: ["#staging-approvals", C0PROD001]
)";

constexpr auto k_config = R"(chat:
  - slack: {app_token: "${APP_TOKEN}", bot_token: "${BOT_TOKEN}", api_url: "${API_URL}"}
policy: {path: policy}
store: {url: "sqlite:jitbot.db"}
audit: {key: "file:audit.key", head: audit.head}
admins: {channel: "#jit-admins", members: [erin@example.com]}
connectors:
  target:
    type: exec
    present: [./target, present]
    absent: [./target, absent]
    observe: [./target, observe]
    account: {claim: email_local, domains: [example.com]}
)";

// What `after` has and `before` has not.
Lines added(const Lines& before, const Lines& after) {
  Lines lines;
  for (const std::string& line : after) {
    if (std::ranges::find(before, line) == before.end()) lines.push_back(line);
  }
  return lines;
}

// Up to the first colon behind the subject: "✗ channel #x (rule y)".
std::string subject_of(const std::string& line) {
  const auto mark = line.find(' ');
  return line.substr(mark + 1, line.find(": ") - mark - 1);
}

}  // namespace

Office::Office(sandbox::SandboxOptions options)
    : sandbox(loop.executor(), slack_clock, random, sandbox::demo_world(), std::move(options)) {
  std::string name = (fs::temp_directory_path() / "jitbot-doctor-XXXXXX").string();
  REQUIRE(mkdtemp(name.data()) != nullptr);
  folder = name;
  REQUIRE(sandbox.start().has_value());
  environment = {
      {"APP_TOKEN", sandbox.app_token()}, {"BOT_TOKEN", sandbox.bot_token()}, {"API_URL", sandbox.api_url()}};
  write("jitbot.yaml", k_config);
  write("policy/policy.yaml", k_policy);
  write("target", "#!/bin/sh\n");
  fs::permissions(folder / "target", fs::perms::owner_all);
  make_store();
}

Office::~Office() {
  sandbox.clear_faults();
  sandbox.stop();
  std::error_code ignored;
  fs::remove_all(folder, ignored);
}

void Office::write(const std::string& name, const std::string& text) const {
  fs::create_directories((folder / name).parent_path());
  std::ofstream(folder / name, std::ios::binary) << text;
  fs::permissions(folder / name, fs::perms::owner_read | fs::perms::owner_write);
}

void Office::change(const std::string& name, const std::string& part, const std::string& by) const {
  std::ifstream file(folder / name, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto at = text.find(part);
  REQUIRE(at != std::string::npos);
  write(name, text.replace(at, part.size(), by));
}

void Office::make_store() {
  auto store = open_store(db());
  REQUIRE(store.has_value());
  const auto checked = check_head(**store, folder / "audit.key", folder / "audit.head", slack_clock.now());
  REQUIRE(checked.has_value());
  Store::Work work = [](Tx& tx) -> Result<void> {
    AuditEvent event;
    event.actor = system_principal("app");
    event.action = "app.started";
    event.subject = "policy";
    event.detail = "{}";
    tx.audit(event);
    return {};
  };
  REQUIRE(loop.run((*store)->write(std::move(work))).has_value());
  REQUIRE(write_head(checked->key, folder / "audit.head", {(*store)->tip(), slack_clock.now()}).has_value());
}

Office::Seen Office::look() {
  std::vector<std::string> told;
  DoctorOptions options;
  options.config = folder / "jitbot.yaml";
  options.environment = [this](const std::string& name) -> std::optional<std::string> {
    const auto found = environment.find(name);
    return found == environment.end() ? std::nullopt : std::optional(found->second);
  };
  options.patience = patience;
  options.tell = [&told](const Finding& finding) { told.push_back(line_of(finding)); };
  Doctor doctor({loop.executor(), clock, random}, std::move(options));
  const auto diagnosis = loop.run(doctor.examine(), 60s);
  CHECK_FALSE(diagnosis.stuck);
  std::vector<std::string> lines;
  for (const Finding& finding : diagnosis.findings) lines.push_back(line_of(finding));
  CHECK(told == lines);
  for (const std::string& line : lines) {
    INFO(line);
    CHECK(line.find(environment.at("APP_TOKEN")) == std::string::npos);
    CHECK(line.find(environment.at("BOT_TOKEN")) == std::string::npos);
    CHECK(line.find('\n') == std::string::npos);
  }
  return {lines, exit_code_of(diagnosis)};
}

bool begins_and_holds(const std::string& line, const std::string& begin, const std::string& part) {
  return line.starts_with(begin) && line.find(part) != std::string::npos;
}

void judge(Office& office, const Defect& defect) {
  INFO(defect.name);
  const auto before = office.look();
  REQUIRE(before.exit_code == 0);
  defect.make(office);
  const auto after = office.look();
  CHECK(after.exit_code == defect.exit_code);
  const Lines fresh = added(before.lines, after.lines);
  CAPTURE(fresh);
  REQUIRE(fresh.size() == defect.says.size());
  for (std::size_t i = 0; i < fresh.size(); ++i) {
    INFO(fresh[i]);
    INFO(defect.says[i].begin + " … " + defect.says[i].part);
    CHECK(begins_and_holds(fresh[i], defect.says[i].begin, defect.says[i].part));
  }
  std::set<std::string> gone;
  for (const std::string& line : added(after.lines, before.lines)) gone.insert(subject_of(line));
  CHECK(gone == defect.instead);
}

}  // namespace jitbot::doctor

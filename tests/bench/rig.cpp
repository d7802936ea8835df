#include "tests/bench/rig.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace jitbot::bench {

namespace fs = std::filesystem;

namespace {

void write(const fs::path& file, const std::string& text) {
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
  fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
}

std::string policy() {
  std::string text =
      "apiVersion: jit/v1\ngroups:\n  approvers: {from: \"slack:usergroup/S0APPROVE\"}\n  people:\n    "
      "members: [";
  for (int i = 0; i < k_people; ++i) text += (i == 0 ? "" : ", ") + email_of(person_id(i));
  text += "]\nresources:\n";
  for (int i = 0; i < k_resources; ++i) {
    text += fmt::format(
        "  r{}: {{owners: [group:approvers], default_role: user, roles: {{user: {{connector: door, grants: "
        "{{door: r{}}}}}}}}}\n",
        i, i);
  }
  return text + R"(rules:
  - name: everybody
    requesters: [group:people]
    max_duration: 24h
    reason: {min_length: 5}
    approval: [{name: approvers, from: [group:approvers]}]
    post_to: ["#approvals"]
)";
}

std::string config(const SlackAddress& slack) {
  return fmt::format(R"(chat: [{{slack: {{app_token: "{}", bot_token: "{}", api_url: "{}"}}}}]
store: {{url: "sqlite:jitbot.db"}}
policy: {{path: policy}}
admins: {{channel: "#jit-admins", members: [a0@example.com]}}
connectors:
  door: {{type: lookup, drift: 24h}}
http: {{listen: "127.0.0.1:0", lookup_token: bench-lookup-token}}
log: {{level: error}}
)",
                     slack.app_token, slack.bot_token, slack.url);
}

}  // namespace

Folder::Folder(const fs::path& parent) {
  std::string name = (parent / "jitbot-bench-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr)
    throw std::runtime_error("no folder can be made in " + parent.string());
  path_ = name;
}

Folder::~Folder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

fs::path write_set_up(const fs::path& folder, const SlackAddress& slack) {
  write(folder / "policy" / "policy.yaml", policy());
  write(folder / "jitbot.yaml", config(slack));
  return folder / "jitbot.yaml";
}

AppOptions load_set_up(const fs::path& file) {
  auto loaded = load_config(file, [](const std::string&) { return std::nullopt; });
  if (!loaded) throw std::runtime_error(to_string(loaded.error().front()));
  auto policy = load_policy_folder(loaded->config.policy_folder, known_connectors(loaded->config));
  if (!policy) throw std::runtime_error(to_string(policy.error().front()));
  AppOptions options;
  options.config = std::move(loaded->config);
  options.policy = std::make_shared<const Policy>(std::move(*policy));
  return options;
}

Rig::Rig(const fs::path& folder, MemoryChatOptions options)
    : options_(load_set_up(write_set_up(folder, SlackAddress{}))) {
  options_.chat_factory = [this, options](const AppPorts& ports) -> std::unique_ptr<Platform> {
    auto chat = std::make_unique<MemoryChat>(ports.executor, options);
    chat_ = chat.get();
    return chat;
  };
}

Rig::Rig(const fs::path& folder, ChatFactory factory) : options_(load_set_up(folder / "jitbot.yaml")) {
  options_.chat_factory = std::move(factory);
}

Rig::~Rig() {
  if (app_) stop();
}

void Rig::start() {
  auto opened = App::open({loop.get_executor(), clock, random}, std::move(options_));
  if (!opened) throw std::runtime_error(opened.error().message);
  app_ = std::move(*opened);
  boost::asio::co_spawn(loop, app_->run(), [this](const std::exception_ptr& bug, Result<void> ended) {
    if (bug) std::rethrow_exception(bug);
    ended_ = std::move(ended);
  });
  until([this] { return app_->chat_live(); });
}

void Rig::stop() {
  app_->stop();
  until([this] { return ended_.has_value(); });
  app_.reset();
  loop.restart();
  loop.poll();
}

void Rig::until(const std::function<bool()>& condition, std::chrono::seconds patience) {
  const auto deadline = Steady::now() + patience;
  while (!condition()) {
    if (Steady::now() > deadline) throw std::runtime_error("what was waited for does not happen");
    if (ended_ && !*ended_) throw std::runtime_error("the bot ended: " + ended_->error().message);
    loop.restart();
    loop.run_one_for(std::chrono::milliseconds(20));
  }
}

void Rig::until_quiet() {
  std::function<Result<bool>(Tx&)> ask = [](Tx& tx) -> Result<bool> { return !tx.next_message(); };
  while (!get(ask)) {
    const auto next = Steady::now() + std::chrono::milliseconds(5);
    until([next] { return Steady::now() >= next; });
  }
}

}  // namespace jitbot::bench

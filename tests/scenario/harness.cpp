#include "tests/scenario/harness.hpp"

#include "bot/policy/load.hpp"
#include "tests/support/free_port.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>

namespace jitbot::scenario {

namespace fs = std::filesystem;
using Steady = std::chrono::steady_clock;

namespace {

constexpr std::chrono::seconds k_real_patience{20};  // for what is broken only

// In memory where that is possible: the tests write and sync thousands of times.
fs::path fresh_folder() {
  const fs::path memory = "/dev/shm";
  std::error_code none;
  const fs::path base = fs::is_directory(memory, none) ? memory : fs::temp_directory_path();
  std::string name = (base / "jitbot-scenario-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  return name;
}

void quiet_log() {
  const char* level = getenv("JITBOT_TEST_LOG");
  spdlog::set_level(level == nullptr ? spdlog::level::off : spdlog::level::from_str(level));
}

}  // namespace

// --- the bot
// ------------------------------------------------------------------------------------------------

Stage::Stage(StageOptions options) : folder_(fresh_folder()) {
  quiet_log();
  write("jitbot.yaml", "chat:\n" + open_chats(options) + "policy: {path: policy}\n" + options.config);
  write("policy/policy.yaml", options.policy);
}

namespace {

// A test that brings no server of its own is told where the environment says.
Way take_scene(StageOptions& options) {
  using Callbacks = MattermostScene::Callbacks;
  if (options.mattermost)
    return options.mattermost->callbacks == Callbacks::served ? Way::pressing : Way::typing;
  const SceneName name = scene_of_environment();
  const bool on_slack = name == SceneName::slack || name == SceneName::slack_commands;
  if (!on_slack) {
    options.mattermost = MattermostScene{mattermost_world(options.world)};
    if (name != SceneName::mattermost) options.mattermost->callbacks = Callbacks::none;
  }
  return way_of(name);
}

}  // namespace

std::string Stage::open_chats(StageOptions& options) {
  const Way way = take_scene(options);
  std::string chats;
  if (!options.mattermost || options.mattermost->slack == MattermostScene::Slack::beside) {
    chats += open_slack(options);
    scene_ = std::make_unique<OnSlack>(*this, *sandbox, way);
  }
  if (options.mattermost) chats += open_mattermost(*options.mattermost);
  if (!scene_)
    scene_ = std::make_unique<OnMattermost>(*this, *mattermost, options.mattermost->callbacks, way);
  return chats;
}

std::string Stage::open_slack(const StageOptions& options) {
  sandbox = std::make_unique<sandbox::Sandbox>(loop.get_executor(), clock, world_random, options.world,
                                               options.sandbox);
  REQUIRE(sandbox->start().has_value());
  environment_ = {{"APP", sandbox->app_token()}, {"BOT", sandbox->bot_token()}};
  return "  - slack: {app_token: \"${APP}\", bot_token: \"${BOT}\", api_url: \"" + sandbox->api_url() +
         "\"}\n";
}

std::string Stage::open_mattermost(const MattermostScene& scene) {
  mattermost = std::make_unique<mattermost_stand_in::StandIn>(loop.get_executor(), clock, world_random,
                                                              scene.world, scene.server);
  REQUIRE(mattermost->start().has_value());
  environment_["MATTERMOST"] = mattermost->token_of("jitbot");
  std::string chat =
      "  - mattermost: {url: \"" + mattermost->url() + "\", token: \"${MATTERMOST}\", team: ops";
  if (scene.callbacks == MattermostScene::Callbacks::served) {
    const std::string here = "127.0.0.1:" + std::to_string(jitbot::testing::free_port());
    const auto token = mattermost->add_command("jit", "http://" + here + "/command");
    REQUIRE(token.has_value());
    environment_["COMMAND"] = *token;
    const std::string from = scene.callers.empty() ? "" : ", from: [" + scene.callers + "]";
    chat += ", command_token: \"${COMMAND}\", callbacks: {listen: \"" + here + "\", url: \"http://" + here +
            "\"" + from + "}";
  }
  return chat + "}\n";
}

bool Stage::is_connected() const {
  const bool heard = !mattermost || mattermost->sockets() >= 1;
  return heard && scene_->connected() && app_->chat_live();
}

Stage::~Stage() {
  if (app_) {
    stop();
    const auto verdict = verify();
    const std::string problem = verdict.problem ? verdict.problem->why : std::string();
    CHECK(problem == "");
    CHECK(verdict.head == HeadRelation::same);
  }
  if (sandbox) sandbox->stop();
  if (mattermost) mattermost->stop();
  for (int i = 0; i < 5; ++i) {
    loop.restart();
    loop.poll();
  }
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

void Stage::write(const std::string& name, const std::string& text) const {
  const fs::path file = folder_ / name;
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
  fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
}

Result<AppOptions> Stage::load() {
  auto loaded =
      load_config(folder_ / "jitbot.yaml", [&](const std::string& name) -> std::optional<std::string> {
        const auto found = environment_.find(name);
        return found == environment_.end() ? std::nullopt : std::optional(found->second);
      });
  if (!loaded) return fail(ErrorKind::invalid, to_string(loaded.error().front()));
  AppOptions options;
  auto policy = policy_of_folder(loaded->config);
  if (!policy) return fail(ErrorKind::invalid, to_string(policy.error().front()));
  options.config = std::move(loaded->config);
  options.policy = std::move(*policy);
  options.connector_factory = [this](const ConnectorSettings& settings,
                                     const ConnectorContext&) -> Result<std::shared_ptr<Connector>> {
    return target(settings.name).connector(settings.name);
  };
  options.catalog_factory = [this](const CatalogSettings& settings) -> Result<std::shared_ptr<Catalog>> {
    catalog(settings.name).look_every = settings.every;
    return catalogs_.at(settings.name);
  };
  return options;
}

Result<void> Stage::try_start(Restored restored) {
  auto options = load();
  if (!options) return tl::unexpected<Error>(options.error());
  options->restored = restored;
  auto opened = App::open({loop.get_executor(), bot_clock, random}, std::move(*options));
  if (!opened) return tl::unexpected<Error>(opened.error());
  app_ = std::move(*opened);
  ended_ = begin(app_->run());
  settle();
  return {};
}

Result<void> Stage::open_second() {
  auto options = load();
  if (!options) return tl::unexpected<Error>(options.error());
  auto opened = App::open({loop.get_executor(), bot_clock, random}, std::move(*options));
  if (!opened) return tl::unexpected<Error>(opened.error());
  return {};
}

void Stage::start(Restored restored) {
  const auto started = try_start(restored);
  const std::string problem =
      started ? std::string() : started.error().message + " " + started.error().detail;
  REQUIRE(problem == "");
  const auto connected = [this] { return is_connected(); };
  let_it_happen(connected);
  until(connected);
  settle();
}

void Stage::stop() {
  REQUIRE(app_ != nullptr);
  settle();
  app_->stop();
  const auto ended = [this] { return ended_->has_value(); };
  // Shutting down ends calls by their own time-outs, on the test's clock; sockets close on the machine's.
  const auto deadline = Steady::now() + k_real_patience;
  while (!ended()) {
    if (Steady::now() > deadline) FAIL("the bot did not stop");
    loop.restart();
    if (loop.run_one_for(std::chrono::milliseconds(20)) == 0) step(1s);
  }
  app_.reset();
  loop.restart();
  loop.poll();
}

void Stage::restart() {
  stop();
  start();
}

void Stage::replace_policy(const std::string& text) {
  write("policy/policy.yaml", text);
}

void Stage::put_policy_file(const std::string& name, const std::string& text) {
  write("policy/" + name, text);
}

void Stage::save_disk(const std::string& name) {
  settle();
  for (const auto& entry : fs::directory_iterator(folder_)) {
    if (!entry.is_regular_file()) continue;
    fs::create_directories(folder_ / "saved" / name);
    fs::copy_file(entry.path(), folder_ / "saved" / name / entry.path().filename(),
                  fs::copy_options::overwrite_existing);
  }
}

namespace {

void restore_files(const fs::path& folder, const fs::path& saved,
                   const std::function<bool(const std::string&)>& wanted) {
  std::vector<fs::path> old;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.is_regular_file() && wanted(entry.path().filename().string())) old.push_back(entry.path());
  }
  for (const fs::path& file : old) fs::remove(file);
  for (const auto& entry : fs::directory_iterator(saved)) {
    const std::string name = entry.path().filename().string();
    if (wanted(name)) fs::copy_file(entry.path(), folder / name);
  }
}

}  // namespace

void Stage::load_disk(const std::string& name) {
  restore_files(folder_, folder_ / "saved" / name, [](const std::string&) { return true; });
}

void Stage::load_store(const std::string& name) {
  restore_files(folder_, folder_ / "saved" / name,
                [](const std::string& file) { return file.starts_with("jitbot.db"); });
}

}  // namespace jitbot::scenario

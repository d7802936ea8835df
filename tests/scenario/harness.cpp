#include "tests/scenario/harness.hpp"

#include "bot/policy/load.hpp"
#include "store/audit_head.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
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

// One that nobody listens on now. The bot's callbacks need one that the server knows before it starts.
unsigned short free_port() {
  boost::asio::io_context context;
  boost::asio::ip::tcp::acceptor acceptor(context, {boost::asio::ip::make_address("127.0.0.1"), 0});
  return acceptor.local_endpoint().port();
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

std::string Stage::open_chats(const StageOptions& options) {
  sandbox = std::make_unique<sandbox::Sandbox>(loop.get_executor(), clock, world_random, options.world,
                                               options.sandbox);
  REQUIRE(sandbox->start().has_value());
  environment_ = {{"APP", sandbox->app_token()}, {"BOT", sandbox->bot_token()}};
  std::string chats =
      "  - slack: {app_token: \"${APP}\", bot_token: \"${BOT}\", api_url: \"" + sandbox->api_url() + "\"}\n";
  if (!options.mattermost) return chats;
  const MattermostScene& scene = *options.mattermost;
  on_slack_ = scene.slack == MattermostScene::Slack::beside;
  if (!on_slack_) chats.clear();
  mattermost = std::make_unique<mattermost_stand_in::StandIn>(loop.get_executor(), clock, world_random,
                                                              scene.world, scene.server);
  REQUIRE(mattermost->start().has_value());
  environment_["MATTERMOST"] = mattermost->token_of("jitbot");
  chats += "  - mattermost: {url: \"" + mattermost->url() + "\", token: \"${MATTERMOST}\", team: ops";
  if (scene.callbacks == MattermostScene::Callbacks::served) {
    const std::string here = "127.0.0.1:" + std::to_string(free_port());
    const auto token = mattermost->add_command("jit", "http://" + here + "/command");
    REQUIRE(token.has_value());
    environment_["COMMAND"] = *token;
    chats += ", command_token: \"${COMMAND}\", callbacks: {listen: \"" + here + "\", url: \"http://" + here +
             "\"}";
  }
  return chats + "}\n";
}

bool Stage::is_connected() const {
  const bool on_slack = !on_slack_ || sandbox->connections().size() >= 2;
  const bool on_mattermost = !mattermost || mattermost->sockets() >= 1;
  return on_slack && on_mattermost && app_->chat_live();
}

Stage::~Stage() {
  if (app_) {
    stop();
    const auto verdict = verify();
    const std::string problem = verdict.problem ? verdict.problem->why : std::string();
    CHECK(problem == "");
    CHECK(verdict.head == HeadRelation::same);
  }
  sandbox->stop();
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

// --- time
// ---------------------------------------------------------------------------------------------------

void Stage::spin(const std::function<bool()>& condition) {
  const auto deadline = Steady::now() + k_real_patience;
  while (!condition()) {
    if (Steady::now() > deadline) FAIL("nothing happens any more");
    loop.restart();
    loop.run_one_for(std::chrono::milliseconds(20));
  }
}

// Everything that was handed to the store before is done, and its outcome is on the loop.
// What sockets do takes the machine's time, and none of the test's.
void Stage::let_it_happen(const std::function<bool()>& condition) {
  constexpr std::chrono::seconds k_long_enough{5};
  const auto deadline = Steady::now() + k_long_enough;
  while (!condition() && Steady::now() < deadline) {
    loop.restart();
    loop.run_one_for(std::chrono::milliseconds(5));
  }
}

void Stage::barrier() {
  if (!app_) return;
  auto written = begin(app_->store().write([](Tx&) -> Result<void> { return {}; }));
  auto seen = begin(app_->store().read([](Tx&) -> Result<void> { return {}; }));
  spin([&] { return written->has_value() && seen->has_value(); });
}

void Stage::settle() {
  const auto deadline = Steady::now() + k_real_patience;
  int quiet = 0;
  while (quiet < 2) {
    if (Steady::now() > deadline) return;  // a call that hangs on purpose
    loop.restart();
    std::size_t handled = loop.poll();
    const bool calling = app_ && (app_->chat_calls_under_way() > 0 || app_->reading_policy());
    const bool connecting = app_ && !ended_->has_value() && !app_->chat_live();
    if (calling) {
      loop.restart();
      handled += loop.run_one_for(std::chrono::milliseconds(5));
      quiet = 0;
      continue;
    }
    barrier();
    loop.restart();
    handled += loop.poll();
    if (handled == 0 && connecting) {
      loop.restart();
      handled += loop.run_one_for(std::chrono::milliseconds(3));
    }
    quiet = handled == 0 && (!app_ || app_->chat_calls_under_way() == 0) ? quiet + 1 : 0;
  }
}

// To the next moment that anybody waits for; at most `most` and at least a millisecond.
bool Stage::step(Millis most) {
  const Millis next = std::clamp(clock.until_next().value_or(most), Millis{1}, most);
  clock.advance(next);
  return next < most;
}

void Stage::advance(Millis by) {
  settle();
  const Time end = clock.now() + by;
  while (clock.now() < end) {
    step(std::min(Millis{5000}, end - clock.now()));
    settle();
  }
}

// What a Mattermost server and the bot say to each other goes by sockets that nobody counts: it takes the
// machine's time, so time waits for it a little before it passes.
void Stage::hear_sockets() {
  constexpr std::chrono::milliseconds k_a_moment{20};
  const auto end = Steady::now() + k_a_moment;
  while (Steady::now() < end) {
    loop.restart();
    loop.run_one_for(std::chrono::milliseconds(5));
  }
}

bool Stage::happens(const std::function<bool()>& condition, Millis patience) {
  constexpr int k_worth_hearing = 100;  // steps: what takes longer waits for something else
  settle();
  const Millis end = clock.steady() + patience;
  for (int steps = 0; !condition(); ++steps) {
    if (mattermost && steps < k_worth_hearing) {
      hear_sockets();
      settle();
      if (condition()) break;
    }
    if (clock.steady() >= end) return false;
    step(std::min(Millis{1000}, end - clock.steady()));
    settle();
  }
  return true;
}

void Stage::until(const std::function<bool()>& condition, Millis patience) {
  const bool happened = happens(condition, patience);
  if (!happened) {
    for (const char* channel : {"#staging-approvals", "#prod-approvals", "#jit-admins", "@alice"}) {
      UNSCOPED_INFO(channel << ":\n" << channel_text(channel));
    }
  }
  REQUIRE(happened);
}

// --- the store
// ----------------------------------------------------------------------------------------------

namespace {

RequestId request_id(const std::string& id) {
  const auto parsed = parse_request_id(id);
  if (!parsed) FAIL("no request id: " << id);
  return *parsed;
}

}  // namespace

std::optional<Grant> Stage::grant(const std::string& id) {
  return get<std::optional<Grant>>(
      [key = request_id(id)](Tx& tx) -> Result<std::optional<Grant>> { return tx.grant(key); });
}

std::optional<Request> Stage::request(const std::string& id) {
  return get<std::optional<Request>>(
      [key = request_id(id)](Tx& tx) -> Result<std::optional<Request>> { return tx.request(key); });
}

std::vector<Vote> Stage::votes(const std::string& id) {
  return get<std::vector<Vote>>(
      [key = request_id(id)](Tx& tx) -> Result<std::vector<Vote>> { return tx.votes(key); });
}

std::optional<Entitlement> Stage::entitlement_of(const std::string& id) {
  return get<std::optional<Entitlement>>(
      [key = request_id(id)](Tx& tx) -> Result<std::optional<Entitlement>> {
        const auto grant = tx.grant(key);
        if (!grant) return std::optional<Entitlement>();
        return tx.entitlement(grant->entitlement);
      });
}

std::vector<ChainedEvent> Stage::events(const std::string& subject) {
  constexpr int k_many = 10'000;
  return get<std::vector<ChainedEvent>>(
      [subject](Tx& tx) -> Result<std::vector<ChainedEvent>> { return tx.audit_of(subject, k_many); });
}

std::vector<std::string> Stage::actions(const std::string& subject) {
  std::vector<std::string> names;
  for (const ChainedEvent& one : events(subject)) names.push_back(one.event.action);
  return names;
}

bool Stage::audited(const std::string& subject, const std::string& action) {
  return std::ranges::count(actions(subject), action) > 0;
}

Json Stage::audit_detail(const std::string& subject, const std::string& action) {
  Json detail;
  for (const ChainedEvent& one : events(subject)) {
    if (one.event.action == action) detail = Json::parse(one.event.detail);
  }
  return detail;
}

AuditVerdict Stage::verify() {
  const auto key = load_audit_key(folder_ / "audit.key");
  REQUIRE(key.has_value());
  const auto line = read_head(folder_ / "audit.head");
  REQUIRE(line.has_value());
  const auto head = verify_head(key->public_key(), *line);
  REQUIRE(head.has_value());
  auto verdict = verify_audit(folder_ / "jitbot.db", *head);
  REQUIRE(verdict.has_value());
  return std::move(*verdict);
}

TestTarget& Stage::target(const std::string& connector) {
  auto& target = targets_[connector];
  if (!target) target = std::make_shared<TestTarget>(clock);
  return *target;
}

TestCatalog& Stage::catalog(const std::string& name) {
  auto& catalog = catalogs_[name];
  if (!catalog) catalog = std::make_shared<TestCatalog>();
  return *catalog;
}

bool Stage::is_active(const std::string& id) {
  const auto it = grant(id);
  return it && it->state == GrantState::active;
}

void Stage::until_active(const std::string& id, Millis patience) {
  until([&] { return is_active(id); }, patience);
  settle();
}

void Stage::until_ended(const std::string& id, Millis patience) {
  until(
      [&] {
        const auto it = grant(id);
        return it && it->state == GrantState::ended;
      },
      patience);
  settle();
}

std::string Stage::active_staging(const std::string& duration) {
  const std::string id = alice.requests("staging " + duration + " INC-7 look at queue");
  carol.approves(id);
  until_active(id);
  return id;
}

}  // namespace jitbot::scenario

#include "adapters/chat/sandbox/core.hpp"

#include "adapters/chat/sandbox/ids.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace jitbot::sandbox {

namespace asio = boost::asio;
using Json = nlohmann::json;

Core::Core(Executor executor_in, Clock& clock_in, Random& random_in, World world, SandboxOptions options_in)
    : executor(std::move(executor_in)),
      clock(clock_in),
      random(random_in),
      options(std::move(options_in)),
      workspace(std::move(world), clock_in, random_in),
      handles(clock_in, random_in),
      sockets(*this),
      rate_limits(options.rate_limits) {
  // The shapes of real tokens, so that a client's checks of them hold.
  if (options.app_token.empty()) {
    options.app_token = fmt::format("xapp-1-{}-{}-{}", options.app_id, random.below(9'000'000'000'000),
                                    random_hex(random, 64));
  }
  if (options.bot_token.empty()) {
    options.bot_token = fmt::format("xoxb-{}-{}-{}", random.below(9'000'000'000'000),
                                    random.below(9'000'000'000'000), random_id(random, "", 24));
  }
}

std::uint64_t Core::remember_call(ApiCall call) {
  call.number = ++calls_made;
  remember(calls, std::move(call));
  return calls_made;
}

ApiCall* Core::find_call(std::uint64_t number) {
  if (calls.empty() || number < calls.front().number) return nullptr;
  return &calls.at(number - calls.front().number);
}

void Core::release_hanging() {
  for (Timer* timer : hanging) timer->poke();
}

void Core::stop() {
  if (stopped) return;
  stopped = true;
  sockets.stop();
  for (Timer* timer : sleepers) timer->poke();
  release_hanging();
  workspace.changes.close();
  if (server) server->stop();
}

std::string Core::host() const {
  return options.address.find(':') == std::string::npos ? options.address : "[" + options.address + "]";
}

std::string Core::url(const std::string& path) const {
  return fmt::format("http://{}:{}{}", host(), server ? server->port() : options.port, path);
}

namespace {

struct Listed {
  std::set<Timer*>& list;
  Timer* timer;
  Listed(std::set<Timer*>& in, Timer* which) : list(in), timer(which) { list.insert(timer); }
  ~Listed() { list.erase(timer); }
  Listed(const Listed&) = delete;
  Listed& operator=(const Listed&) = delete;
};

struct Retry {
  Millis after;
  int attempt;
};

// First delivery, then at once, a minute later, five minutes later.
constexpr std::array k_deliveries{Retry{0ms, 0}, Retry{0ms, 1}, Retry{1min, 2}, Retry{5min, 3}};

Task<void> deliver_event(std::shared_ptr<Core> core, Json payload) {
  std::string reason;
  for (const Retry& retry : k_deliveries) {
    if (retry.after > 0ms) {
      const Nap how = co_await nap(core, retry.after);
      if (how == Nap::stopped) co_return;
    }
    Envelope envelope;
    envelope.type = "events_api";
    envelope.payload = payload;
    envelope.retry_attempt = retry.attempt;
    envelope.retry_reason = reason;
    const Delivery delivery = co_await Sockets::deliver(core, std::move(envelope));
    if (delivery.error.empty() || core->stopped) co_return;
    reason = delivery.error == "dispatch_failed" ? "connection_failed" : "timeout";
  }
}

std::string channel_of_event(const Json& event) {
  if (!event.contains("channel")) return {};
  const Json& channel = event["channel"];
  if (channel.is_string()) return channel.get<std::string>();
  return channel.is_object() ? channel.value("id", "") : std::string();
}

}  // namespace

Task<Nap> nap(std::shared_ptr<Core> core, Millis duration) {
  if (core->stopped) co_return Nap::stopped;
  const auto timer = core->clock.make_timer();
  const Listed listed(core->sleepers, timer.get());
  const Timer::Wake wake = co_await timer->wait(duration);
  if (core->stopped) co_return Nap::stopped;
  co_return wake == Timer::Wake::elapsed ? Nap::elapsed : Nap::poked;
}

Task<void> hang(std::shared_ptr<Core> core) {
  const auto timer = core->clock.make_timer();
  const Listed listed(core->hanging, timer.get());
  constexpr Millis k_for_good = 24h * 365;
  co_await timer->wait(k_for_good);
}

void send_event(Core& core, Json event) {
  const std::string type = event.value("type", "");
  const std::string subscribed =
      type == "message" ? "message." + event.value("channel_type", "channel") : type;
  if (std::ranges::find(core.options.events, subscribed) == core.options.events.end()) return;
  if (!event.contains("event_ts")) event["event_ts"] = core.workspace.next_ts();
  const World& world = core.workspace.world;
  const Channel* channel = world.find_channel(channel_of_event(event));
  const std::string event_id = random_id(core.random, "Ev0", 8);
  Json payload = {
      {"token", "verification-token"},
      {"team_id", world.team_id},
      {"api_app_id", core.options.app_id},
      {"event", event},
      {"type", "event_callback"},
      {"event_id", event_id},
      {"event_time", seconds_of(core.clock.now())},
      {"authorizations", Json::array({{{"enterprise_id", nullptr},
                                       {"team_id", world.team_id},
                                       {"user_id", world.bot.user_id},
                                       {"is_bot", true},
                                       {"is_enterprise_install", false}}})},
      {"is_ext_shared_channel", channel != nullptr && channel->is_ext_shared},
      {"event_context", fmt::format("4-{}", random_hex(core.random, 24))},
  };
  core.remember(core.events, std::pair(event_id, payload));
  asio::co_spawn(core.executor, deliver_event(core.shared_from_this(), std::move(payload)), asio::detached);
}

}  // namespace jitbot::sandbox

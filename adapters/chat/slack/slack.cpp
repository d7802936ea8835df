#include "adapters/chat/slack/slack.hpp"

#include "adapters/chat/read/http_date.hpp"
#include "adapters/chat/slack/hosts.hpp"
#include "adapters/chat/slack/json_read.hpp"
#include "adapters/chat/slack/pacing.hpp"
#include "adapters/chat/slack/parts.hpp"
#include "adapters/chat/slack/views.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <utility>

namespace jitbot::slack {

namespace {

using PartsPtr = std::shared_ptr<Slack::Parts>;
using WeakParts = std::weak_ptr<Slack::Parts>;

constexpr Millis k_shutdown = 2s;  // for what is under way when stopping: a form is looked at for 1.5 s

// "xapp-1-A111-…" names its app.
std::string app_of(const Secret& token) {
  const std::string& text = token.reveal();
  const auto first = text.find('-');
  const auto second = first == std::string::npos ? first : text.find('-', first + 1);
  const auto third = second == std::string::npos ? second : text.find('-', second + 1);
  if (third == std::string::npos || !text.starts_with("xapp-")) return {};
  return text.substr(second + 1, third - second - 1);
}

WebApiOptions api_options(const SlackOptions& options) {
  WebApiOptions api;
  api.url = options.api_url;
  api.app_token = options.app_token;
  api.bot_token = options.bot_token;
  api.pace = options.pace;
  return api;
}

Task<ApiResult<std::string>> open_url(WeakParts weak) {
  const PartsPtr parts = weak.lock();
  if (!parts) co_return tl::unexpected(ApiFault{Error{ErrorKind::unavailable, "stopped", "stopped"}, {}, {}});
  co_return co_await parts->api.open_connection();
}

Task<void> receive_if_there(WeakParts weak, Delivery delivery) {
  const PartsPtr parts = weak.lock();
  if (parts) co_await receive(parts, std::move(delivery));
}

// Told once for each code: a refused token answers every call so.
void refused(const WeakParts& weak, const ApiFault& fault) {
  const PartsPtr parts = weak.lock();
  if (!parts || !parts->refusals_told.insert(fault.code).second) return;
  spdlog::error("slack: alarm={} {}", to_string(Alarm::refused), fault.error.detail);
  if (parts->options.on_alarm)
    parts->options.on_alarm(Alarm::refused, fault.error.message + " (" + fault.code + ")");
}

SocketHooks hooks_of(const PartsPtr& parts) {
  const WeakParts weak = parts;
  SocketHooks hooks;
  hooks.open_url = [weak] { return open_url(weak); };
  hooks.on_envelope = [weak](Delivery delivery) { return receive_if_there(weak, std::move(delivery)); };
  hooks.on_alarm = parts->options.on_alarm;
  hooks.on_live = parts->options.on_live;
  return hooks;
}

Result<void> check_options(const SlackOptions& options) {
  if (!may_call(options.api_url)) {
    return fail(ErrorKind::invalid, "slack: api_url must be https, or http on loopback", options.api_url);
  }
  if (options.app_token.empty() || options.bot_token.empty()) {
    return fail(ErrorKind::invalid, "slack: app_token and bot_token are both needed", "a token is empty");
  }
  return {};
}

Task<Result<void>> learn_who_we_are(PartsPtr parts) {
  auto sound = check_options(parts->options);
  if (!sound) co_return sound;
  auto reply = co_await parts->api.call("auth.test", std::vector<net::FormField>());
  if (!reply) {
    Error error = reply.error().error;
    if (is_fatal(reply.error().code)) error.kind = ErrorKind::refused;
    co_return tl::make_unexpected(std::move(error));
  }
  Self self;
  self.team = text_at(*reply->body, {"team_id"});
  self.enterprise = text_at(*reply->body, {"enterprise_id"});
  self.user = text_at(*reply->body, {"user_id"});
  self.bot = text_at(*reply->body, {"bot_id"});
  if (self.team.empty()) {
    co_return fail(ErrorKind::refused, "Slack does not say which workspace the token is for",
                   "auth.test: no team_id");
  }
  parts->self = self;
  parts->messenger.know(self);
  parts->people.know(std::move(self));
  spdlog::info("slack: workspace={} user={}", parts->self.workspace(), parts->self.user);
  co_return Result<void>{};
}

// For what makes no sense before we know our workspace and our bot: people are told apart by it, and our own
// messages recognised. Not knowing it yet is never a reason to give up.
Task<Result<void>> introduced(PartsPtr parts) {
  if (!parts->self.team.empty()) co_return Result<void>{};
  auto known = co_await learn_who_we_are(parts);
  if (known) co_return known;
  Error error = std::move(known).error();
  error.kind = ErrorKind::unavailable;
  co_return tl::make_unexpected(std::move(error));
}

// Tries until Slack tells who we are, or says that it never will.
Task<Result<void>> introduce(PartsPtr parts, Slack* slack) {
  Backoff backoff;
  while (!parts->stopping) {
    auto known = co_await slack->connect();
    if (known) co_return known;
    const ErrorKind kind = known.error().kind;
    const bool lasting = kind == ErrorKind::refused || kind == ErrorKind::invalid;
    if (lasting || parts->stopping) co_return known;
    const auto timer = parts->retry;
    co_await timer->wait(Millis{1000} + backoff.next(parts->random));
  }
  co_return Result<void>{};
}

}  // namespace

Slack::Parts::Parts(Executor executor_in, Clock& clock_in, Random& random_in, net::HttpClient& http,
                    SlackOptions options_in)
    : executor(std::move(executor_in)),
      clock(clock_in),
      random(random_in),
      options(std::move(options_in)),
      api(clock, random, http, api_options(options)),
      messenger(clock, api),
      people(api),
      answers(clock, api, messenger),
      homes(clock),
      retry(clock.make_timer()),
      idle(std::make_shared<net::Waiter>(executor)) {}

Slack::Slack(Executor executor, Clock& clock, Random& random, net::HttpClient& http, SlackOptions options)
    : parts_(std::make_shared<Parts>(std::move(executor), clock, random, http, std::move(options))) {
  const WeakParts weak = parts_;
  parts_->api.on_fatal([weak](const ApiFault& fault) { refused(weak, fault); });
  SocketOptions sockets;
  sockets.connections = std::max(parts_->options.connections, 1U);
  sockets.ca_file = parts_->options.ca_file;
  sockets.proxies = parts_->options.proxies;
  sockets.app_id = app_of(parts_->options.app_token);
  parts_->sockets =
      std::make_unique<SocketManager>(parts_->executor, clock, random, std::move(sockets), hooks_of(parts_));
}

// Calls under way hold the parts; the HttpClient may go before they wake.
Slack::~Slack() {
  parts_->api.close();
}

Task<Result<void>> Slack::connect() {
  const PartsPtr parts = parts_;
  co_return co_await learn_who_we_are(parts);
}

Task<Result<void>> Slack::run(Inbox& inbox) {
  const PartsPtr parts = parts_;
  parts->inbox = &inbox;
  if (parts->self.team.empty()) {
    auto known = co_await introduce(parts, this);
    if (!known || parts->stopping) co_return known;
  }
  auto ended = co_await parts->sockets->run();
  parts->inbox = nullptr;
  co_return ended;
}

Task<void> Slack::stop() {
  const PartsPtr parts = parts_;
  if (std::exchange(parts->stopping, true)) co_return;
  parts->retry->poke();
  parts->answers.release_all();
  parts->homes.wake_all();
  if (parts->handling > 0) {
    const auto idle = parts->idle;
    co_await net::Waiter::wait_for(idle, k_shutdown);
  }
  co_await parts->sockets->stop();
}

void Slack::close() {
  parts_->api.close();
}

std::string Slack::workspace(std::string_view platform) const {
  return platform == "slack" && !parts_->self.team.empty() ? parts_->self.workspace() : std::string();
}

SlackStats Slack::stats() const {
  return parts_->sockets->stats();
}

bool Slack::live() const {
  return parts_->sockets->live();
}

Task<Result<MessageRef>> Slack::post(Place place, Card card, std::string key) {
  const PartsPtr parts = parts_;
  auto known = co_await introduced(parts);
  if (!known) co_return tl::make_unexpected(std::move(known).error());
  auto posted = co_await parts->messenger.post(std::move(place), std::move(card), std::move(key));
  refresh_homes(parts);  // a card or a notice tells of a change, whatever became of it
  co_return posted;
}

Task<Result<void>> Slack::update(MessageRef message, Card card, std::string key) {
  const PartsPtr parts = parts_;
  auto updated = co_await parts->messenger.update(std::move(message), std::move(card), std::move(key));
  refresh_homes(parts);
  co_return updated;
}

Task<Result<std::optional<MessageRef>>> Slack::find(Place place, std::string key, Time since) {
  const PartsPtr parts = parts_;
  auto known = co_await introduced(parts);
  if (!known) co_return tl::make_unexpected(std::move(known).error());
  co_return co_await parts->messenger.find(std::move(place), std::move(key), since);
}

Task<Result<void>> Slack::answer(Inbound to, Card card) {
  const PartsPtr parts = parts_;
  auto known = co_await introduced(parts);
  if (!known) co_return tl::make_unexpected(std::move(known).error());
  const PrincipalId who = to.from;
  auto answered = co_await parts->answers.answer(std::move(to), std::move(card));
  refresh_home(parts, who);
  co_return answered;
}

Task<Result<ChannelInfo>> Slack::channel(std::string name_or_id) {
  const PartsPtr parts = parts_;
  co_return co_await parts->messenger.channel(std::move(name_or_id));
}

Task<Result<Time>> Slack::server_time() {
  const PartsPtr parts = parts_;
  const auto reply = co_await parts->api.call("auth.test", std::vector<net::FormField>());
  if (!reply) co_return tl::make_unexpected(reply.error().error);
  const auto date = net::find_header(reply->headers, "Date");
  const auto time = date ? chat::parse_http_date(*date) : std::nullopt;
  if (!time) co_return fail(ErrorKind::unavailable, "Slack does not tell the time", "auth.test: no Date");
  co_return *time;
}

Task<Result<Person>> Slack::person(PrincipalId id) {
  const PartsPtr parts = parts_;
  auto known = co_await introduced(parts);
  if (!known) co_return tl::make_unexpected(std::move(known).error());
  co_return co_await parts->people.person(std::move(id));
}

Task<Result<std::set<PrincipalId>>> Slack::members(std::string group) {
  const PartsPtr parts = parts_;
  auto known = co_await introduced(parts);
  if (!known) co_return tl::make_unexpected(std::move(known).error());
  co_return co_await parts->people.members(std::move(group));
}

Task<Result<Person>> Slack::by_email(std::string email) {
  const PartsPtr parts = parts_;
  auto known = co_await introduced(parts);
  if (!known) co_return tl::make_unexpected(std::move(known).error());
  co_return co_await parts->people.by_email(std::move(email));
}

}  // namespace jitbot::slack

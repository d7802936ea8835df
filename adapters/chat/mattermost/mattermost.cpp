#include "adapters/chat/mattermost/mattermost.hpp"

#include "adapters/chat/mattermost/channel_id.hpp"
#include "adapters/chat/mattermost/introduction.hpp"
#include "adapters/chat/mattermost/parts.hpp"
#include "adapters/chat/mattermost/render.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <utility>

namespace jitbot::mattermost {

namespace {

using WeakParts = std::weak_ptr<Mattermost::Parts>;

constexpr Millis k_shutdown = 2s;
constexpr Millis k_button_life = 8 * 24h;  // pressed later, a button says what to type
// At the start: what was said while we were away. What was heard before is known to the inbox, which keeps
// its keys for a day.
constexpr Millis k_look_back = 20h;

RestOptions rest_options(const MattermostOptions& options) {
  RestOptions rest;
  rest.url = options.url;
  rest.token = options.token;
  return rest;
}

Dress dress_for(const Mattermost::Parts& parts, const Occasion& occasion) {
  Dress dress;
  dress.limits = parts.limits;
  dress.command = parts.options.callbacks ? parts.options.command : "@" + parts.self.username;
  if (parts.options.callbacks) {
    dress.clicks = Clicks{parts.options.callbacks->url + "/action", parts.options.seal_key,
                          bare_channel(occasion.channel), parts.clock.now() + k_button_life};
  } else {
    dress.votes = Votes{parts.options.seal_key, bare_channel(occasion.channel), std::nullopt, Time(), {}};
  }
  return dress;
}

Messenger::DressFor dresser(WeakParts weak) {
  return [weak = std::move(weak)](const Occasion& occasion) {
    const PartsPtr parts = weak.lock();
    return parts ? dress_for(*parts, occasion) : Dress();
  };
}

Task<Result<void>> hear_event(WeakParts weak, Event event) {
  const PartsPtr parts = weak.lock();
  if (!parts) co_return fail(ErrorKind::unavailable, "stopped", "stopped");
  co_return co_await hear(parts, std::move(event.body), std::move(event.connection));
}

Task<Result<void>> look_up(WeakParts weak) {
  const PartsPtr parts = weak.lock();
  if (!parts) co_return fail(ErrorKind::unavailable, "stopped", "stopped");
  co_return co_await look_up_missed(parts);
}

Task<Result<void>> ask_who_we_are(WeakParts weak) {
  const PartsPtr parts = weak.lock();
  if (!parts) co_return fail(ErrorKind::unavailable, "stopped", "stopped");
  auto reply = co_await parts->rest.get(k_who_am_i);
  if (!reply) co_return tl::unexpected<Error>(reply.error().error);
  co_return Result<void>();
}

Task<net::ServerResponse> serve_if_there(WeakParts weak, net::ServerRequest request) {
  const PartsPtr parts = weak.lock();
  if (parts) co_return co_await serve(parts, std::move(request));
  net::ServerResponse gone;
  gone.status = 503;
  co_return gone;
}

SocketHooks hooks_of(const PartsPtr& parts) {
  const WeakParts weak = parts;
  SocketHooks hooks;
  hooks.on_event = [weak](Event event) { return hear_event(weak, std::move(event)); };
  hooks.on_lost = [weak] { return look_up(weak); };
  hooks.who_am_i = [weak] { return ask_who_we_are(weak); };
  hooks.on_alarm = parts->options.on_alarm;
  hooks.on_live = parts->options.on_live;
  return hooks;
}

Task<Result<void>> learn_who_we_are(PartsPtr parts) {
  auto learned = co_await introduce(parts->rest, parts->options.url, parts->options.team);
  if (!learned) co_return tl::unexpected<Error>(learned.error());
  parts->self = learned->self;
  parts->signing_key = learned->signing_key;
  parts->limits = learned->limits;
  parts->messenger.know(parts->self);
  parts->people.know(parts->self);
  spdlog::info("mattermost: workspace={} user={} team={} version={}", parts->self.workspace(),
               parts->self.username, parts->options.team, learned->version);
  co_return Result<void>();
}

// For what makes no sense before we know our server and our bot. Not knowing it yet is never a reason to give
// up.
Task<Result<void>> introduced(PartsPtr parts) {
  if (parts->known()) co_return Result<void>();
  auto known = co_await learn_who_we_are(parts);
  if (known) co_return known;
  Error error = std::move(known).error();
  error.kind = ErrorKind::unavailable;
  co_return tl::unexpected<Error>(std::move(error));
}

// Tries until the server tells who we are, or says that it never will.
Task<Result<void>> introduce_for_good(PartsPtr parts) {
  net::Backoff backoff;
  while (!parts->stopping && !parts->known()) {
    auto known = co_await learn_who_we_are(parts);
    if (known) co_return known;
    const ErrorKind kind = known.error().kind;
    if (kind == ErrorKind::refused || kind == ErrorKind::invalid) co_return known;
    spdlog::warn("mattermost: not reached: {}", known.error().detail);
    const auto timer = parts->retry;
    co_await timer->wait(Millis{1000} + backoff.next(parts->random));
  }
  co_return Result<void>();
}

// Longer than the server keeps a connection it does not use (90 s): a call that meets one which we are just
// closing is lost, and the server does not repeat it.
constexpr Millis k_kept_open = 120s;

Result<void> listen(const PartsPtr& parts) {
  if (!parts->options.callbacks || parts->server) return {};
  net::HttpServerOptions options;
  options.address = parts->options.callbacks->address;
  options.port = parts->options.callbacks->port;
  options.idle_timeout = k_kept_open;
  const WeakParts weak = parts;
  auto server = std::make_unique<net::HttpServer>(
      parts->executor, std::move(options),
      [weak](net::ServerRequest request) { return serve_if_there(weak, std::move(request)); });
  auto started = server->start();
  if (!started) return started;
  parts->server = std::move(server);
  spdlog::info("event=callbacks_listening address={} port={}", parts->options.callbacks->address,
               parts->server->port());
  return {};
}

Task<void> begin_hearing(PartsPtr parts) {
  auto now = co_await server_time_of(parts->rest);
  const Time from = now.value_or(parts->clock.now()) - k_look_back;
  parts->catch_up = std::make_shared<CatchUp>(parts->rest, from);
  parts->catch_up->know_team(parts->self.team);
}

std::unique_ptr<Socket> make_socket(const PartsPtr& parts) {
  SocketOptions options;
  options.url = parts->options.url;
  options.token = parts->options.token;
  options.ca_file = parts->options.ca_file;
  options.proxies = parts->options.proxies;
  return std::make_unique<Socket>(parts->executor, parts->clock, parts->random, std::move(options),
                                  hooks_of(parts));
}

}  // namespace

Mattermost::Parts::Parts(Executor executor_in, Clock& clock_in, Random& random_in, net::HttpClient& http,
                         MattermostOptions options_in)
    : executor(std::move(executor_in)),
      clock(clock_in),
      random(random_in),
      options(std::move(options_in)),
      rest(clock, random, http, rest_options(options)),
      names(clock, rest),
      messenger(clock, random, rest, names),
      people(rest),
      open(clock),
      addresses(clock),
      retry(clock.make_timer()),
      idle(std::make_shared<net::Waiter>(executor)) {}

Mattermost::Mattermost(Executor executor, Clock& clock, Random& random, net::HttpClient& http,
                       MattermostOptions options)
    : parts_(std::make_shared<Parts>(std::move(executor), clock, random, http, std::move(options))) {
  parts_->messenger.dress_by(dresser(parts_));
  parts_->people.know_groups(parts_->options.groups_named);
  parts_->socket = make_socket(parts_);
}

// Calls under way hold the parts; the HttpClient may go before they wake.
Mattermost::~Mattermost() {
  parts_->rest.close();
}

Task<Result<void>> Mattermost::connect() {
  const PartsPtr parts = parts_;
  co_return co_await learn_who_we_are(parts);
}

Task<Result<void>> Mattermost::run(Inbox& inbox) {
  const PartsPtr parts = parts_;
  parts->inbox = &inbox;
  auto known = co_await introduce_for_good(parts);
  if (!known || parts->stopping) co_return known;
  auto listening = listen(parts);
  if (!listening) co_return listening;
  co_await begin_hearing(parts);
  if (parts->stopping) co_return Result<void>();
  auto ended = co_await parts->socket->run();
  parts->inbox = nullptr;
  // One that failed is over for good; whoever runs us once more gets another.
  if (!ended && !parts->stopping) parts->socket = make_socket(parts);
  co_return ended;
}

Task<void> Mattermost::stop() {
  const PartsPtr parts = parts_;
  if (std::exchange(parts->stopping, true)) co_return;
  parts->retry->poke();
  parts->open.release_all();
  if (parts->handling > 0) {
    const auto idle = parts->idle;
    co_await net::Waiter::wait_for(idle, k_shutdown);
  }
  if (parts->server) parts->server->stop();
  co_await parts->socket->stop();
}

void Mattermost::close() {
  parts_->rest.close();
}

unsigned Mattermost::unanswered_callbacks() const {
  return parts_->unanswered;
}

bool Mattermost::live() const {
  return parts_->socket->live();
}

std::string Mattermost::workspace(std::string_view platform) const {
  return platform == "mattermost" && parts_->known() ? parts_->self.workspace() : std::string();
}

Task<Result<MessageRef>> Mattermost::post(Place place, Card card, std::string key) {
  const PartsPtr parts = parts_;
  auto known = co_await introduced(parts);
  if (!known) co_return tl::unexpected<Error>(known.error());
  co_return co_await parts->messenger.post(std::move(place), std::move(card), std::move(key));
}

Task<Result<void>> Mattermost::update(MessageRef message, Card card, std::string key) {
  const PartsPtr parts = parts_;
  auto known = co_await introduced(parts);
  if (!known) co_return known;
  co_return co_await parts->messenger.update(std::move(message), std::move(card), std::move(key));
}

Task<Result<std::optional<MessageRef>>> Mattermost::find(Place place, std::string key, Time since) {
  const PartsPtr parts = parts_;
  auto known = co_await introduced(parts);
  if (!known) co_return tl::unexpected<Error>(known.error());
  co_return co_await parts->messenger.find(std::move(place), std::move(key), since);
}

Task<Result<ChannelInfo>> Mattermost::channel(std::string name_or_id) {
  const PartsPtr parts = parts_;
  auto known = co_await introduced(parts);
  if (!known) co_return tl::unexpected<Error>(known.error());
  co_return co_await parts->messenger.channel(std::move(name_or_id));
}

Task<Result<Time>> Mattermost::server_time() {
  const PartsPtr parts = parts_;
  co_return co_await server_time_of(parts->rest);
}

Task<Result<Person>> Mattermost::person(PrincipalId id) {
  const PartsPtr parts = parts_;
  auto known = co_await introduced(parts);
  if (!known) co_return tl::unexpected<Error>(known.error());
  co_return co_await parts->people.person(std::move(id));
}

Task<Result<std::set<PrincipalId>>> Mattermost::members(std::string group) {
  const PartsPtr parts = parts_;
  auto known = co_await introduced(parts);
  if (!known) co_return tl::unexpected<Error>(known.error());
  co_return co_await parts->people.members(std::move(group));
}

Task<Result<Person>> Mattermost::by_email(std::string email) {
  const PartsPtr parts = parts_;
  auto known = co_await introduced(parts);
  if (!known) co_return tl::unexpected<Error>(known.error());
  co_return co_await parts->people.by_email(std::move(email));
}

namespace {

Task<bool> answered_by_address(PartsPtr parts, Inbound to, Card card) {
  if (!parts->addresses.may_use(to.reply.url, to.at)) co_return false;
  Occasion occasion;
  occasion.channel = to.reply.channel;
  occasion.reader = to.from;
  const Dress dress = co_await parts->messenger.dress(card, std::move(occasion));
  auto message = std::make_shared<const nlohmann::json>(command_answer(card, dress));
  auto url = to.reply.url;
  auto sent = co_await parts->rest.respond(std::move(url), std::move(message));
  co_return sent.has_value();
}

}  // namespace

// In the callback while it is open, else by its answer address, else in the direct conversation: only system
// administrators may post what one person alone sees, and it never arrives for sure (mattermost.md §2).
Task<Result<void>> Mattermost::answer(Inbound to, Card card) {
  const PartsPtr parts = parts_;
  if (parts->open.answer(to.key, card)) co_return Result<void>();
  auto known = co_await introduced(parts);
  if (!known) co_return known;
  const bool sent = co_await answered_by_address(parts, to, card);
  if (sent) co_return Result<void>();
  Place place;
  const bool said_directly = to.reply.where == ReplyTo::Where::direct && !to.reply.channel.empty();
  if (said_directly) {
    place.channel = to.reply.channel;
    place.thread = to.reply.thread;
  } else {
    place.direct = to.from;
  }
  auto posted = co_await parts->messenger.post(std::move(place), std::move(card), "answer:" + to.key);
  if (posted) co_return Result<void>();
  spdlog::warn("mattermost: no way to answer: {}", posted.error().detail);
  co_return tl::unexpected<Error>(posted.error());
}

}  // namespace jitbot::mattermost

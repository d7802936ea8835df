#include "adapters/chat/sandbox/sandbox.hpp"

#include "adapters/chat/sandbox/core.hpp"
#include "adapters/chat/sandbox/directory.hpp"
#include "adapters/chat/sandbox/page.hpp"
#include "adapters/chat/sandbox/people.hpp"
#include "adapters/chat/sandbox/web_api.hpp"
#include "adapters/net/url.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>

namespace jitbot::sandbox {

using Json = nlohmann::json;

std::vector<std::string> default_scopes() {
  return {"commands",         "chat:write",       "im:write",         "im:read",       "im:history",
          "users:read",       "users:read.email", "usergroups:read",  "channels:read", "groups:read",
          "channels:history", "groups:history",   "app_mentions:read"};
}

std::vector<std::string> default_events() {
  return {"app_home_opened",     "app_mention",        "message.im",      "member_joined_channel",
          "member_left_channel", "user_change",        "team_join",       "subteam_members_changed",
          "subteam_updated",     "subteam_created",    "channel_left",    "group_archive",
          "group_unarchive",     "group_deleted",      "group_rename",    "group_left",
          "channel_archive",     "channel_unarchive",  "channel_rename",  "channel_shared",
          "channel_unshared",    "channel_id_changed", "channel_deleted", "tokens_revoked",
          "app_uninstalled"};
}

namespace {

Task<net::ServerResponse> serve(std::weak_ptr<Core> weak, net::ServerRequest request) {
  net::ServerResponse gone;
  gone.status = 503;
  const auto core = weak.lock();
  if (core == nullptr || core->stopped) co_return gone;
  const std::string_view path = request.path;
  if (path.starts_with("/api/")) {
    net::ServerResponse answer = co_await serve_api(core, std::move(request));
    co_return answer;
  }
  if (path.starts_with("/commands/") || path.starts_with("/actions/")) {
    net::ServerResponse answer = co_await serve_response_url(core, std::move(request));
    co_return answer;
  }
  net::ServerResponse answer = co_await serve_page(core, std::move(request));
  co_return answer;
}

Task<void> upgraded(std::weak_ptr<Core> weak, net::ServerRequest request,
                    std::shared_ptr<net::WebSocket> socket) {
  const auto core = weak.lock();
  if (core == nullptr || core->stopped) co_return;
  if (request.path == "/page/live") {
    co_await serve_page_socket(core, std::move(socket));
  } else {
    co_await Sockets::serve(core, std::move(socket));
  }
}

int gate(const std::weak_ptr<Core>& weak, const net::ServerRequest& request) {
  const auto core = weak.lock();
  if (core == nullptr || core->stopped) return 503;
  if (request.path == "/page/live") return page_gate(*core, request);
  if (request.path == "/link/") return core->sockets.gate(request);
  return 404;
}

}  // namespace

Sandbox::Sandbox(Executor executor, Clock& clock, Random& random, World world, SandboxOptions options)
    : core_(
          std::make_shared<Core>(std::move(executor), clock, random, std::move(world), std::move(options))) {}

Sandbox::~Sandbox() {
  core_->stop();
}

Result<void> Sandbox::start() {
  const auto address = net::parse_url("http://" + core_->host() + "/");
  if (!address || !address->loopback()) {
    return fail(ErrorKind::invalid,
                "the sandbox lets anybody act as anybody and serves loopback addresses only, not " +
                    core_->options.address);
  }
  net::HttpServerOptions options;
  options.address = core_->options.address;
  options.port = core_->options.port;
  const std::weak_ptr<Core> weak = core_;
  core_->server = std::make_unique<net::HttpServer>(
      core_->executor, options,
      [weak](net::ServerRequest request) { return serve(weak, std::move(request)); });
  core_->server->on_upgrade([weak](const net::ServerRequest& request) { return gate(weak, request); },
                            [weak](net::ServerRequest request, std::shared_ptr<net::WebSocket> socket) {
                              return upgraded(weak, std::move(request), std::move(socket));
                            });
  return core_->server->start();
}

void Sandbox::stop() {
  core_->stop();
}

void Sandbox::set_banner(std::string text) {
  core_->options.banner = std::move(text);
  core_->workspace.changes.touch();
}

std::uint16_t Sandbox::port() const {
  return core_->server ? core_->server->port() : core_->options.port;
}
std::string Sandbox::api_url() const {
  return core_->url("/api/");
}
std::string Sandbox::page_url() const {
  return core_->url("/");
}
const std::string& Sandbox::app_token() const {
  return core_->options.app_token;
}
const std::string& Sandbox::bot_token() const {
  return core_->options.bot_token;
}
const World& Sandbox::world() const {
  return core_->workspace.world;
}

Task<Outcome> Sandbox::run_command(CommandInput input) {
  return sandbox::run_command(core_, std::move(input));
}
Result<std::string> Sandbox::say(SayInput input) {
  return sandbox::say(*core_, std::move(input));
}
Task<Outcome> Sandbox::click(ClickInput input) {
  return sandbox::click(core_, std::move(input));
}
Task<Suggestions> Sandbox::suggest(SuggestInput input) {
  return sandbox::suggest(core_, std::move(input));
}
Task<Outcome> Sandbox::submit(SubmitInput input) {
  return sandbox::submit(core_, std::move(input));
}
Task<Outcome> Sandbox::close(CloseInput input) {
  return sandbox::close_view(core_, std::move(input));
}
Task<Outcome> Sandbox::shortcut(ShortcutInput input) {
  return sandbox::use_shortcut(core_, std::move(input));
}
Result<std::string> Sandbox::open_dm(std::string user) {
  return sandbox::open_dm(*core_, user);
}
Result<void> Sandbox::open_home(std::string user, HomeTab tab) {
  return sandbox::open_home(*core_, user, tab);
}

namespace {

std::vector<Message> copies(const std::vector<const Message*>& messages) {
  std::vector<Message> out;
  out.reserve(messages.size());
  for (const Message* message : messages) out.push_back(*message);
  return out;
}

}  // namespace

std::vector<Message> Sandbox::messages(std::string channel) const {
  const Channel* found = core_->workspace.resolve(channel);
  return found == nullptr ? std::vector<Message>{} : copies(core_->workspace.in_channel(found->id));
}

std::vector<Message> Sandbox::thread(std::string channel, std::string thread_ts) const {
  const Channel* found = core_->workspace.resolve(channel);
  return found == nullptr ? std::vector<Message>{} : copies(core_->workspace.replies(found->id, thread_ts));
}

std::vector<Message> Sandbox::ephemerals(std::string user) const {
  std::vector<Message> out;
  const Person* person = world().find_person(user);
  if (person == nullptr) return out;
  for (const Message& message : core_->workspace.ephemerals()) {
    if (message.only_for == person->id && !message.deleted) out.push_back(message);
  }
  return out;
}

std::optional<Message> Sandbox::find_message(std::string channel, std::string ts) const {
  const Channel* found = core_->workspace.resolve(channel);
  const Message* message = found == nullptr ? nullptr : core_->workspace.find(found->id, ts);
  return message == nullptr ? std::nullopt : std::optional<Message>(*message);
}

std::vector<View> Sandbox::open_views(std::string user) const {
  const Person* person = world().find_person(user);
  if (person == nullptr) return {};
  return core_->workspace.stack(person->id);
}

std::optional<View> Sandbox::home(std::string user) const {
  const Person* person = world().find_person(user);
  if (person == nullptr) return std::nullopt;
  const auto found = core_->workspace.homes().find(person->id);
  return found == core_->workspace.homes().end() ? std::nullopt : std::optional<View>(found->second);
}

const std::deque<ApiCall>& Sandbox::api_calls() const {
  return core_->calls;
}
const std::deque<EnvelopeRecord>& Sandbox::envelopes() const {
  return core_->envelopes;
}
std::vector<std::string> Sandbox::event_ids() const {
  std::vector<std::string> ids;
  for (const auto& [id, payload] : core_->events) ids.push_back(id);
  return ids;
}
std::vector<ConnectionInfo> Sandbox::connections() const {
  return core_->sockets.list();
}
std::vector<Farewell> Sandbox::farewells() const {
  return core_->sockets.farewells();
}
std::uint64_t Sandbox::sequence() const {
  return core_->workspace.changes.sequence();
}
std::shared_ptr<void> Sandbox::on_change(std::function<void()> listener) {
  return core_->workspace.changes.subscribe(std::move(listener));
}
Task<void> Sandbox::changed(std::uint64_t after) {
  return core_->workspace.changes.after(after);
}

Result<void> Sandbox::add_person(Person person) {
  return directory::add_person(*core_, std::move(person));
}
Result<void> Sandbox::deactivate(std::string user) {
  return directory::set_active(*core_, user, directory::Change::deactivate);
}
Result<void> Sandbox::reactivate(std::string user) {
  return directory::set_active(*core_, user, directory::Change::reactivate);
}
Result<void> Sandbox::set_email(std::string user, std::string email) {
  return directory::set_email(*core_, user, directory::NewEmail{std::move(email)});
}
Result<void> Sandbox::set_kind(std::string user, PersonKind kind) {
  return directory::set_kind(*core_, user, kind);
}
Result<void> Sandbox::set_group_members(std::string group, std::vector<std::string> members) {
  return directory::set_group_members(*core_, group, std::move(members));
}
Result<void> Sandbox::set_group_enabled(std::string group, Switch enabled) {
  return directory::set_group_enabled(*core_, group, enabled);
}
Result<void> Sandbox::join_channel(std::string channel, std::string user) {
  return directory::set_membership(*core_, channel, user, directory::Membership::join);
}
Result<void> Sandbox::leave_channel(std::string channel, std::string user) {
  return directory::set_membership(*core_, channel, user, directory::Membership::leave);
}
Result<void> Sandbox::archive_channel(std::string channel, Switch archived) {
  return directory::archive(*core_, channel, archived);
}
Result<void> Sandbox::rename_channel(std::string channel, std::string name) {
  return directory::rename(*core_, channel, directory::NewName{std::move(name)});
}
Result<void> Sandbox::make_private(std::string channel, Switch is_private) {
  return directory::make_private(*core_, channel, is_private);
}
Result<void> Sandbox::share_channel(std::string channel, Switch shared) {
  return directory::share(*core_, channel, shared);
}

void Sandbox::revoke_tokens() {
  const std::string bot = world().bot.user_id;
  send_event(
      {{"type", "tokens_revoked"}, {"tokens", {{"oauth", Json::array()}, {"bot", Json::array({bot})}}}});
  core_->token_error = "token_revoked";
}

void Sandbox::uninstall_app() {
  send_event({{"type", "app_uninstalled"}});
  core_->token_error = "account_inactive";
}

void Sandbox::send_event(Json event) {
  sandbox::send_event(*core_, std::move(event));
}

void Sandbox::disconnect(DisconnectReason reason) {
  if (reason == DisconnectReason::link_disabled) core_->faults.link_disabled = true;
  core_->sockets.disconnect(reason);
}

void Sandbox::enable_link() {
  core_->faults.link_disabled = false;
}
void Sandbox::drop_connections() {
  core_->sockets.drop_all();
}
void Sandbox::freeze_connections() {
  core_->sockets.freeze_all();
}
void Sandbox::refuse_upgrades(UpgradeFault fault) {
  core_->faults.add(fault);
}
void Sandbox::withhold_hello(Switch withheld) {
  core_->faults.hello_withheld = withheld == Switch::on;
}
void Sandbox::fail_calls(MethodFault fault) {
  core_->faults.add(std::move(fault));
}
void Sandbox::clear_faults() {
  core_->faults.clear();
  core_->release_hanging();
}
void Sandbox::release_hanging() {
  core_->release_hanging();
}

void Sandbox::outage(Switch down) {
  core_->faults.down = down == Switch::on;
  if (down == Switch::on) core_->sockets.drop_all();
  core_->workspace.changes.touch();
}

void Sandbox::set_rate_limits(Switch limits) {
  core_->rate_limits = limits;
  core_->limits.reset();
}

void Sandbox::set_scopes(std::vector<std::string> scopes) {
  core_->options.scopes = std::move(scopes);
}

namespace {

Task<void> deliver_again(std::shared_ptr<Core> core, Envelope envelope) {
  const Delivery delivery = co_await Sockets::deliver(core, std::move(envelope));
  (void)delivery;  // its record says how it went
}

}  // namespace

Result<void> Sandbox::redeliver(std::string event_id, int retry_attempt, std::string retry_reason) {
  const auto found =
      std::ranges::find(core_->events, event_id, [](const auto& event) { return event.first; });
  if (found == core_->events.end()) return fail(ErrorKind::not_found, "no event " + event_id + " was sent");
  Envelope envelope;
  envelope.type = "events_api";
  envelope.payload = found->second;
  envelope.retry_attempt = retry_attempt;
  envelope.retry_reason = std::move(retry_reason);
  boost::asio::co_spawn(core_->executor, deliver_again(core_, std::move(envelope)), boost::asio::detached);
  return {};
}

}  // namespace jitbot::sandbox

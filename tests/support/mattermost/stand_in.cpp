#include "tests/support/mattermost/stand_in.hpp"

#include "adapters/net/http_server.hpp"
#include "tests/support/mattermost/front.hpp"
#include "tests/support/mattermost/outgoing.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace jitbot::mattermost_stand_in {

StandIn::StandIn(Executor executor, Clock& clock, Random& random, const World& world, Options options)
    : core_(std::make_shared<Core>(std::move(executor), clock, random, world, std::move(options))) {}

StandIn::~StandIn() {
  stop();
  core_->over = true;
}

void StandIn::open() {
  net::HttpServerOptions options;
  options.address = core_->options.address;
  options.port = port_ != 0 ? port_ : core_->options.port;
  options.max_body = 8UL * 1024 * 1024;
  // The server is held by this object alone: what runs on it holds the core.
  const std::shared_ptr<Core> core = core_;
  server_ = std::make_unique<net::HttpServer>(core->executor, options, [core](net::ServerRequest request) {
    return serve_call(core, std::move(request));
  });
  server_->on_upgrade([core](const net::ServerRequest& request) { return core->sockets.gate(request); },
                      [core](net::ServerRequest request, std::shared_ptr<net::WebSocket> socket) {
                        return Sockets::serve(core, std::move(request), std::move(socket));
                      });
}

Result<void> StandIn::start() {
  open();
  if (auto started = server_->start(); !started) return started;
  port_ = server_->port();
  core_->site_url = "http://" + core_->options.address + ":" + std::to_string(port_);
  core_->config["ServiceSettings"]["SiteURL"] = core_->site_url;
  return {};
}

void StandIn::stop() {
  if (server_ == nullptr) return;
  core_->sockets.forget_all();
  server_->stop();
  server_.reset();
}

const std::string& StandIn::url() const {
  return core_->site_url;
}

const std::string& StandIn::team_id() const {
  return core_->team;
}

std::string StandIn::id_of(std::string_view username) const {
  const User* user = core_->user_named(username);
  if (user == nullptr) throw std::logic_error("no such user: " + std::string(username));
  return user->id;
}

std::string StandIn::channel_id(std::string_view name) const {
  if (name.starts_with('#')) name.remove_prefix(1);
  const Channel* channel = core_->channel_named(name);
  if (channel == nullptr) throw std::logic_error("no such channel: " + std::string(name));
  return channel->id;
}

std::string StandIn::dm_id(std::string_view one, std::string_view other) const {
  const Channel* channel = core_->direct_channel(id_of(one), id_of(other));
  return channel == nullptr ? std::string() : channel->id;
}

std::string StandIn::token_of(std::string_view username) const {
  const std::string id = id_of(username);
  for (const Token& token : core_->tokens) {
    if (token.user == id && token.active) return token.token;
  }
  throw std::logic_error("no token of " + std::string(username));
}

std::string StandIn::command_token(std::string_view trigger) const {
  for (const Command& command : core_->commands) {
    if (command.delete_at == 0 && text_of(command.fields, "trigger") == trigger) return command.token;
  }
  throw std::logic_error("no such command: " + std::string(trigger));
}

void StandIn::add_user(const NewUser& user) {
  core_->add_user(user);
  const std::string id = id_of(user.username);
  for (const char* channel : {"town-square", "off-topic"}) core_->channel_named(channel)->members.insert(id);
}

void StandIn::move_away(std::string_view username) {
  core_->user(id_of(username))->remote_id = core_->new_id();
}

Client StandIn::as(std::string_view username) {
  return {core_, id_of(username)};
}

Answer StandIn::as_admin(const std::string& method, const std::string& path, Json body) {
  const auto is_admin = [](const auto& each) { return each.second.admin(); };
  const auto admin = std::ranges::find_if(core_->users, is_admin);
  if (admin == core_->users.end()) throw std::logic_error("nobody is an administrator");
  return call_at_once(*core_, admin->first, method, path, std::move(body));
}

Result<std::string> StandIn::add_command(const std::string& trigger, const std::string& url) {
  const Json body = {{"team_id", core_->team}, {"trigger", trigger},   {"method", "P"}, {"url", url},
                     {"username", trigger},    {"auto_complete", true}};
  const Answer made = as_admin("POST", "/commands", body);
  if (made.status != 201) return fail(ErrorKind::refused, text_of(made.json, "message"));
  return text_of(made.json, "token");
}

std::vector<Message> StandIn::messages(const std::string& channel_id) const {
  std::vector<Message> seen;
  for (const Post& post : core_->posts) {
    if (post.channel == channel_id && post.delete_at == 0) seen.push_back(shown(*core_, post));
  }
  return seen;
}

std::optional<Message> StandIn::message(const std::string& post_id) const {
  const Post* post = core_->post(post_id);
  if (post == nullptr || post->delete_at != 0) return std::nullopt;
  return shown(*core_, *post);
}

const std::vector<CallRecord>& StandIn::calls() const {
  return core_->calls;
}

std::size_t StandIn::calls(std::string_view method, std::string_view route) const {
  const auto is_it = [&](const CallRecord& call) { return call.method == method && call.route == route; };
  return static_cast<std::size_t>(std::ranges::count_if(core_->calls, is_it));
}

const std::vector<Callback>& StandIn::callbacks() const {
  return core_->callbacks;
}

std::size_t StandIn::sockets() const {
  return core_->sockets.live();
}

unsigned StandIn::calls_under_way() const {
  return core_->http.under_way();
}

void StandIn::restart() {
  stop();
  core_->warm.clear();
  core_->pending_posts.clear();
  core_->posts_in_flight.clear();
  core_->faults.forget_admissions();
  if (auto started = start(); !started) throw std::runtime_error(started.error().message);
}

void StandIn::drop_sockets() {
  core_->sockets.drop_all();
}

void StandIn::lose_resume() {
  core_->sockets.forget_all();
}

void StandIn::hang_sockets() {
  core_->sockets.hang_all();
}

void StandIn::lose_database(Database how) {
  core_->faults.database = how;
}

void StandIn::restore_database() {
  core_->faults.database = Database::well;
}

void StandIn::limit_rate(RateLimit limit) {
  core_->faults.forget_admissions();
  core_->faults.limit = limit;
}

void StandIn::lift_limit() {
  core_->faults.limit.reset();
}

void StandIn::be_slow(Millis each) {
  core_->faults.slowness = each;
}

void StandIn::plan(PlannedAnswer answer) {
  core_->faults.planned.push_back(std::move(answer));
}

void StandIn::forget_plans() {
  core_->faults.planned.clear();
}

void StandIn::lose_next_post() {
  plan({"POST", "/posts", no_answer(), PlannedAnswer::When::afterwards, 1});
}

void StandIn::disable_bot(std::string_view username) {
  as_admin("POST", "/bots/" + id_of(username) + "/disable");
}

void StandIn::enable_bot(std::string_view username) {
  as_admin("POST", "/bots/" + id_of(username) + "/enable");
}

void StandIn::revoke_tokens(std::string_view username) {
  const std::string id = id_of(username);
  for (Token& token : core_->tokens) {
    if (token.user == id) token.active = false;
  }
}

void StandIn::restore_tokens(std::string_view username) {
  const std::string id = id_of(username);
  for (Token& token : core_->tokens) {
    if (token.user == id) token.active = true;
  }
}

namespace {

Task<Outcome> send_to_integration(std::shared_ptr<Core> core, Outgoing what) {
  const Reply reply = co_await call_out(core, std::move(what));
  Outcome outcome;
  outcome.status = reply.status;
  outcome.json = Json::parse(reply.body, nullptr, false);
  co_return outcome;
}

}  // namespace

Task<Outcome> StandIn::send_again(Callback callback) {
  Outgoing what;
  what.method = callback.method;
  what.url = callback.url;
  what.headers = callback.headers;
  what.body = callback.body;
  return send_to_integration(core_, std::move(what));
}

Task<Outcome> StandIn::send_forged(std::string url, net::Headers headers, std::string body) {
  Outgoing what;
  what.url = std::move(url);
  what.headers = std::move(headers);
  what.body = std::move(body);
  return send_to_integration(core_, std::move(what));
}

}  // namespace jitbot::mattermost_stand_in

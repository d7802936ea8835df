#include "bot/app/demo/mattermost/member.hpp"

#include "adapters/chat/mattermost/socket.hpp"
#include "adapters/chat/read/http_date.hpp"
#include "adapters/chat/read/json_read.hpp"
#include "bot/app/demo/mattermost/admin.hpp"

#include <fmt/format.h>

namespace jitbot::town {

namespace {

using chat::text_at;
using Json = nlohmann::json;

constexpr Millis k_attempt{20s};  // commands and clicks wait for the bot's answer
constexpr Millis k_pause{500};    // before a lost socket is dialled again
constexpr std::size_t k_answer_page = 200;

mattermost::RestOptions options_of(const Line& line, Secret session) {
  mattermost::RestOptions options{line.url, std::move(session)};
  options.attempt = k_attempt;
  return options;
}

}  // namespace

Member::Member(std::shared_ptr<const Line> line, Resident resident, Hooks hooks)
    : line_(std::move(line)),
      resident_(std::move(resident)),
      hooks_(std::move(hooks)),
      pause_(line_->clock.make_timer()) {}

Task<Result<void>> Member::log_in(std::string bot) {
  mattermost::Rest nobody(line_->clock, line_->random, line_->http, options_of(*line_, Secret()));
  mattermost::RestCall call;
  call.method = "POST";
  call.path = "/users/login";
  call.as = mattermost::As::nobody;
  call.body = body_of({{"login_id", resident_.username}, {"password", resident_.password.reveal()}});
  auto reply = co_await nobody.call(std::move(call));
  if (!reply)
    co_return fail(reply.error().error.kind,
                   fmt::format("@{} cannot log in: {}", resident_.username, words_of(reply.error())));
  // By the server's clock, as the times of posts are.
  const auto date = net::find_header(reply->headers, "Date");
  since_ = date ? chat::parse_http_date(*date).value_or(line_->clock.now()) : line_->clock.now();
  session_ = Secret(std::string(net::find_header(reply->headers, "Token").value_or("")));
  rest_.emplace(line_->clock, line_->random, line_->http, options_of(*line_, session_));
  auto direct = co_await send("POST", "/channels/direct", Json::array({resident_.id, bot}));
  if (!direct)
    co_return fail(direct.error().error.kind, fmt::format("@{} cannot write to the bot: {}",
                                                          resident_.username, words_of(direct.error())));
  direct_ = text_at(*direct->body, {"id"});
  co_return Result<void>();
}

Task<mattermost::RestResult<mattermost::RestReply>> Member::send(std::string method, std::string path,
                                                                 Json body) {
  mattermost::RestCall call;
  call.method = std::move(method);
  call.path = std::move(path);
  if (!body.is_null()) call.body = body_of(std::move(body));
  call.repeat = call.method == "GET" ? mattermost::Repeat::safe : mattermost::Repeat::never;
  co_return co_await rest_->call(std::move(call));
}

void Member::leave() {
  left_ = true;
  if (rest_) rest_->close();
  if (socket_) socket_->drop();
  pause_->poke();
}

Task<void> Member::listen(std::vector<std::string> channels) {
  const auto self = shared_from_this();
  const auto pause = pause_;
  channels_ = std::move(channels);
  channels_.push_back(direct_);
  while (!left_) {
    (void)co_await hear();
    if (!left_) co_await pause->wait(k_pause);
  }
}

// False: the socket was not had.
Task<bool> Member::hear() {
  net::WsDialOptions options;
  options.url = mattermost::socket_url(line_->url);
  options.headers = {{"Authorization", "Bearer " + session_.reveal()}};
  options.ca_file = line_->ca_file;
  options.proxies = line_->proxies;
  auto dialled = co_await net::dial(std::move(options));
  if (!dialled || left_) co_return false;
  socket_ = *dialled;
  const auto socket = socket_;
  // What happens from here on comes by itself.
  co_await catch_up();
  for (;;) {
    const auto message = co_await socket->receive();
    if (!message) co_return true;
    take(message->data);
  }
}

Task<void> Member::catch_up() {
  for (const std::string& channel : channels_) {
    auto path = fmt::format("/channels/{}/posts?per_page={}", channel, k_answer_page);
    const auto reply = co_await send("GET", std::move(path), nullptr);
    if (!reply) continue;
    const Json* posts = chat::member(*reply->body, "posts");
    if (posts == nullptr || !posts->is_object()) continue;
    for (const Json& post : *posts) {
      if (chat::number_at(post, {"create_at"}) >= to_ms(since_)) hooks_.on_post(post);
    }
  }
}

void Member::take(const std::string& frame) {
  const Json event = Json::parse(frame, nullptr, false);
  const std::string name = text_at(event, {"event"});
  if (name == "open_dialog") {
    dialogs_.push_back(Json::parse(text_at(event, {"data", "dialog"}), nullptr, false));
    hooks_.on_dialog();
    return;
  }
  const bool whispered = name == "ephemeral_message";
  if (!whispered && name != "posted" && name != "post_edited") return;
  const Json post = Json::parse(text_at(event, {"data", "post"}), nullptr, false);
  if (!post.is_object()) return;
  if (whispered) hooks_.on_whisper(post);
  if (!whispered) hooks_.on_post(post);
}

std::optional<Json> Member::take_dialog() {
  if (dialogs_.empty()) return std::nullopt;
  Json newest = std::move(dialogs_.back());
  dialogs_.clear();
  return newest;
}

}  // namespace jitbot::town

#include "tests/integration/mattermost/listener.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>

namespace jitbot::mattermost_stand_in {

namespace asio = boost::asio;

Listener::Listener(Replay& replay, const std::string& username, const std::string& query)
    : Listener(replay,
               net::Headers{net::Header{"Authorization", "Bearer " + replay.server.token_of(username)}},
               query) {}

Listener::Listener(Replay& replay, net::Headers headers, const std::string& query) : replay_(replay) {
  net::WsDialOptions options;
  options.url = "ws" + replay.server.url().substr(4) + "/api/v4/websocket" + query;
  options.headers = std::move(headers);
  auto dialled = replay.loop.run(net::dial(std::move(options)));
  REQUIRE(dialled);
  state_->socket = *dialled;
  asio::co_spawn(replay.loop.executor(), listen(state_), asio::detached);
}

Listener::~Listener() {
  state_->socket->drop();
  (void)replay_.loop.run_until([this] { return state_->over; });
}

Task<void> Listener::listen(std::shared_ptr<State> state) {
  const auto socket = state->socket;
  while (true) {
    const auto message = co_await socket->receive();
    if (!message) break;
    state->frames.push_back(Json::parse(message->data));
  }
  state->over = true;
}

void Listener::say(const Json& frame) {
  say_text(frame.dump());
}

void Listener::say_text(const std::string& text) {
  (void)replay_.loop.run(state_->socket->send(text));
}

void Listener::drop() {
  state_->socket->drop();
  replay_.until([this] { return state_->over; });
}

std::vector<Json> Listener::first(std::size_t count) {
  replay_.until([&] { return state_->frames.size() >= count; });
  return {state_->frames.begin(), state_->frames.begin() + static_cast<std::ptrdiff_t>(count)};
}

std::vector<std::string> Listener::names() const {
  std::vector<std::string> all;
  for (const Json& frame : state_->frames)
    all.push_back(frame.contains("event") ? text_of(frame, "event") : text_of(frame, "status"));
  return all;
}

void Listener::settle() {
  const std::int64_t number = next_ping_++;
  say({{"seq", number}, {"action", "ping"}});
  const auto is_reply = [number](const Json& frame) { return number_of(frame, "seq_reply") == number; };
  replay_.until([&] { return std::ranges::any_of(state_->frames, is_reply); });
  std::erase_if(state_->frames, is_reply);
}

std::vector<Json> Listener::news() {
  settle();
  std::vector<Json> fresh;
  for (; read_ < state_->frames.size(); ++read_) {
    const std::string name = text_of(state_->frames[read_], "event");
    if (name != "status_change" && name != "hello") fresh.push_back(state_->frames[read_]);
  }
  return fresh;
}

}  // namespace jitbot::mattermost_stand_in

#include "adapters/chat/mattermost/socket.hpp"
#include "adapters/net/waiter.hpp"
#include "tests/unit/mattermost/wire_stage.hpp"

#include <algorithm>
#include <optional>

using namespace jitbot;
using namespace jitbot::mattermost;
using namespace jitbot::mattermost::testing;
using Json = nlohmann::json;

namespace {

// The socket against the scripted server, with what it hands over.
struct SocketStage : WireStage {
  SocketStage() {
    SocketOptions options;
    options.url = server.url();
    options.token = Secret("secrettoken");
    SocketHooks hooks;
    hooks.on_event = [this](Event event) { return take(this, std::move(event)); };
    hooks.on_lost = [this] { return look_up(this); };
    hooks.who_am_i = [this] { return ask(this); };
    hooks.on_alarm = [this](Alarm alarm, std::string) { alarms.push_back(alarm); };
    hooks.on_live = [this] { ++greeted; };
    socket.emplace(loop.executor(), clock, random, std::move(options), std::move(hooks));
  }
  ~SocketStage() {
    if (!running) return;
    loop.run(socket->stop());
    loop.run_until([this] { return running->done(); });
  }
  SocketStage(const SocketStage&) = delete;
  SocketStage& operator=(const SocketStage&) = delete;

  static Task<Result<void>> take(SocketStage* self, Event event) {
    if (self->refuses > 0) {
      --self->refuses;
      co_return fail(ErrorKind::unavailable, "the store is down", "test");
    }
    self->told.push_back(event.name + " " + std::to_string(event.seq));
    self->connections.push_back(event.connection);
    co_return Result<void>{};
  }
  static Task<Result<void>> look_up(SocketStage* self) {
    const auto open = self->gate;
    if (open) co_await net::Waiter::wait(open);
    self->told.emplace_back("lost");
    if (self->fails_to_look > 0) {
      --self->fails_to_look;
      co_return fail(ErrorKind::unavailable, "nobody answers", "test");
    }
    co_return Result<void>{};
  }
  static Task<Result<void>> ask(SocketStage* self) {
    ++self->asked;
    if (self->refused) co_return fail(ErrorKind::refused, "the token is refused", "test");
    co_return Result<void>{};
  }

  void start() { running.emplace(loop.executor(), socket->run()); }
  void live() {
    until([this] { return socket->live(); });
  }
  void start_live() {
    start();
    live();
    until([this] { return told.size() == 1; });
  }
  std::size_t dials() const { return server.lines().size(); }
  // Until the newest of `count` connections is live, however long the back-off.
  void live_again(std::size_t count) {
    REQUIRE(steps_until([this, count] { return dials() == count && socket->live(); }, 90) <= 90);
  }
  bool was_told(const std::string& what) const { return std::ranges::find(told, what) != told.end(); }
  void until_told(const std::string& what) {
    until([this, what] { return was_told(what); });
  }

  std::vector<std::string> told;
  std::vector<std::string> connections;
  std::shared_ptr<net::Waiter> gate;
  int refuses = 0;
  int fails_to_look = 0;
  bool refused = false;
  int asked = 0;
  std::vector<Alarm> alarms;
  int greeted = 0;
  std::optional<Socket> socket;
  std::optional<Beside<Result<void>>> running;
};

}  // namespace

TEST_CASE("the socket's address is beside the server's", "[mattermost][wire][socket]") {
  CHECK(socket_url("https://chat.example.com") == "wss://chat.example.com/api/v4/websocket");
  CHECK(socket_url("http://127.0.0.1:8065/") == "ws://127.0.0.1:8065/api/v4/websocket");
  CHECK(socket_url("https://example.com/chat") == "wss://example.com/chat/api/v4/websocket");
}

TEST_CASE("the token goes into the upgrade's header, and a ping goes out at once",
          "[mattermost][wire][socket]") {
  SocketStage stage;
  stage.start_live();
  REQUIRE(stage.dials() == 1);
  const Line& line = *stage.server.lines().front();
  CHECK(line.authorization == "Bearer secrettoken");
  CHECK(line.query.empty());
  REQUIRE(line.received.size() == 1);
  CHECK(line.received.front() == Json{{"seq", 1}, {"action", "ping"}});
  CHECK(stage.greeted == 1);
  CHECK(stage.told == std::vector<std::string>{"lost"});
  CHECK(stage.socket->stats().server_version == "5.37.0.local");
}

TEST_CASE("live is who was answered and greeted, in either order", "[mattermost][wire][socket]") {
  SocketStage stage;
  SECTION("a hello alone is not enough") {
    stage.server.pings = WireServer::Pings::ignored;
    stage.start();
    stage.until_told("lost");
    CHECK_FALSE(stage.socket->live());
    stage.server.say({{"status", "OK"}, {"seq_reply", 1}});
    stage.live();
  }
  SECTION("an answer alone is not enough") {
    stage.server.says_hello = false;
    stage.start();
    stage.until([&] { return stage.dials() == 1 && !stage.server.lines().front()->received.empty(); });
    stage.settle();
    CHECK_FALSE(stage.socket->live());
    stage.server.hello("c1", 0);
    stage.live();
  }
}

TEST_CASE("events wait until what was missed before them is looked up", "[mattermost][wire][socket]") {
  SocketStage stage;
  stage.gate = std::make_shared<net::Waiter>(stage.loop.executor());
  stage.start();
  stage.live();
  stage.server.event("posted", 1, Json::object());
  stage.server.event("typing", 2, Json::object());
  stage.until([&] { return stage.socket->stats().waiting == 2; });
  CHECK(stage.told.empty());
  stage.gate->set();
  stage.until_told("typing 2");
  CHECK(stage.told == std::vector<std::string>{"lost", "posted 1", "typing 2"});
  CHECK(stage.connections == std::vector<std::string>{"c1", "c1"});
}

TEST_CASE("a lost connection goes on where it ended", "[mattermost][wire][socket]") {
  SocketStage stage;
  stage.start_live();
  stage.server.event("posted", 1, Json::object());
  stage.until_told("posted 1");
  stage.server.says_hello = false;
  stage.server.lines().back()->socket->drop();
  stage.live_again(2);
  CHECK(stage.server.lines().back()->query == "connection_id=c1&sequence_number=2");
  stage.server.event("posted", 1, Json::object());
  stage.server.event("posted", 2, Json::object());
  stage.until_told("posted 2");
  CHECK(stage.told == std::vector<std::string>{"lost", "posted 1", "posted 2"});
  CHECK(stage.socket->stats().resumed == 1);
  CHECK(stage.socket->stats().lost == 1);
  CHECK(stage.asked == 0);
}

TEST_CASE("a hello of another connection means that events are lost", "[mattermost][wire][socket]") {
  SocketStage stage;
  stage.start_live();
  stage.server.connection_id = "c2";
  stage.server.lines().back()->socket->drop();
  stage.live_again(2);
  stage.until([&] { return stage.told.size() == 2; });
  CHECK(stage.told.back() == "lost");
  stage.server.event("posted", 1, Json::object());
  stage.until_told("posted 1");
  CHECK(stage.connections.back() == "c2");
  CHECK(stage.socket->stats().resumed == 0);
}

TEST_CASE("a second hello of the same connection, in its turn, loses nothing", "[mattermost][wire][socket]") {
  SocketStage stage;
  stage.start_live();
  stage.server.event("status_change", 1, Json::object());
  stage.server.hello("c1", 2);
  stage.server.event("posted", 3, Json::object());
  stage.until_told("posted 3");
  CHECK(stage.told == std::vector<std::string>{"lost", "status_change 1", "posted 3"});
}

TEST_CASE("a gap in the numbers is asked for, and looked up when the server has it no more",
          "[mattermost][wire][socket]") {
  SocketStage stage;
  stage.start_live();
  stage.server.says_hello = false;
  stage.server.event("posted", 3, Json::object());
  stage.live_again(2);
  CHECK(stage.server.lines().back()->query == "connection_id=c1&sequence_number=1");
  CHECK(stage.told == std::vector<std::string>{"lost"});
  stage.server.says_hello = true;
  stage.server.connection_id = "c2";
  stage.server.event("posted", 3, Json::object());
  stage.live_again(3);
  CHECK(stage.server.lines().back()->query.empty());
  stage.until([&] { return stage.told.size() == 2; });
  CHECK(stage.told.back() == "lost");
}

TEST_CASE("a socket that answers no ping is replaced", "[mattermost][wire][socket]") {
  SocketStage stage;
  stage.start_live();
  stage.server.pings = WireServer::Pings::ignored;
  stage.clock.advance(29s);
  stage.settle();
  CHECK(stage.server.lines().front()->received.size() == 1);
  stage.clock.advance(1s);
  stage.until([&] { return stage.server.lines().front()->received.size() == 2; });
  stage.settle();
  stage.clock.advance(9s);
  stage.settle();
  CHECK(stage.socket->live());
  stage.server.pings = WireServer::Pings::answered;
  stage.server.says_hello = false;
  stage.clock.advance(1s);
  stage.until([&] { return stage.server.lines().front()->over; });
  stage.live_again(2);
  CHECK(stage.server.lines().back()->query == "connection_id=c1&sequence_number=1");
}

TEST_CASE("a deaf socket is found by its refused ping and replaced by a new one",
          "[mattermost][wire][socket]") {
  SocketStage stage;
  stage.start_live();
  stage.server.pings = WireServer::Pings::refused;
  stage.clock.advance(30s);
  stage.until([&] { return stage.server.lines().front()->over; });
  stage.server.pings = WireServer::Pings::answered;
  stage.live_again(2);
  // What the server kept for the deaf one is not asked for: it is deaf too.
  CHECK(stage.server.lines().back()->query.empty());
  CHECK(stage.asked == 1);
  CHECK(stage.alarms.empty());
  CHECK(stage.socket->stats().last_problem.find("secrettoken") == std::string::npos);
}

TEST_CASE("a refused token is told once, and taken again when it is restored", "[mattermost][wire][socket]") {
  SocketStage stage;
  stage.start_live();
  stage.refused = true;
  stage.server.pings = WireServer::Pings::refused;
  stage.clock.advance(30s);
  REQUIRE(stage.steps_until([&] { return stage.asked >= 3; }, 300) <= 300);
  CHECK(stage.alarms == std::vector<Alarm>{Alarm::refused});
  CHECK_FALSE(stage.socket->live());
  CHECK(stage.dials() == 1);
  CHECK_FALSE(stage.running->done());
  stage.refused = false;
  stage.server.pings = WireServer::Pings::answered;
  stage.live_again(2);
  CHECK(stage.alarms.size() == 1);
}

TEST_CASE("silence after the upgrade is asked about, and the next connection begins anew",
          "[mattermost][wire][socket]") {
  SocketStage stage;
  stage.start_live();
  stage.server.says_hello = false;
  stage.server.pings = WireServer::Pings::ignored;
  stage.server.lines().back()->socket->drop();
  REQUIRE(stage.steps_until([&] { return stage.dials() == 2; }, 60) <= 60);
  CHECK(stage.asked == 0);
  REQUIRE(stage.steps_until([&] { return stage.server.lines().back()->over; }, 15) <= 15);
  stage.server.says_hello = true;
  stage.server.pings = WireServer::Pings::answered;
  stage.live_again(3);
  CHECK(stage.asked == 1);
  CHECK(stage.server.lines().back()->query.empty());
}

TEST_CASE("an upgrade over the rate limit waits", "[mattermost][wire][socket]") {
  SocketStage stage;
  stage.server.upgrade_statuses = {429};
  stage.start();
  stage.until([&] { return !stage.socket->stats().last_problem.empty(); });
  CHECK(stage.socket->stats().last_problem.find("429") != std::string::npos);
  const int seconds = stage.steps_until([&] { return stage.socket->live(); }, 30);
  CHECK(seconds >= 4);
  CHECK(seconds <= 8);
}

TEST_CASE("a server that is gone is dialled ever less often, and found again", "[mattermost][wire][socket]") {
  SocketStage stage;
  stage.server.upgrade_statuses = std::deque<int>(8, 502);
  stage.start();
  REQUIRE(stage.steps_until([&] { return stage.socket->live(); }, 400) <= 400);
  CHECK(stage.socket->stats().dials == 9);
  CHECK(stage.alarms.empty());
}

TEST_CASE("an event that was not taken is looked up", "[mattermost][wire][socket]") {
  SocketStage stage;
  stage.start_live();
  stage.refuses = 1;
  stage.server.event("posted", 1, Json::object());
  stage.server.event("posted", 2, Json::object());
  REQUIRE(stage.steps_until([&] { return stage.told.size() == 3; }, 10) <= 10);
  CHECK(stage.told == std::vector<std::string>{"lost", "lost", "posted 2"});
}

TEST_CASE("what cannot be looked up again and again is told", "[mattermost][wire][socket]") {
  SocketStage stage;
  stage.fails_to_look = 4;
  stage.start();
  stage.live();
  stage.server.event("posted", 1, Json::object());
  REQUIRE(stage.steps_until([&] { return stage.was_told("posted 1"); }, 120) <= 120);
  CHECK(stage.told == std::vector<std::string>{"lost", "lost", "lost", "lost", "lost", "posted 1"});
  CHECK(stage.alarms == std::vector<Alarm>{Alarm::not_caught_up});
}

TEST_CASE("what is no event and no answer changes nothing", "[mattermost][wire][socket]") {
  SocketStage stage;
  stage.start_live();
  stage.server.say("text");
  stage.server.say(Json{{"event", "posted"}});
  stage.server.say(Json{{"event", 5}, {"seq", 1}});
  stage.server.say(Json::object());
  stage.server.event("never_heard_of", 1, {{"a", 1}});
  stage.until_told("never_heard_of 1");
  CHECK(stage.socket->live());
  CHECK(stage.dials() == 1);
}

TEST_CASE("stopping says goodbye and ends the run", "[mattermost][wire][socket]") {
  SocketStage stage;
  stage.start_live();
  stage.run(stage.socket->stop());
  stage.until([&] { return stage.running->done(); });
  CHECK(stage.running->value().has_value());
  stage.until([&] { return stage.server.lines().front()->over; });
  CHECK(stage.server.lines().front()->socket->close_code() == 1000);
  CHECK_FALSE(stage.socket->live());
}

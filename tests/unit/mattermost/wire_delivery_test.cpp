#include "adapters/chat/mattermost/delivery.hpp"
#include "adapters/chat/mattermost/frames.hpp"
#include "adapters/chat/mattermost/post_queue.hpp"
#include "adapters/chat/mattermost/stream.hpp"
#include "adapters/net/waiter.hpp"
#include "tests/unit/mattermost/wire_stage.hpp"

#include <stdexcept>

using namespace jitbot;
using namespace jitbot::mattermost;
using namespace jitbot::mattermost::testing;

namespace {

struct Taker {
  static Task<Result<void>> take(Taker* self, Event event) {
    if (event.name == "poison") throw std::runtime_error("a bug");
    self->taken.push_back(event.seq);
    co_return Result<void>{};
  }
  static Task<Result<void>> look(Taker* self) {
    ++self->looked;
    co_return Result<void>{};
  }
  DeliveryHooks hooks() {
    DeliveryHooks made;
    made.on_event = [this](Event event) { return take(this, std::move(event)); };
    made.on_lost = [this] { return look(this); };
    return made;
  }

  std::vector<std::int64_t> taken;
  int looked = 0;
};

Event event(const std::string& name, std::int64_t seq) {
  return Event{name, seq, "c1", body_of({{"event", name}})};
}

Task<bool> ended(std::shared_ptr<Delivery> delivery) {
  co_await Delivery::run(delivery);
  co_return true;
}

Task<bool> in_turn(PostQueue* queue, std::vector<std::string>* order, std::string post, std::string name,
                   std::shared_ptr<net::Waiter> until) {
  const auto turn = co_await queue->take(std::move(post));
  order->push_back(name);
  if (until) co_await net::Waiter::wait(until);
  co_return true;
}

}  // namespace

TEST_CASE("an event whose handling has a bug is left out alone", "[mattermost][wire][delivery]") {
  WireStage stage;
  Taker taker;
  const auto delivery = std::make_shared<Delivery>(stage.clock, stage.random, taker.hooks());
  Beside<bool> running(stage.loop.executor(), ended(delivery));
  for (const char* name : {"posted", "poison", "posted"}) {
    delivery->push(event(name, static_cast<std::int64_t>(delivery->waiting())));
  }
  stage.until([&] { return taker.taken.size() == 2; });
  CHECK(taker.looked == 0);
  delivery->stop();
  stage.until([&] { return running.done(); });
}

TEST_CASE("more events than one can wait for are looked up instead", "[mattermost][wire][delivery]") {
  WireStage stage;
  Taker taker;
  const auto delivery = std::make_shared<Delivery>(stage.clock, stage.random, taker.hooks());
  for (int i = 0; i <= 20'000; ++i) delivery->push(event("posted", i));
  CHECK(delivery->waiting() == 0);
  Beside<bool> running(stage.loop.executor(), ended(delivery));
  stage.until([&] { return taker.looked == 1; });
  CHECK(taker.taken.empty());
  delivery->stop();
  stage.until([&] { return running.done(); });
}

TEST_CASE("changes of one post take turns, those of others do not wait", "[mattermost][wire][queue]") {
  WireStage stage;
  PostQueue queue;
  std::vector<std::string> order;
  const auto gate = std::make_shared<net::Waiter>(stage.loop.executor());
  Beside<bool> first(stage.loop.executor(), in_turn(&queue, &order, "p1", "first", gate));
  Beside<bool> second(stage.loop.executor(), in_turn(&queue, &order, "p1", "second", nullptr));
  Beside<bool> third(stage.loop.executor(), in_turn(&queue, &order, "p1", "third", nullptr));
  Beside<bool> other(stage.loop.executor(), in_turn(&queue, &order, "p2", "other", nullptr));
  stage.until([&] { return other.done(); });
  CHECK(order == std::vector<std::string>{"first", "other"});
  second.cancel();
  stage.until([&] { return second.done(); });
  gate->set();
  stage.until([&] { return third.done(); });
  CHECK(order == std::vector<std::string>{"first", "other", "third"});
}

TEST_CASE("a stream asks for what comes next and forgets what the server has no more",
          "[mattermost][wire][stream]") {
  Stream stream;
  CHECK(stream.query().empty());
  CHECK(stream.on_event(1) == Stream::Step::known);  // the hello is still to come
  CHECK(stream.on_hello({"c 1", "", 0}) == Stream::Greeting::lost);
  CHECK(stream.on_event(1) == Stream::Step::next);
  CHECK(stream.on_event(1) == Stream::Step::known);
  CHECK(stream.query() == "?connection_id=c%201&sequence_number=2");
  CHECK(stream.on_event(4) == Stream::Step::gap);
  CHECK(stream.query() == "?connection_id=c%201&sequence_number=2");
  CHECK(stream.on_event(2) == Stream::Step::next);
  CHECK(stream.on_event(4) == Stream::Step::gap);
  CHECK(stream.on_event(4) == Stream::Step::gap);
  CHECK_FALSE(stream.can_resume());
}

TEST_CASE("a hello that is out of turn begins anew", "[mattermost][wire][stream]") {
  Stream stream;
  stream.on_hello({"c1", "", 0});
  CHECK(stream.on_hello({"c1", "", 1}) == Stream::Greeting::same);
  CHECK(stream.on_event(2) == Stream::Step::next);
  CHECK(stream.on_hello({"c1", "", 0}) == Stream::Greeting::lost);
  CHECK(stream.on_hello({"c2", "", 1}) == Stream::Greeting::lost);
}

#include "tests/unit/store/store_fixture.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <thread>

using namespace jitbot;
using namespace jitbot::testing;

namespace asio = boost::asio;

namespace {

Store::Work put_meta(const std::string& name, const std::string& value) {
  return [name, value](Tx& tx) -> Result<void> {
    tx.put_meta(name, value);
    tx.audit(sample_event(1));
    return {};
  };
}

struct Done {
  int fine = 0;
  int failed = 0;
  std::vector<ErrorKind> kinds;
  std::vector<std::thread::id> threads;

  int all() const { return fine + failed; }
};

Task<void> write_and_count(Store& store, Store::Work work, Done& done) {
  const auto result = co_await store.write(std::move(work));
  done.threads.push_back(std::this_thread::get_id());
  if (result) {
    ++done.fine;
  } else {
    ++done.failed;
    done.kinds.push_back(result.error().kind);
  }
}

// Keeps the writer busy until it is let go, so that what is written meanwhile waits together.
class Gate {
 public:
  Store::Work work() {
    return [this](Tx&) -> Result<void> {
      std::unique_lock lock(mutex_);
      entered_ = true;
      changed_.notify_all();
      changed_.wait_for(lock, std::chrono::seconds(10), [this] { return open_; });
      return {};
    };
  }
  bool entered() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10), [this] { return entered_; });
  }
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool entered_ = false;
  bool open_ = false;
};

void start(StoreFixture& fixture, Store::Work work, Done& done) {
  asio::co_spawn(fixture.loop().executor(), write_and_count(fixture.store(), std::move(work), done),
                 asio::detached);
}

// Starts all of them while the writer is busy; they end up in one group.
void write_together(StoreFixture& fixture, const std::vector<Store::Work>& works, Done& done) {
  Gate gate;
  start(fixture, gate.work(), done);
  int started = 0;
  for (const auto& work : works) start(fixture, work, done);
  REQUIRE(fixture.loop().run_until(
      [&] { return ++started > static_cast<int>(works.size()) + 1 && gate.entered(); }));
  gate.open();
  const int expected = static_cast<int>(works.size()) + 1;
  REQUIRE(fixture.loop().run_until([&] { return done.all() == expected; }));
}

}  // namespace

TEST_CASE("transactions that wait together share one commit") {
  StoreFixture fixture;
  const auto before = fixture.store().commits();
  Done done;
  std::vector<Store::Work> works;
  for (int i = 0; i < 200; ++i) works.push_back(put_meta("fact" + std::to_string(i), std::to_string(i)));
  write_together(fixture, works, done);
  CHECK(done.fine == 201);
  CHECK(fixture.store().commits() - before <= 20);
  CHECK(fixture.store().tip().sequence == 200);
  fixture.reopen();
  CHECK(fixture.read([](Tx& tx) { return tx.meta("fact199"); }) == "199");
  CHECK(fixture.store().tip().sequence == 200);
}

TEST_CASE("an error undoes one transaction alone, also of one group") {
  StoreFixture fixture;
  Done done;
  const std::vector<Store::Work> works = {
      put_meta("before", "1"),
      [](Tx& tx) -> Result<void> {
        tx.put_meta("refused", "1");
        tx.audit(sample_event(2));
        return fail(ErrorKind::conflict, "no");
      },
      put_meta("between", "1"),
      [](Tx& tx) -> Result<void> {
        tx.put_meta("thrown", "1");
        tx.audit(sample_event(3));
        throw std::logic_error("a bug");
      },
      [](Tx& tx) -> Result<void> {
        tx.put_meta("sql", "1");
        tx.put(sample_grant("NONE", EntitlementId{1}));
        return {};
      },
      put_meta("after", "1"),
  };
  write_together(fixture, works, done);
  CHECK(done.fine == 4);
  CHECK(done.kinds == std::vector<ErrorKind>{ErrorKind::conflict, ErrorKind::internal, ErrorKind::internal});
  const auto known = [&](const std::string& name) {
    return fixture.read([&](Tx& tx) { return tx.meta(name).has_value(); });
  };
  for (const char* const name : {"before", "between", "after"}) CHECK(known(name));
  for (const char* const name : {"refused", "thrown", "sql"}) CHECK_FALSE(known(name));
  CHECK(fixture.store().tip().sequence == 3);
  const auto events = fixture.read([](Tx& tx) { return tx.audit_of(sample_event(1).subject, 10); });
  REQUIRE(events.size() == 3);
  CHECK(events[1].previous == events[0].hash);
  CHECK(events[2].previous == events[1].hash);
}

namespace {

void deny(Tx& tx, const RequestId& id) {
  Request request = *tx.request(id);
  request.state = RequestState::denied;
  tx.put(request);
  Vote vote{id, user("U9"), VoteKind::deny, -1, "no", request.digest, k_now, false};
  tx.put(vote);
  CHECK(tx.request(id)->state == RequestState::denied);
  CHECK(tx.votes(id).size() == 1);
}

}  // namespace

TEST_CASE("rows that were read and written in an undone transaction are as they were for the next one") {
  StoreFixture fixture;
  const Request asked = sample_request("7K3F");
  EntitlementId entitlement;
  fixture.write([&](Tx& tx) {
    CHECK_FALSE(tx.request(asked.id));
    tx.put(asked);
    entitlement = tx.add(sample_entitlement("ann"));
    CHECK_FALSE(tx.grant(asked.id));
    tx.put(sample_grant("7K3F", entitlement));
    CHECK(tx.request(asked.id) == asked);
    CHECK(tx.votes(asked.id).empty());
  });
  const auto untouched = [&](Tx& tx) {
    CHECK(tx.request(asked.id) == asked);
    CHECK(tx.votes(asked.id).empty());
    CHECK(tx.grant(asked.id)->state == sample_grant("7K3F", entitlement).state);
    CHECK(tx.entitlement(entitlement)->state == sample_entitlement("ann").state);
  };
  const auto change_all = [&](Tx& tx) {
    deny(tx, asked.id);
    Grant grant = *tx.grant(asked.id);
    grant.state = GrantState::ended;
    tx.put(grant);
    CHECK(tx.grant(asked.id)->state == GrantState::ended);
    Entitlement access = *tx.entitlement(entitlement);
    access.state = EntitlementState::rest;
    tx.put(access);
    CHECK(tx.entitlement(entitlement)->state == EntitlementState::rest);
  };
  const auto failing = [&](Tx& tx) -> Result<void> {
    change_all(tx);
    return fail(ErrorKind::conflict, "not so");
  };

  SECTION("alone") {
    CHECK_FALSE(fixture.try_write(failing));
    fixture.write(untouched);
    fixture.read([&](Tx& tx) {
      untouched(tx);
      return true;
    });
  }
  SECTION("with others") {
    Done done;
    const Store::Work sees_nothing = [&](Tx& tx) -> Result<void> {
      untouched(tx);
      return {};
    };
    write_together(fixture, {failing, put_meta("beside", "1"), sees_nothing}, done);
    CHECK(done.fine == 3);
    CHECK(done.failed == 1);
    fixture.write(untouched);
    CHECK(fixture.read([](Tx& tx) { return tx.meta("beside"); }) == "1");
  }
  SECTION("and what is kept is seen by whoever comes next") {
    fixture.write(change_all);
    fixture.write([&](Tx& tx) { CHECK(tx.request(asked.id)->state == RequestState::denied); });
    CHECK(fixture.read([&](Tx& tx) { return tx.votes(asked.id).size(); }) == 1);
    CHECK(fixture.read([&](Tx& tx) { return tx.grant(asked.id)->state; }) == GrantState::ended);
  }
}

TEST_CASE("the error that a transaction returns is handed on whole") {
  StoreFixture fixture;
  const auto done =
      fixture.try_write([](Tx&) -> Result<void> { return fail(ErrorKind::refused, "not you", "because"); });
  REQUIRE_FALSE(done.has_value());
  CHECK(done.error().kind == ErrorKind::refused);
  CHECK(done.error().message == "not you");
  CHECK(done.error().detail == "because");
}

TEST_CASE("what a transaction throws besides exceptions reaches whoever awaits it") {
  StoreFixture fixture;
  CHECK_THROWS_AS(fixture.try_write([](Tx&) -> Result<void> { throw 7; }), int);
  fixture.write([](Tx& tx) { tx.put_meta("a", "b"); });
}

TEST_CASE("a value comes out of a transaction and out of a query") {
  StoreFixture fixture;
  std::function<Result<int>(Tx&)> put = [](Tx& tx) -> Result<int> {
    tx.put_meta("n", "5");
    return 5;
  };
  std::function<Result<std::string>(Tx&)> get = [](Tx& tx) -> Result<std::string> { return *tx.meta("n"); };
  CHECK(fixture.loop().run(transact<int>(fixture.store(), put)).value() == 5);
  CHECK(fixture.loop().run(query<std::string>(fixture.store(), get)).value() == "5");
}

TEST_CASE("a reader sees what is durable and cannot write") {
  StoreFixture fixture;
  fixture.write([](Tx& tx) { tx.put_meta("a", "1"); });
  CHECK(fixture.read([](Tx& tx) { return tx.meta("a"); }) == "1");
  const auto written = fixture.try_read([](Tx& tx) -> Result<void> {
    tx.put_meta("a", "2");
    return {};
  });
  CHECK_FALSE(written.has_value());
  const auto audited = fixture.try_read([](Tx& tx) -> Result<void> {
    tx.audit(sample_event(1));
    return {};
  });
  CHECK_FALSE(audited.has_value());
  CHECK(fixture.read([](Tx& tx) { return tx.meta("a"); }) == "1");
  CHECK(fixture.store().tip().sequence == 0);
}

TEST_CASE("a read does not wait for a busy writer") {
  StoreFixture fixture;
  fixture.write([](Tx& tx) { tx.put_meta("a", "1"); });
  Gate gate;
  Done done;
  start(fixture, gate.work(), done);
  REQUIRE(fixture.loop().run_until([&, asked = 0]() mutable { return ++asked > 1 && gate.entered(); }));
  CHECK(fixture.read([](Tx& tx) { return tx.meta("a"); }) == "1");
  CHECK(done.all() == 0);
  gate.open();
  REQUIRE(fixture.loop().run_until([&] { return done.all() == 1; }));
}

TEST_CASE("whoever awaits goes on where he was: on the event loop's thread") {
  StoreFixture fixture;
  Done done;
  write_together(fixture, {put_meta("a", "1"), put_meta("b", "1")}, done);
  for (const auto thread : done.threads) CHECK(thread == std::this_thread::get_id());
}

TEST_CASE("a store that is closed first does what was handed in, and whoever awaits is told") {
  StoreFixture fixture;
  Done done;
  for (int i = 0; i < 20; ++i) start(fixture, put_meta("fact" + std::to_string(i), "1"), done);
  int steps = 0;
  REQUIRE(fixture.loop().run_until([&] { return ++steps > 21; }));
  fixture.close();
  REQUIRE(fixture.loop().run_until([&] { return done.all() == 20; }));
  CHECK(done.fine == 20);
  fixture.open();
  CHECK(fixture.read([](Tx& tx) { return tx.meta("fact19"); }) == "1");
}

TEST_CASE("an event loop that ends before its answers come leaves nothing behind") {
  TempFolder folder;
  Done done;
  auto context = std::make_unique<asio::io_context>();
  auto store = open_store(folder.path("jitbot.db"));
  REQUIRE(store.has_value());
  for (int i = 0; i < 5; ++i) {
    asio::co_spawn(*context, write_and_count(**store, put_meta("fact" + std::to_string(i), "1"), done),
                   asio::detached);
  }
  context->poll();
  store->reset();   // the answers are posted …
  context.reset();  // … and dropped with the loop
  CHECK(done.all() <= 5);
  const auto again = open_store(folder.path("jitbot.db"));
  REQUIRE(again.has_value());
  CHECK((*again)->tip().sequence == 5);
}

namespace {

Task<void> cancelled_after_write(Store& store, Store::Work work, int& reached) {
  const auto first = co_await store.write(std::move(work));
  reached = first ? 1 : -1;
  Store::Work more = put_meta("second", "1");
  co_await store.write(std::move(more));
  reached = 2;
}

}  // namespace

TEST_CASE("cancelling does not cut a write short: its outcome is known, the next await throws") {
  StoreFixture fixture;
  Gate gate;
  int reached = 0;
  bool ended = false;
  asio::cancellation_signal cancel;
  asio::co_spawn(fixture.loop().executor(), cancelled_after_write(fixture.store(), gate.work(), reached),
                 asio::bind_cancellation_slot(cancel.slot(), [&ended](std::exception_ptr) { ended = true; }));
  REQUIRE(fixture.loop().run_until([&, asked = 0]() mutable { return ++asked > 1 && gate.entered(); }));
  cancel.emit(asio::cancellation_type::terminal);
  gate.open();
  REQUIRE(fixture.loop().run_until([&] { return ended; }));
  CHECK(reached == 1);
  CHECK_FALSE(fixture.read([](Tx& tx) { return tx.meta("second"); }).has_value());
}

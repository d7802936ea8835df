#include "bot/app/readiness.hpp"

#include "tests/support/manual_clock.hpp"
#include "tests/unit/store/store_fixture.hpp"

using namespace jitbot;
using namespace jitbot::testing;

namespace {

// A store that counts what is written, and on a full disk takes nothing.
class CountingStore : public Store {
 public:
  explicit CountingStore(Store& inner) : inner_(inner) {}

  Task<Result<void>> write(Work work) override {
    ++writes;
    if (full) co_return fail(ErrorKind::unavailable, "the disk is full");
    co_return co_await inner_.write(std::move(work));
  }
  Task<Result<void>> read(Work work) override { return inner_.read(std::move(work)); }

  int writes = 0;
  bool full = false;

 private:
  Store& inner_;
};

struct Office {
  StoreFixture fixture;
  ManualClock wall{k_now};
  EffectiveClock clock{wall, std::nullopt};
  CountingStore store{fixture.store()};
  Readiness readiness{store, clock};

  http::Health look() { return fixture.loop().run(readiness.look()); }
};

}  // namespace

TEST_CASE("that the store can be written is tried at most every five seconds") {
  Office office;
  for (int i = 0; i < 100; ++i) CHECK(office.look().store_writable);
  CHECK(office.store.writes == 1);

  office.store.full = true;
  office.wall.advance(4999ms);
  CHECK(office.look().store_writable);  // as it was found last
  CHECK(office.store.writes == 1);
  office.wall.advance(1ms);
  CHECK_FALSE(office.look().store_writable);
  CHECK_FALSE(office.look().store_writable);
  CHECK(office.store.writes == 2);

  office.store.full = false;
  CHECK_FALSE(office.look().store_writable);
  office.wall.advance(5s);
  CHECK(office.look().store_writable);
  CHECK(office.store.writes == 3);
}

TEST_CASE("what is overdue goes on ageing between two looks into the store") {
  Office office;
  CHECK_FALSE(office.look().oldest_overdue.has_value());
  office.fixture.write([](Tx& tx) {
    Entitlement late = sample_entitlement("alice");
    late.state = EntitlementState::removing;
    late.removal_wanted = k_now - 90s;
    late.overdue_since = k_now - 30s;
    tx.add(late);
  });
  office.wall.advance(5s);
  CHECK(office.look().oldest_overdue == Millis{95s});
  office.wall.advance(2s);
  CHECK(office.look().oldest_overdue == Millis{97s});
  CHECK(office.store.writes == 2);
}

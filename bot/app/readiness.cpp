#include "bot/app/readiness.hpp"

#include <memory>

namespace jitbot {

namespace {

constexpr Millis k_every = 5s;

}  // namespace

Task<Readiness::Finding> Readiness::find_out() {
  const Time now = clock_.now();
  auto oldest = std::make_shared<std::optional<Time>>();
  Store::Work look = [oldest, now](Tx& tx) -> Result<void> {
    oldest->reset();
    for (const Entitlement& it : tx.overdue_entitlements()) {
      const Time since = it.removal_wanted.value_or(now);
      if (!*oldest || since < **oldest) *oldest = since;
    }
    tx.put_meta("health", std::to_string(to_ms(now)));
    return {};
  };
  const auto written = co_await store_.write(std::move(look));
  co_return Finding{written.has_value(), *oldest};
}

Task<http::Health> Readiness::look() {
  const Millis now = clock_.clock().steady();
  if (!last_ || now - tried_ >= k_every) {
    tried_ = now;  // whoever asks while this is tried reads what was found before
    last_ = co_await find_out();
  }
  http::Health health;
  health.store_writable = last_->writable;
  if (last_->overdue_since) health.oldest_overdue = clock_.now() - *last_->overdue_since;
  co_return health;
}

}  // namespace jitbot

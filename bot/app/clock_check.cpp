#include "bot/app/parts.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

namespace jitbot {

namespace {

constexpr const char* k_hold = "clock";
constexpr Millis k_unwatched = 1h;
constexpr Millis k_tolerance = 5min;
constexpr Millis k_again = 1min;
constexpr Millis k_unreachable_again = 5s;

Task<void> alarm(App::Parts& parts, Millis off) {
  const std::string detail = fmt::format(
      "this machine's clock and the chat server's differ by {} s; new access waits until they agree",
      std::chrono::abs(off).count() / 1000);
  spdlog::error("event=clock_disagrees off_ms={}", off.count());
  std::function<Result<void>(Recorder&)> work = [detail, off](Recorder& record) -> Result<void> {
    record.audit(system_principal("time"), "time.disagrees", "clock", {{"off_ms", off.count()}});
    record.notice_admins(NoticeKind::clock, "clock/" + std::to_string(to_ms(record.now())), {},
                         {{"detail", detail}});
    return {};
  };
  (void)co_await record(parts.loop_ports(), std::move(work));
}

}  // namespace

Task<void> check_clock(App::Parts& parts, std::optional<Time> high_water) {
  if (!high_water || parts.ports.clock.now() - *high_water <= k_unwatched) co_return;
  parts.hold(k_hold, "I was away for long and am still comparing clocks with the chat server");
  bool alarmed = false;
  while (!parts.stopping) {
    auto theirs = co_await parts.chat->server_time();
    if (theirs) {
      const Millis off = parts.ports.clock.now() - *theirs;
      if (std::chrono::abs(off) <= k_tolerance) break;
      parts.hold(k_hold, "my clock and the chat server's disagree; the administrators were told");
      if (!alarmed) co_await alarm(parts, off);
      alarmed = true;
    }
    const Millis pause = theirs ? k_again : k_unreachable_again;
    co_await parts.clock_timer->wait(pause);
  }
  if (!parts.stopping) parts.release(k_hold);
}

}  // namespace jitbot

#include "tests/bench/workflow_driver.hpp"

#include "store/sqlite_store.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <stdexcept>

namespace jitbot::bench {

namespace asio = boost::asio;

namespace {

void rethrow(const std::exception_ptr& bug) {
  if (bug) std::rethrow_exception(bug);
}

Inbound said_by(PrincipalId who, std::string key) {
  Inbound inbound;
  inbound.key = std::move(key);
  inbound.from = std::move(who);
  inbound.at = std::chrono::floor<Millis>(std::chrono::system_clock::now());
  inbound.reply.channel = "C0GENERAL";
  return inbound;
}

}  // namespace

WorkflowDriver::WorkflowDriver(Rig& rig) : rig_(rig) {
  rig_.chat().on_waiting = [this](const ButtonValue& button, const MessageRef& card) {
    approve(button, card);
  };
  rig_.chat().on_told = [this](const PrincipalId& who, const std::string& key) { told(who, key); };
}

WorkflowDriver::Run WorkflowDriver::at_full_speed(int workflows, int at_once) {
  run_ = {};
  left_ = workflows;
  endless_ = true;
  const double cpu = cpu_seconds();
  const std::int64_t before = commits();
  const auto start = Steady::now();
  for (int i = 0; i < at_once && left_ > 0; ++i) ask();
  return finish(start, cpu, before);
}

WorkflowDriver::Run WorkflowDriver::at_a_pace(int workflows, std::chrono::microseconds every) {
  run_ = {};
  left_ = workflows;
  endless_ = false;
  const double cpu = cpu_seconds();
  const std::int64_t before = commits();
  const auto start = Steady::now();
  asio::co_spawn(rig_.loop, pace(every), rethrow);
  return finish(start, cpu, before);
}

WorkflowDriver::Run WorkflowDriver::finish(Steady::time_point start, double cpu, std::int64_t before) {
  rig_.until([this] { return left_ == 0 && under_way_ == 0; });
  run_.seconds = seconds_since(start);
  run_.most_resident_mb = resident_mb();
  rig_.until_quiet();
  run_.quiet_seconds = seconds_since(start);
  run_.cpu_seconds = cpu_seconds() - cpu;
  run_.commits = commits() - before;
  return std::move(run_);
}

std::int64_t WorkflowDriver::commits() const {
  return dynamic_cast<SqliteStore&>(rig_.app().store()).commits();
}

Task<void> WorkflowDriver::pace(std::chrono::microseconds every) {
  asio::steady_timer timer(co_await asio::this_coro::executor, Steady::now());
  while (left_ > 0) {
    timer.expires_at(timer.expiry() + every);
    co_await timer.async_wait(asio::use_awaitable);
    ask();
  }
}

// Each person in turn; when all have asked, each for another resource.
void WorkflowDriver::ask() {
  --left_;
  ++under_way_;
  ++run_.asked;
  const int number = number_++;
  const PrincipalId who = person_id(number % k_people);
  auto inbound = said_by(who, fmt::format("command/{}", number));
  inbound.what =
      Said{fmt::format("request r{} 1h look at the queue of ticket {}", number / k_people, number)};
  if (number / k_people >= k_resources) throw std::runtime_error("more workflows than resources and people");
  asked_.insert_or_assign(who, Steady::now());
  asio::co_spawn(rig_.loop, accept(std::move(inbound)), rethrow);
}

Task<void> WorkflowDriver::accept(Inbound inbound) {
  const auto said = Steady::now();
  const auto taken = co_await rig_.inbox().accept(std::move(inbound));
  if (!taken) throw std::runtime_error("not accepted: " + taken.error().detail);
  run_.acks.add(said);
}

void WorkflowDriver::approve(const ButtonValue& button, const MessageRef& card) {
  auto click = said_by(approver_id(0), "click/" + button.request.value);
  click.reply.channel = card.channel;
  click.reply.message = card.id;
  click.what = Clicked{button};
  asio::co_spawn(rig_.loop, accept(std::move(click)), rethrow);
}

void WorkflowDriver::told(const PrincipalId& who, const std::string& key) {
  if (!key.starts_with("notice/") || !key.ends_with("/usable")) return;
  const auto asked = asked_.find(who);
  if (asked == asked_.end()) return;
  run_.whole.add(asked->second);
  asked_.erase(asked);
  --under_way_;
  if (endless_ && left_ > 0) ask();
}

}  // namespace jitbot::bench

#include "tests/bench/memory_chat.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace jitbot::bench {

namespace asio = boost::asio;
using SteadyClock = std::chrono::steady_clock;

namespace {

// As Slack's adapter: who would wait longer is told so.
constexpr Millis k_patience = 30s;

const Button* approve_of(const Card& card) {
  const auto found = std::ranges::find_if(
      card.buttons, [](const Button& button) { return button.value.act == Act::approve; });
  return found == card.buttons.end() ? nullptr : &*found;
}

}  // namespace

PrincipalId person_id(int number) {
  return {k_workspace, "P" + std::to_string(number)};
}

PrincipalId approver_id(int number) {
  return {k_workspace, "A" + std::to_string(number)};
}

std::string email_of(const PrincipalId& id) {
  return (id.user.starts_with('A') ? "a" : "p") + id.user.substr(1) + "@example.com";
}

Task<Result<void>> MemoryChat::connect() {
  co_return Result<void>();
}

Task<Result<void>> MemoryChat::run(Inbox& inbox) {
  inbox_ = &inbox;
  stopped_ = std::make_shared<asio::steady_timer>(executor_, SteadyClock::time_point::max());
  const auto stopped = stopped_;
  boost::system::error_code cancelled;
  co_await stopped->async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  inbox_ = nullptr;
  co_return Result<void>();
}

Task<void> MemoryChat::stop() {
  stopping_ = true;
  if (stopped_) stopped_->cancel();
  for (asio::steady_timer* timer : waiting_) timer->cancel();
  co_return;
}

Task<bool> MemoryChat::turn() {
  auto until = SteadyClock::now();
  if (stopping_) co_return false;
  if (options_.per_second > 0) {
    next_ = std::max(next_, until);
    if (next_ - until > k_patience) co_return false;
    until = next_;
    next_ += std::chrono::microseconds(1'000'000 / options_.per_second);
  }
  until += options_.each;
  if (until <= SteadyClock::now()) co_return true;
  asio::steady_timer timer(executor_, until);
  waiting_.insert(&timer);
  boost::system::error_code cancelled;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  waiting_.erase(&timer);
  co_return !cancelled;
}

Task<Result<MessageRef>> MemoryChat::post(Place place, Card card, std::string key) {
  if (const bool mine = co_await turn(); !mine) co_return fail(ErrorKind::rate_limited, "too many messages");
  const MessageRef message{place.direct ? "D" + place.direct->user : place.channel,
                           "m" + std::to_string(++posted)};
  const Button* approve = approve_of(card);
  if (approve != nullptr && on_waiting) on_waiting(approve->value, message);
  if (place.direct && on_told) on_told(*place.direct, key);
  co_return message;
}

Task<Result<void>> MemoryChat::update(MessageRef /*message*/, Card /*card*/, std::string /*key*/) {
  if (const bool mine = co_await turn(); !mine) co_return fail(ErrorKind::rate_limited, "too many messages");
  ++updated;
  co_return Result<void>();
}

Task<Result<std::optional<MessageRef>>> MemoryChat::find(Place /*place*/, std::string /*key*/,
                                                         Time /*since*/) {
  co_return std::optional<MessageRef>();
}

Task<Result<void>> MemoryChat::answer(Inbound /*to*/, Card /*card*/) {
  ++answered;
  co_return Result<void>();
}

Task<Result<ChannelInfo>> MemoryChat::channel(std::string name_or_id) {
  ChannelInfo info;
  info.id = name_or_id.starts_with('#') ? "C" + name_or_id.substr(1) : name_or_id;
  info.member = true;
  co_return info;
}

Task<Result<Time>> MemoryChat::server_time() {
  co_return std::chrono::floor<Millis>(std::chrono::system_clock::now());
}

Task<Result<Person>> MemoryChat::person(PrincipalId id) {
  Person person;
  person.email = email_of(id);
  person.id = std::move(id);
  co_return person;
}

Task<Result<std::set<PrincipalId>>> MemoryChat::members(std::string /*group*/) {
  std::set<PrincipalId> members;
  for (int i = 0; i < k_approvers; ++i) members.insert(approver_id(i));
  co_return members;
}

Task<Result<Person>> MemoryChat::by_email(std::string email) {
  const auto number = std::stoi(email.substr(1, email.find('@') - 1));
  co_return co_await person(email.starts_with('a') ? approver_id(number) : person_id(number));
}

std::string MemoryChat::workspace(std::string_view platform) const {
  return platform == "slack" ? k_workspace : std::string();
}

}  // namespace jitbot::bench

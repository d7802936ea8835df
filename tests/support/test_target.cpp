#include "tests/support/test_target.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <functional>

namespace jitbot::testing {

namespace {

using Target_ptr = std::shared_ptr<TestTarget>;

Task<void> rest(Clock& clock, Millis duration) {
  const auto timer = clock.make_timer();
  co_await timer->wait(duration);
}

Task<void> act_later(Clock& clock, Millis delay, std::function<void()> act) {
  co_await rest(clock, delay);
  act();
}

class Running {
 public:
  Running(int& count, int& most) : count_(count) { most = std::max(most, ++count_); }
  ~Running() { --count_; }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

 private:
  int& count_;
};

}  // namespace

bool TestTarget::has(const std::string& who) {
  const auto found = given_.find(who);
  if (found == given_.end()) return false;
  if (!found->second.until || *found->second.until > clock_.now()) return true;
  given_.erase(found);  // its own end has come
  return false;
}

void TestTarget::give(const EntitlementKey& key) {
  keys_.emplace(who(key), key);
  give(who(key));
}

int TestTarget::count(Call call, const std::string& who) const {
  return static_cast<int>(std::ranges::count_if(
      calls_, [&](const TargetCall& one) { return one.call == call && (who.empty() || one.who == who); }));
}

std::string TestTarget::who(const EntitlementKey& key) {
  std::string text = key.account;
  for (const auto& [name, value] : key.params) text.append(" ").append(name).append("=").append(value);
  return text;
}

bool TestTarget::hangs(Manner manner, const std::string& who) const {
  return manner == Manner::hanging && (hangs_for.empty() || hangs_for.contains(who));
}

class TestConnector : public Connector {
 public:
  TestConnector(Target_ptr target, std::string name) : target_(std::move(target)), name_(std::move(name)) {}

  Capabilities capabilities() const override {
    Capabilities can;
    can.native_end = target_->native_end;
    can.list = target_->lists;
    can.enforce = target_->enforce;
    return can;
  }
  Millis timeout() const override { return target_->timeout; }

  Task<Observation> observe(Target asked) override {
    const Target_ptr target = target_;
    const std::string who = note(Call::observe, asked, {});
    const Running running(target->running_, target->most_at_once_);
    const Manner manner = target->observing;
    if (target->hangs(manner, who)) {
      co_await rest(target->clock_, target->timeout);
      co_return Observation{Presence::unknown, {}, false, "no answer in time"};
    }
    if (manner == Manner::slow) co_await rest(target->clock_, target->slowness);
    if (manner == Manner::failing) co_return Observation{Presence::unknown, {}, false, target->words};
    if (manner == Manner::gone) co_return Observation{Presence::gone, {}, false, "no such database"};
    if (!target->has(who)) co_return Observation{Presence::absent, {}, false, {}};
    Observation seen;
    seen.presence = Presence::present;
    if (target->native_end) seen.until = target->given_[who].until;
    co_return seen;
  }

  Task<Result<void>> present(Target asked, Time until) override {
    const std::string who = note(Call::present, asked, until);
    const Target_ptr target = target_;
    const auto end = target->native_end ? std::optional<Time>(until) : std::nullopt;
    std::function<void()> effect = [target, who, end] { target->given_[who] = TestTarget::Given{end}; };
    auto done = change(target->presenting, who, std::move(effect));
    co_return co_await std::move(done);
  }

  Task<Result<void>> absent(Target asked) override {
    const std::string who = note(Call::absent, asked, {});
    const Target_ptr target = target_;
    std::function<void()> effect = [target, who] { target->given_.erase(who); };
    auto done = change(target->removing, who, std::move(effect));
    co_return co_await std::move(done);
  }

  Task<Result<std::vector<EntitlementKey>>> list(std::vector<EntitlementKey> known) override {
    if (target_->observing == Manner::failing) co_return fail(ErrorKind::unavailable, target_->words);
    for (const EntitlementKey& key : known) target_->keys_.emplace(TestTarget::who(key), key);
    std::vector<EntitlementKey> there;
    for (const auto& [who, unused] : target_->given_) {
      const auto key = target_->keys_.find(who);
      if (key != target_->keys_.end()) there.push_back(key->second);
    }
    co_return there;
  }

  Task<std::vector<std::string>> check(std::vector<EntitlementKey>) override {
    co_return std::vector<std::string>();
  }

 private:
  std::string note(Call call, const Target& asked, Time until) {
    const std::string who = TestTarget::who(asked.key);
    target_->keys_.emplace(who, asked.key);
    target_->calls_.push_back({call, target_->clock_.now(), who, until});
    return who;
  }

  Task<Result<void>> change(Manner manner, std::string who, std::function<void()> effect) {
    const Target_ptr target = target_;
    const Running running(target->running_, target->most_at_once_);
    if (target->hangs(manner, who)) {
      co_await rest(target->clock_, target->timeout);
      co_return fail(ErrorKind::outcome_unknown, "no answer in time");
    }
    switch (manner) {
      case Manner::failing:
        co_return fail(ErrorKind::unavailable, target->words);
      case Manner::refusing:
        co_return fail(ErrorKind::refused, target->words);
      case Manner::lying:
        co_return Result<void>();
      case Manner::slow:
        co_await rest(target->clock_, target->slowness);
        break;
      case Manner::late: {
        const auto executor = co_await boost::asio::this_coro::executor;
        boost::asio::co_spawn(executor, act_later(target->clock_, target->slowness, std::move(effect)),
                              boost::asio::detached);
        co_return fail(ErrorKind::outcome_unknown, "the connection was lost");
      }
      case Manner::effect_then_error:
        effect();
        co_return fail(ErrorKind::outcome_unknown, "the connection was lost");
      case Manner::gone:
        co_return fail(ErrorKind::refused, "no such database");
      case Manner::honest:
      case Manner::hanging:
        break;
    }
    effect();
    co_return Result<void>();
  }

  Target_ptr target_;
  std::string name_;
};

std::shared_ptr<Connector> TestTarget::connector(std::string name) {
  return std::make_shared<TestConnector>(shared_from_this(), std::move(name));
}

}  // namespace jitbot::testing

#pragma once

#include "bot/policy/policy.hpp"

#include <memory>
#include <mutex>
#include <utility>

namespace jitbot {

// The policy that decides now. Whoever begins something asks once and keeps what he got for its length, so
// that one thing is judged by one policy; see bot/record/policy_in_force.hpp for what happens to it when the
// policy is replaced meanwhile. From any thread.
class PolicyInForce {
 public:
  explicit PolicyInForce(std::shared_ptr<const Policy> policy) : policy_(std::move(policy)) {}

  std::shared_ptr<const Policy> now() const {
    const std::lock_guard lock(mutex_);
    return policy_;
  }

  void replace(std::shared_ptr<const Policy> policy) {
    const std::lock_guard lock(mutex_);
    policy_.swap(policy);  // the old one goes after the lock, with all that it holds
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Policy> policy_;  // never null
};

}  // namespace jitbot

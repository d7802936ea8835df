#pragma once

#include <cstddef>
#include <unordered_map>
#include <utility>

namespace jitbot::store {

// What was used last, by key: at least the newest `Many`, at most twice as many.
template <class Key, class Value, std::size_t Many, class Hash = std::hash<Key>>
class Lately {
 public:
  const Value* find(const Key& key) {
    if (const auto found = newer_.find(key); found != newer_.end()) return &found->second;
    const auto found = older_.find(key);
    if (found == older_.end()) return nullptr;
    Value value = std::move(found->second);
    older_.erase(found);
    return &keep(key, std::move(value));
  }
  const Value& keep(const Key& key, Value value) {
    if (newer_.size() >= Many) {
      older_ = std::move(newer_);
      newer_.clear();
    }
    older_.erase(key);
    return newer_.insert_or_assign(key, std::move(value)).first->second;
  }
  void forget(const Key& key) {
    newer_.erase(key);
    older_.erase(key);
  }
  void clear() {
    newer_.clear();
    older_.clear();
  }

 private:
  std::unordered_map<Key, Value, Hash> newer_;
  std::unordered_map<Key, Value, Hash> older_;
};

}  // namespace jitbot::store

#pragma once

#include "bot/ports/platform.hpp"

#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>

namespace jitbot::bench {

inline constexpr int k_people = 1000;   // who may ask: p0@example.com …
inline constexpr int k_approvers = 10;  // who may approve: a0@example.com …
inline const std::string k_workspace = "slack:T0BENCH";
PrincipalId person_id(int number);
PrincipalId approver_id(int number);
std::string email_of(const PrincipalId& id);

struct MemoryChatOptions {
  Millis each{0};      // how long a message takes
  int per_second = 0;  // how many messages it takes; 0: any number
};

// A chat that costs next to nothing: what is posted is counted, not kept. People are as named above.
class MemoryChat : public Platform {
 public:
  MemoryChat(Executor executor, MemoryChatOptions options)
      : executor_(std::move(executor)), options_(options) {}

  // Called on the loop, while the bot posts: an approval card, and a direct message about a request.
  std::function<void(const ButtonValue& approve, const MessageRef& card)> on_waiting;
  std::function<void(const PrincipalId& to, const std::string& key)> on_told;

  std::int64_t posted = 0;
  std::int64_t updated = 0;
  std::int64_t answered = 0;
  Inbox* inbox() { return inbox_; }

  Task<Result<void>> connect() override;
  Task<Result<void>> run(Inbox& inbox) override;
  Task<void> stop() override;

  Task<Result<MessageRef>> post(Place place, Card card, std::string key) override;
  Task<Result<void>> update(MessageRef message, Card card, std::string key) override;
  Task<Result<std::optional<MessageRef>>> find(Place place, std::string key, Time since) override;
  Task<Result<void>> answer(Inbound to, Card card) override;
  Task<Result<ChannelInfo>> channel(std::string name_or_id) override;
  Task<Result<Time>> server_time() override;
  bool live() const override { return inbox_ != nullptr; }

  Task<Result<Person>> person(PrincipalId id) override;
  Task<Result<std::set<PrincipalId>>> members(std::string group) override;
  Task<Result<Person>> by_email(std::string email) override;
  std::string workspace(std::string_view platform) const override;

 private:
  Task<bool> turn();  // false: too many wait

  Executor executor_;
  MemoryChatOptions options_;
  Inbox* inbox_ = nullptr;
  bool stopping_ = false;
  std::set<boost::asio::steady_timer*> waiting_;  // messages that take their time; stop() ends them
  std::shared_ptr<boost::asio::steady_timer> stopped_;
  std::chrono::steady_clock::time_point next_{};
};

}  // namespace jitbot::bench

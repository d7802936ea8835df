#pragma once

#include "adapters/chat/mattermost/mattermost.hpp"
#include "adapters/chat/slack/slack.hpp"
#include "adapters/http/frontdoor.hpp"
#include "adapters/net/http_client.hpp"
#include "bot/app/app.hpp"
#include "bot/app/head.hpp"
#include "bot/app/holds.hpp"
#include "bot/app/policy_keeper.hpp"
#include "bot/app/readiness.hpp"
#include "bot/app/refusals.hpp"
#include "bot/desk/desk.hpp"
#include "bot/ports/catalog.hpp"
#include "bot/reconcile/access_loop.hpp"
#include "bot/reconcile/catalog_loop.hpp"
#include "bot/reconcile/message_loop.hpp"
#include "bot/reconcile/nudge_loop.hpp"
#include "bot/reconcile/start_loop.hpp"
#include "bot/reconcile/sweep_loop.hpp"
#include "bot/reconcile/time_loop.hpp"

#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

// The pieces of an App, in the order in which they are made; destroyed the other way round.
namespace jitbot {

struct App::Parts {
  Parts(AppPorts ports_in, AppOptions options_in)
      : ports(std::move(ports_in)), options(std::move(options_in)), policy(options.policy) {}

  AppPorts ports;
  AppOptions options;
  PolicyInForce policy;
  RecordSettings record;
  std::shared_ptr<std::atomic<bool>> starts_held = std::make_shared<std::atomic<bool>>(false);
  std::unique_ptr<SqliteStore> store;
  std::optional<HeadCheck> head;
  boost::asio::thread_pool disk{1};  // the head's fsync, the policy's files
  std::unique_ptr<EffectiveClock> clock;
  std::map<std::string, std::unique_ptr<net::HttpClient>> http;  // by chat
  Secret seal_key;                                               // of what chats carry for us and give back
  RefusalMeter refusals;
  Aliases aliases;
  std::unique_ptr<Platform> chat;
  std::function<unsigned()> unanswered_callbacks = [] { return 0U; };  // of `chat`
  // Each chat of `chat`: what was said in it before a restart is gone on with as soon as it can be asked.
  struct Recovery {
    std::string name;  // "slack", "mattermost"
    std::function<Task<Result<void>>()> connect;
    std::unique_ptr<Timer> again;
  };
  std::vector<Recovery> recoveries;
  Connectors connectors;
  Catalogs catalogs;
  std::unique_ptr<Desk> desk;
  std::unique_ptr<PolicyKeeper> policies;
  std::unique_ptr<TimeLoop> time;
  std::unique_ptr<AccessLoop> access;
  std::unique_ptr<ChannelBook> channels;
  std::unique_ptr<MessageLoop> messages;
  std::unique_ptr<NudgeLoop> nudges;
  std::unique_ptr<StartLoop> starts;
  std::unique_ptr<SweepLoop> sweep;
  std::unique_ptr<CatalogLoop> catalog_watch;
  std::unique_ptr<Readiness> readiness;
  std::unique_ptr<http::Frontdoor> door;
  std::unique_ptr<Timer> head_timer;
  std::unique_ptr<Timer> restore_timer;
  std::unique_ptr<Timer> clock_timer;
  std::unique_ptr<Timer> heard_timer;  // poked when people reach us
  std::unique_ptr<Timer> stopped;
  std::unique_ptr<Running> background;  // every coroutine that must be over before the pieces go
  Holds holds;
  bool stopping = false;
  std::optional<Error> damage;  // of the store, found while it was used
  // Whether the loops are there to be told of commits; what the store posts may come after their end.
  std::shared_ptr<bool> listening = std::make_shared<bool>(true);

  LoopPorts loop_ports() { return {ports.executor, *store, *clock, record}; }
  void heard(const CommitNews& news) const;  // on the loop
  void hold(const std::string& what, std::string why);
  void release(const std::string& what);
};

// The audit head: at start, each minute, and at exit.
Task<void> keep_head(App::Parts& parts);
Task<Result<void>> write_head_now(App::Parts& parts);

// Meta: why a restore is not checked to the end yet, so that a restart goes on with it; empty: it is.
inline constexpr const char* k_restore_pending = "restore_pending";

// After a restore nothing is granted anew until every connector has answered for everything we know of it.
Task<void> check_restored(App::Parts& parts);

// More than an hour past the high-water mark: the chat server's clock must agree before anything is granted.
Task<void> check_clock(App::Parts& parts, std::optional<Time> high_water);

}  // namespace jitbot

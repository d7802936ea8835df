#include "bot/app/app.hpp"

#include "bot/app/compose.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <charconv>

namespace jitbot {

namespace {

constexpr Millis k_head_every = 1min;
constexpr Millis k_chat_again = 5min;
constexpr Millis k_patience = 10s;

Task<Result<std::optional<Time>>> read_high_water(Store& store) {
  std::function<Result<std::optional<Time>>(Tx&)> ask = [](Tx& tx) -> Result<std::optional<Time>> {
    const auto text = tx.meta("high_water");
    if (!text) return std::optional<Time>();
    std::int64_t ms = 0;
    std::from_chars(text->data(), text->data() + text->size(), ms);
    return std::optional<Time>(time_from_ms(ms));
  };
  co_return co_await query<std::optional<Time>>(store, std::move(ask));
}

Task<Result<bool>> restore_pending(Store& store) {
  std::function<Result<bool>(Tx&)> ask = [](Tx& tx) -> Result<bool> {
    return !tx.meta(k_restore_pending).value_or("").empty();
  };
  co_return co_await query<bool>(store, std::move(ask));
}

constexpr const char* k_seal_key = "chat_seal_key";  // in the store's meta

// Made once, so that what was shown before a restart can still be pressed after it.
Task<Result<Secret>> seal_key(App::Parts& parts) {
  std::string fresh;
  for (const char byte : parts.ports.random.bytes(32))
    fresh += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  std::function<Result<std::string>(Tx&)> work = [fresh](Tx& tx) -> Result<std::string> {
    auto kept = tx.meta(k_seal_key);
    if (kept) return *kept;
    tx.put_meta(k_seal_key, fresh);
    return fresh;
  };
  auto key = co_await transact<std::string>(*parts.store, std::move(work));
  if (!key) co_return tl::unexpected<Error>(key.error());
  co_return Secret(*key);
}

Task<bool> anything_to_end(Store& store) {
  std::function<Result<bool>(Tx&)> ask = [](Tx& tx) -> Result<bool> {
    return !tx.entitlements_not_at_rest().empty();
  };
  auto any = co_await query<bool>(store, std::move(ask));
  co_return !any || *any;
}

// What was said before the restart is decided by facts, which only a chat that answers can give: refused now,
// a decision that was taken would be lost. One chat that does not answer holds up its own people alone.
Task<void> recover_desk(App::Parts& parts, std::size_t index) {
  const App::Parts::Recovery& chat = parts.recoveries[index];
  for (int failures = 0; !parts.stopping; ++failures) {
    auto connecting = chat.connect();
    const auto known = co_await std::move(connecting);
    if (known) break;
    co_await chat.again->wait(back_off(failures, 1.0));
  }
  if (parts.stopping) co_return;
  co_await parts.desk->go_on(chat.name);
}

void listen_to_commits(App::Parts& parts) {
  parts.store->on_commit([&parts, alive = std::weak_ptr(parts.listening)](const CommitNews& news) {
    boost::asio::post(parts.ports.executor, [&parts, alive, news] {
      if (!alive.expired()) parts.heard(news);
    });
  });
}

// A damaged store would grant and end by what it no longer knows: it is not gone on with.
Task<void> check_store(App::Parts& parts) {
  co_await boost::asio::post(parts.disk, boost::asio::use_awaitable);
  auto sound = parts.store->check_whole();
  co_await boost::asio::post(parts.ports.executor, boost::asio::use_awaitable);
  if (sound) co_return;
  spdlog::critical("event=store_check kind={} error=\"{}\" detail=\"{}\"", to_string(sound.error().kind),
                   sound.error().message, sound.error().detail);
  if (sound.error().kind != ErrorKind::refused) co_return;
  parts.damage = std::move(sound).error();
  parts.stopping = true;
  parts.stopped->poke();
  co_await parts.chat->stop();
}

// What reads all there is waits until people reach us, or do not for a while: it would be in their way.
Task<void> look_around(App::Parts& parts) {
  constexpr Millis k_patience_for_chat = 10s;
  co_await parts.heard_timer->wait(k_patience_for_chat);
  if (parts.stopping) co_return;
  parts.background->spawn(parts.ports.executor, check_store(parts), "store check");
  co_await parts.sweep->run();
}

Task<Result<void>> start(App::Parts& parts) {
  auto high_water = co_await read_high_water(*parts.store);
  if (!high_water) co_return tl::unexpected<Error>(high_water.error());
  parts.clock = std::make_unique<EffectiveClock>(parts.ports.clock, *high_water);
  auto key = co_await seal_key(parts);
  if (!key) co_return tl::unexpected<Error>(key.error());
  parts.seal_key = std::move(*key);
  make_chat(parts);
  auto made = make_connectors(parts);
  if (!made) co_return made;
  make_desk(parts);
  make_loops(parts);
  listen_to_commits(parts);
  auto opened = open_door(parts);
  if (!opened) co_return opened;
  auto kept = co_await parts.policies->start(parts.head->doubt);
  if (!kept) co_return kept;
  auto unfinished = co_await parts.desk->find_unfinished();
  if (!unfinished) co_return unfinished;
  auto recovered = co_await parts.access->recover();
  if (!recovered) co_return recovered;
  auto head = co_await write_head_now(parts);
  if (!head) co_return head;
  const auto go_on = [&parts](Task<void> task, std::string what) {
    parts.background->spawn(parts.ports.executor, std::move(task), std::move(what));
  };
  auto pending = co_await restore_pending(*parts.store);
  if (!pending) co_return tl::unexpected<Error>(pending.error());
  if (*pending) go_on(check_restored(parts), "restore check");
  go_on(check_clock(parts, *high_water), "clock check");
  go_on(keep_head(parts), "audit head");
  go_on(parts.time->run(), "time loop");
  go_on(parts.access->run(), "access loop");
  go_on(parts.messages->run(), "message loop");
  go_on(parts.nudges->run(), "nudge loop");
  go_on(parts.starts->run(), "start loop");
  go_on(parts.catalog_watch->run(), "catalog loop");
  go_on(look_around(parts), "sweep loop");
  for (std::size_t i = 0; i < parts.recoveries.size(); ++i)
    go_on(recover_desk(parts, i), "desk recovery of " + parts.recoveries[i].name);
  co_return Result<void>();
}

// The chat may refuse us for good, but ends still have to happen: with something left to end we stay.
Task<Result<void>> converse(App::Parts& parts) {
  while (!parts.stopping) {
    auto ended = co_await parts.chat->run(*parts.desk);
    if (ended || parts.stopping) co_return Result<void>();
    const bool needed = co_await anything_to_end(*parts.store);
    spdlog::critical("event=chat_refused error=\"{}\" detail=\"{}\" ends_pending={}", ended.error().message,
                     ended.error().detail, needed);
    if (!needed) co_return tl::unexpected<Error>(ended.error());
    co_await parts.stopped->wait(k_chat_again);
  }
  co_return Result<void>();
}

Task<void> reload_on_signal(App::Parts& parts) {
  auto done = co_await parts.policies->reload(system_principal("signal"));
  if (!done)
    spdlog::error("event=policy_not_reloaded detail=\"{} {}\"", done.error().message, done.error().detail);
}

// Returns when nothing runs any more that uses the parts: what people said is worked off first, then the chat
// is closed, so that nothing waits for its turn there, and every other call ends by its own deadline.
Task<void> shut_down(App::Parts& parts) {
  parts.stopping = true;
  if (parts.door) parts.door->stop();
  co_await parts.chat->stop();
  co_await parts.desk->drain();
  parts.time->stop();
  parts.messages->stop();
  parts.nudges->stop();
  parts.starts->stop();
  parts.sweep->stop();
  parts.catalog_watch->stop();
  parts.access->stop();
  for (auto* timer : {&parts.head_timer, &parts.restore_timer, &parts.clock_timer, &parts.heard_timer})
    (*timer)->poke();
  for (const auto& chat : parts.recoveries) chat.again->poke();
  parts.chat->close();
  co_await parts.messages->drain();
  co_await parts.starts->drain();
  co_await parts.catalog_watch->drain();
  co_await parts.access->drain();
  co_await parts.background->drain(k_patience);
  auto written = co_await write_head_now(parts);
  if (!written) spdlog::error("event=head_not_written detail=\"{}\"", written.error().message);
}

}  // namespace

void App::Parts::heard(const CommitNews& news) const {
  for (const auto& [kind, at] : news.due) {
    switch (kind) {
      case DueKind::call:
        access->due_at(at);
        break;
      case DueKind::start:
        starts->poke();
        break;
      case DueKind::nudge:
        nudges->poke();
        break;
      case DueKind::request:
      case DueKind::grant:
      case DueKind::alarm:
        time->due_at(at);
        break;
    }
  }
  if (news.messages) messages->due_at(*news.messages);
}

void App::Parts::hold(const std::string& what, std::string why) {
  spdlog::warn("event=grants_held what={} why=\"{}\"", what, why);
  holds.set(what, std::move(why));
  desk->hold_grants(holds.why());
}

void App::Parts::release(const std::string& what) {
  spdlog::info("event=grants_released what={}", what);
  holds.clear(what);
  desk->hold_grants(holds.why());
}

Task<Result<void>> write_head_now(App::Parts& parts) {
  const AuditHead head{parts.store->tip(), parts.clock->now()};
  co_await boost::asio::post(parts.disk, boost::asio::use_awaitable);
  auto written = write_head(parts.head->key, parts.options.config.audit.head, head);
  co_await boost::asio::post(parts.ports.executor, boost::asio::use_awaitable);
  co_return written;
}

Task<void> keep_head(App::Parts& parts) {
  while (!parts.stopping) {
    co_await parts.head_timer->wait(k_head_every);
    if (parts.stopping) co_return;
    auto written = co_await write_head_now(parts);
    if (!written) spdlog::error("event=head_not_written detail=\"{}\"", written.error().message);
  }
}

App::App(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
App::~App() = default;

Result<std::unique_ptr<App>> App::open(AppPorts ports, AppOptions options) {
  auto parts = std::make_unique<Parts>(ports, std::move(options));
  parts->record.admin_channel = parts->options.config.admins.channel;
  auto store = open_store(parts->options.config.store.sqlite);
  if (!store) return tl::unexpected<Error>(store.error());
  parts->store = std::move(*store);
  auto head = check_head(*parts->store, parts->options.config.audit.key, parts->options.config.audit.head,
                         ports.clock.now());
  if (!head) return tl::unexpected<Error>(head.error());
  if (!head->doubt.empty() && parts->options.restored == Restored::no) {
    return fail(ErrorKind::invalid,
                head->doubt +
                    ". If you restored a backup on purpose, start once with --after-restore: "
                    "every target is then asked what it has before anything is granted");
  }
  if (head->doubt.empty() && parts->options.restored == Restored::yes) {
    // The head came back with the store: only whoever restored them knows.
    head->doubt = "started with --after-restore";
  }
  parts->head.emplace(std::move(*head));
  for (auto* timer : {&parts->head_timer, &parts->restore_timer, &parts->clock_timer, &parts->heard_timer,
                      &parts->stopped}) {
    *timer = ports.clock.make_timer();
  }
  parts->background = std::make_unique<Running>(ports.clock);
  return std::unique_ptr<App>(new App(std::move(parts)));
}

Task<Result<void>> App::run() {
  auto started = co_await start(*parts_);
  if (!started) co_return started;
  auto ended = co_await converse(*parts_);
  if (parts_->damage) ended = tl::unexpected<Error>(*parts_->damage);
  co_await shut_down(*parts_);
  co_return ended;
}

void App::stop() {
  parts_->stopping = true;
  parts_->stopped->poke();
  if (parts_->chat)
    boost::asio::co_spawn(parts_->ports.executor, parts_->chat->stop(), boost::asio::detached);
}

void App::reload_policy() {
  if (parts_->stopping || !parts_->policies) return;
  parts_->background->spawn(parts_->ports.executor, reload_on_signal(*parts_), "policy reload");
}

std::optional<std::uint16_t> App::http_port() const {
  if (!parts_->door) return std::nullopt;
  return parts_->door->port();
}

bool App::chat_live() const {
  return parts_->chat && parts_->chat->live();
}

unsigned App::chat_calls_under_way() const {
  unsigned calls = 0;
  for (const auto& [chat, http] : parts_->http) calls += http->under_way();
  return calls;
}

unsigned App::chat_callbacks_under_way() const {
  return parts_->unanswered_callbacks();
}

bool App::reading_policy() const {
  return parts_->policies && parts_->policies->reading();
}

Store& App::store() {
  return *parts_->store;
}

}  // namespace jitbot

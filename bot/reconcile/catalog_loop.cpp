#include "bot/reconcile/catalog_loop.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace jitbot {

namespace {

constexpr Millis k_longest_rest = 30s;
constexpr Millis k_longest_silence = 30s;  // before a catalog that did not answer is asked again
constexpr Millis k_patience = 1min;

}  // namespace

CatalogLoop::CatalogLoop(LoopPorts ports, const Catalogs& catalogs)
    : ports_(std::move(ports)),
      catalogs_(catalogs),
      timer_(ports_.clock.clock().make_timer()),
      running_(ports_.clock.clock()) {
  for (const auto& [name, catalog] : catalogs_) noted_.insert(name);
}

void CatalogLoop::stop() {
  stopping_ = true;
  timer_->poke();
}

Task<void> CatalogLoop::drain() {
  co_await running_.drain(k_patience);
}

Task<void> CatalogLoop::run() {
  while (!stopping_) {
    auto watched = co_await look();
    if (stopping_) co_return;  // whoever waits for the last list to end has counted them
    if (!watched) {
      spdlog::error("event=catalog_loop_failed detail=\"{}\"", watched.error().detail);
      co_await timer_->wait(1s);
      continue;
    }
    // Nothing can be granted that no catalog lists.
    if (watched->empty() && catalogs_.empty()) co_return;
    const Time now = ports_.clock.now();
    std::optional<Time> next;
    for (const auto& [name, grants] : *watched) {
      if (under_way_.contains(name)) continue;
      const Time at = next_[name];
      if (at <= now) {
        under_way_.insert(name);
        running_.spawn(ports_.executor, ask(name), "catalog");
      } else {
        next = std::min(next.value_or(at), at);
      }
    }
    co_await rest(ports_.clock, *timer_, next, k_longest_rest);
  }
}

Task<Result<Watched>> CatalogLoop::look() {
  auto known = std::make_shared<std::map<RequestId, std::string>>(catalog_of_);
  std::function<Result<Watched>(Tx&)> work = [known](Tx& tx) -> Result<Watched> {
    return watched_grants(tx, *known);
  };
  auto watched = co_await query<Watched>(ports_.store, std::move(work));
  if (!watched) co_return watched;
  catalog_of_ = std::move(*known);
  std::set<std::string> idle;
  for (const std::string& name : noted_) {
    if (!watched->contains(name)) idle.insert(name);
  }
  if (idle.empty()) co_return watched;
  Store::Work forget = [idle](Tx& tx) -> Result<void> {
    for (const std::string& name : idle) forget_catalog(tx, name);
    return {};
  };
  if (co_await ports_.store.write(std::move(forget))) {
    for (const std::string& name : idle) noted_.erase(name);
  }
  co_return watched;
}

Millis CatalogLoop::every(const std::string& name) const {
  const auto found = catalogs_.find(name);
  return found == catalogs_.end() ? k_longest_silence : found->second->every();
}

Task<Result<std::set<std::string>>> CatalogLoop::list(std::string name) {
  const auto found = catalogs_.find(name);
  if (found == catalogs_.end())
    co_return fail(ErrorKind::unavailable, "catalog " + name + " is not configured");
  const auto catalog = found->second;
  co_return co_await catalog->list();
}

Task<void> CatalogLoop::ask(std::string name) {
  // However it ends, it can be asked again.
  class Leave {
   public:
    Leave(CatalogLoop& loop, std::string name) : loop_(loop), name_(std::move(name)) {
      loop_.next_[name_] = loop_.ports_.clock.now() + k_longest_silence;
    }
    ~Leave() {
      loop_.under_way_.erase(name_);
      loop_.timer_->poke();
    }
    Leave(const Leave&) = delete;
    Leave& operator=(const Leave&) = delete;

   private:
    CatalogLoop& loop_;
    std::string name_;
  };
  const Leave leave(*this, name);
  noted_.insert(name);
  Listing listing{name, ports_.clock.now(), {}};
  auto names = co_await list(name);
  if (!names) {
    spdlog::warn("event=catalog_silent catalog={} why=\"{}\"", name, names.error().message);
    next_[name] = ports_.clock.now() + std::min(every(name), k_longest_silence);
    auto taken = co_await take_no_answer(name, names.error());
    if (!taken) spdlog::error("event=catalog_failed catalog={} detail=\"{}\"", name, taken.error().detail);
    co_return;
  }
  listing.names = std::move(*names);
  const Time begun = listing.begun;
  auto then = co_await take(std::move(listing));
  if (!then) {
    spdlog::error("event=catalog_failed catalog={} detail=\"{}\"", name, then.error().detail);
    co_return;
  }
  const bool soon = *then == Then::look_again;
  next_[name] = soon ? ports_.clock.now() + k_second_list : begun + every(name);
}

// Most lists are as expected, and nothing is written.
Task<Result<Then>> CatalogLoop::take(Listing listing) {
  auto watched = co_await look();
  if (!watched) co_return tl::unexpected<Error>(watched.error());
  using News = std::optional<std::vector<RequestId>>;
  std::function<Result<News>(Tx&)> compare = [listing,
                                              grants = (*watched)[listing.catalog]](Tx& tx) -> Result<News> {
    return news_of(tx, listing, grants);
  };
  auto news = co_await query<News>(ports_.store, std::move(compare));
  if (!news) co_return tl::unexpected<Error>(news.error());
  if (!*news) co_return Then::as_usual;
  auto then = std::make_shared<Then>(Then::as_usual);
  std::function<Result<void>(Recorder&)> work = [listing, about = **news,
                                                 then](Recorder& record) -> Result<void> {
    *then = take_listing(record, listing, about);
    return {};
  };
  auto done = co_await record(ports_, std::move(work));
  if (!done) co_return tl::unexpected<Error>(done.error());
  co_return *then;
}

Task<Result<void>> CatalogLoop::take_no_answer(std::string name, Error why) {
  std::function<Result<void>(Recorder&)> work = [name, why](Recorder& record) -> Result<void> {
    take_silence(record, name, why);
    return {};
  };
  co_return co_await record(ports_, std::move(work));
}

}  // namespace jitbot

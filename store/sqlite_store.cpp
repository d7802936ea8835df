#include "store/sqlite_store.hpp"

#include "bot/ports/crash_point.hpp"
#include "store/job_thread.hpp"
#include "store/open_parts.hpp"
#include "store/query.hpp"
#include "store/transaction.hpp"

#include <atomic>
#include <mutex>

namespace jitbot {

using store::ChainEnd;
using store::Driver;
using store::Haste;
using store::Job;
using store::SqlError;

namespace {

constexpr std::size_t k_reads_at_once = 32;

struct Outcome {
  std::exception_ptr bug;
  Result<void> result;

  bool fine() const { return bug == nullptr && result.has_value(); }
};

Result<void> sql_failure(const SqlError& error) {
  if (error.kind() == SqlError::Kind::busy) {
    return fail(ErrorKind::unavailable, "The store is busy, try again.", error.what());
  }
  return fail(ErrorKind::internal, "Something went wrong in the store; nothing was changed.", error.what());
}

Outcome attempt(const Store::Work& work, Tx& tx) {
  try {
    return {nullptr, work(tx)};
  } catch (const SqlError& error) {
    return {nullptr, sql_failure(error)};
  } catch (const std::exception& error) {
    return {nullptr, fail(ErrorKind::internal, "Something went wrong; nothing was changed.", error.what())};
  } catch (...) {
    return {std::current_exception(), {}};
  }
}

void hand_over(Job& job, Outcome outcome) {
  job.work = nullptr;  // what it holds ends before its owner goes on
  job.completion->finish(std::move(outcome.bug), std::move(outcome.result));
}

// One connection's transactions, each undone alone. Lives on the writer's thread.
class Writer {
 public:
  using Committed = std::function<void(const ChainEnd&, const CommitNews&)>;
  Writer(Driver& driver, Committed committed)
      : driver_(driver), committed_(std::move(committed)), chain_(store::read_chain_end(driver)) {}

  void run(std::vector<Job>& jobs) {
    std::vector<Outcome> outcomes(jobs.size());
    if (!run_together(jobs, outcomes)) run_apart(jobs, outcomes);
    for (std::size_t i = 0; i < jobs.size(); ++i) hand_over(jobs[i], std::move(outcomes[i]));
  }

 private:
  // Nearly always all succeed, and then nobody needs a way back of his own. False: one did not, and nothing
  // is done.
  bool run_together(std::vector<Job>& jobs, std::vector<Outcome>& outcomes) {
    const ChainEnd before = chain_;
    news_ = {};
    try {
      store::run(driver_, "BEGIN IMMEDIATE");
      for (std::size_t i = 0; i < jobs.size(); ++i) {
        store::Transaction tx(driver_, &chain_, memory_);
        outcomes[i] = attempt(jobs[i].work, tx);
        if (!outcomes[i].fine()) {
          undo_group(before);
          return jobs.size() == 1;
        }
        news_.add(tx.news());
      }
      must_be_in_transaction();
    } catch (const SqlError& error) {
      undo_group(before);
      fail_all(outcomes, unwritable(error));
      return true;
    }
    commit(before, outcomes);
    return true;
  }

  // Each is undone alone.
  void run_apart(std::vector<Job>& jobs, std::vector<Outcome>& outcomes) {
    const ChainEnd before = chain_;
    news_ = {};
    outcomes.assign(jobs.size(), {});
    try {
      store::run(driver_, "BEGIN IMMEDIATE");
      bool keep = false;
      for (std::size_t i = 0; i < jobs.size(); ++i) {
        outcomes[i] = run_one(jobs[i]);
        keep = keep || outcomes[i].fine();
      }
      if (!keep) return undo_group(before);
    } catch (const SqlError& error) {
      undo_group(before);
      fail_all(outcomes, unwritable(error));
      return;
    }
    commit(before, outcomes);
  }

  // Throws SqlError where not this transaction alone but the whole group is lost.
  Outcome run_one(const Job& job) {
    ChainEnd end = chain_;
    store::run(driver_, "SAVEPOINT work");
    store::Transaction tx(driver_, &end, memory_);
    Outcome outcome = attempt(job.work, tx);
    must_be_in_transaction();
    if (outcome.fine()) {
      chain_ = end;
      news_.add(tx.news());
    } else {
      store::run(driver_, "ROLLBACK TO work");
      memory_.clear();
    }
    store::run(driver_, "RELEASE work");
    return outcome;
  }

  void commit(const ChainEnd& before, std::vector<Outcome>& outcomes) {
    try {
      crash_point("commit.before");
      store::run(driver_, "COMMIT");
      crash_point("commit.after");
    } catch (const SqlError& error) {
      undo_group(before);
      fail_all(outcomes, {ErrorKind::outcome_unknown, "The store could not be written.", error.what()});
      return;
    }
    committed_(chain_, news_);
  }

  void undo_group(const ChainEnd& before) {
    chain_ = before;
    memory_.clear();
    try {
      if (driver_.in_transaction()) store::run(driver_, "ROLLBACK");
    } catch (const SqlError&) {
      // The next BEGIN fails then, and tells whoever waits for it.
    }
  }

  // SQLite ends the whole transaction by itself on some errors: disk full, I/O error, out of memory.
  void must_be_in_transaction() const {
    if (!driver_.in_transaction())
      throw SqlError(SqlError::Kind::other, "the database ended the transaction");
  }

  static Error unwritable(const SqlError& error) {
    return {ErrorKind::unavailable, "The store cannot be written now; nothing was changed.", error.what()};
  }

  static void fail_all(std::vector<Outcome>& outcomes, const Error& error) {
    for (Outcome& outcome : outcomes) {
      if (outcome.fine()) outcome.result = tl::unexpected<Error>(error);
    }
  }

  Driver& driver_;
  Committed committed_;
  ChainEnd chain_;
  CommitNews news_;  // of the group under way
  store::RowMemory memory_;
};

// Whoever waits at once sees one state: the newest that is durable when the first of them is answered.
void run_reads(Driver& driver, std::vector<Job>& jobs) {
  store::RowMemory memory;
  for (Job& job : jobs) {
    Outcome outcome;
    try {
      if (!driver.in_transaction()) {
        memory.clear();
        store::run(driver, "BEGIN");
      }
      store::Transaction tx(driver, nullptr, memory);
      outcome = attempt(job.work, tx);
      if (&job == &jobs.back() && driver.in_transaction()) store::run(driver, "ROLLBACK");
    } catch (const SqlError& error) {
      outcome.result = sql_failure(error);
    }
    hand_over(job, std::move(outcome));
  }
}

}  // namespace

class SqliteStore::Core {
 public:
  Core(store::OpenParts parts, const StoreOptions& options)
      : path_(std::move(parts.path)),
        busy_timeout_(options.busy_timeout),
        lock_(std::move(parts.lock)),
        writing_(std::move(parts.writer)),
        reading_(std::move(parts.reader)),
        store_id_(std::move(parts.store_id)),
        end_(store::read_chain_end(*writing_)),
        writer_(*writing_, [this](const ChainEnd& end, const CommitNews& news) { committed(end, news); }),
        write_thread_(options.largest_group, options.soon,
                      [this](std::vector<Job>& jobs) { writer_.run(jobs); }),
        read_thread_(k_reads_at_once, Millis{0},
                     [this](std::vector<Job>& jobs) { run_reads(*reading_, jobs); }) {}

  Task<Result<void>> write(Work work) { return write_thread_.run(std::move(work), Haste::now); }
  Task<Result<void>> write_soon(Work work) { return write_thread_.run(std::move(work), Haste::soon); }
  Task<Result<void>> read(Work work) { return read_thread_.run(std::move(work), Haste::now); }

  AuditTip tip() const {
    const std::lock_guard lock(mutex_);
    return {store_id_, end_.sequence, end_.hash};
  }
  std::int64_t commits() const { return commits_; }
  void on_commit(std::function<void(const CommitNews&)> listener) { listener_ = std::move(listener); }

  Result<void> check_whole() const { return store::check_whole(path_, busy_timeout_); }

  Result<HeadRelation> compare(const AuditHead& head) const {
    auto hash = store::hash_at(path_, head.tip.sequence, busy_timeout_);
    if (!hash) return tl::unexpected<Error>(std::move(hash).error());
    return compare_head(tip(), *hash, head);
  }

 private:
  void committed(const ChainEnd& end, const CommitNews& news) {
    ++commits_;
    {
      const std::lock_guard lock(mutex_);
      end_ = end;
    }
    if (listener_ && !news.empty()) listener_(news);
  }

  const std::filesystem::path path_;
  const Millis busy_timeout_;
  store::File lock_;  // given up last
  std::unique_ptr<Driver> writing_;
  std::unique_ptr<Driver> reading_;
  const std::string store_id_;
  mutable std::mutex mutex_;
  ChainEnd end_;  // of the last commit
  std::atomic<std::int64_t> commits_ = 0;
  std::function<void(const CommitNews&)> listener_;
  Writer writer_;
  store::JobThread write_thread_;
  store::JobThread read_thread_;
};

SqliteStore::SqliteStore(std::unique_ptr<Core> core) : core_(std::move(core)) {}
SqliteStore::~SqliteStore() = default;

Task<Result<void>> SqliteStore::write(Work work) {
  return core_->write(std::move(work));
}
Task<Result<void>> SqliteStore::write_soon(Work work) {
  return core_->write_soon(std::move(work));
}
Task<Result<void>> SqliteStore::read(Work work) {
  return core_->read(std::move(work));
}
AuditTip SqliteStore::tip() const {
  return core_->tip();
}
void SqliteStore::on_commit(std::function<void(const CommitNews&)> listener) {
  core_->on_commit(std::move(listener));
}
std::int64_t SqliteStore::commits() const {
  return core_->commits();
}
Result<void> SqliteStore::check_whole() const {
  return core_->check_whole();
}
Result<HeadRelation> SqliteStore::compare(const AuditHead& head) const {
  return core_->compare(head);
}

Result<std::unique_ptr<SqliteStore>> open_store(const std::filesystem::path& path, StoreOptions options) {
  auto parts = store::open_parts(path, options.busy_timeout);
  if (!parts) return tl::unexpected<Error>(std::move(parts).error());
  auto core = std::make_unique<SqliteStore::Core>(std::move(*parts), options);
  return std::unique_ptr<SqliteStore>(new SqliteStore(std::move(core)));
}

}  // namespace jitbot

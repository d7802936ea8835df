#pragma once

#include "bot/ports/store.hpp"
#include "store/audit_head.hpp"
#include "store/commit_news.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace jitbot {

struct StoreOptions {
  std::size_t largest_group = 256;  // transactions in one commit
  Millis soon{10};                  // how long write_soon waits for company
  Millis busy_timeout{5000};        // how long another program may keep the database locked
};

// Store on SQLite: WAL, synchronous FULL, 0600. One thread writes and groups what waits into one commit,
// another reads. Open it from any thread; await from coroutines of an event loop that outlives it. The
// destructor runs what was already handed in.
//
// An error or an exception of one `work` undoes that one alone; std::exceptions come back as
// ErrorKind::internal, others are thrown into the awaiting coroutine. A commit that fails fails all of its
// group: outcome_unknown, or unavailable where it had not begun.
class SqliteStore : public Store {
 public:
  ~SqliteStore() override;

  Task<Result<void>> write(Work work) override;
  Task<Result<void>> write_soon(Work work) override;
  Task<Result<void>> read(Work work) override;

  // Called on the store's thread after each commit that gave somebody something to do, before those who wait
  // for it go on. Set it before the first write.
  void on_commit(std::function<void(const CommitNews&)> listener);

  // Thread-safe. The tip is that of the last durable commit.
  AuditTip tip() const;
  std::int64_t commits() const;  // since it was opened

  // Whether the content is sound, read beside everything else, where that was left out at the opening because
  // the store is large. refused: it is damaged; unavailable: it could not be read. Blocks on the disk.
  Result<void> check_whole() const;

  // How a signed head and this store fit together. Blocks on the disk: for start-up.
  Result<HeadRelation> compare(const AuditHead& head) const;

 private:
  class Core;
  explicit SqliteStore(std::unique_ptr<Core> core);
  friend Result<std::unique_ptr<SqliteStore>> open_store(const std::filesystem::path& path,
                                                         StoreOptions options);

  std::unique_ptr<Core> core_;
};

// Opens or creates the store and brings its schema up to date. Blocks on the disk. Refused, each with what to
// do: a second process on one store (a lock on `<path>.lock`, held until the store is closed or the process
// ends), a file that is not sound or not jitbot's, a newer version's, or not writable.
Result<std::unique_ptr<SqliteStore>> open_store(const std::filesystem::path& path, StoreOptions options = {});

}  // namespace jitbot

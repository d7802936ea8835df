#pragma once

#include "bot/ports/store.hpp"
#include "store/sqlite_store.hpp"
#include "tests/support/event_loop.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace jitbot::testing {

// A folder of its own, gone at the end.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  std::filesystem::path path(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

// A store in a folder of its own, with blocking calls for tests. `write` and `read` fail the test on an
// error.
class StoreFixture {
 public:
  StoreFixture() { open(); }

  std::filesystem::path path() const { return folder_.path("jitbot.db"); }
  const TempFolder& folder() const { return folder_; }
  EventLoop& loop() { return loop_; }
  SqliteStore& store() { return *store_; }

  void open();
  void close() { store_.reset(); }
  void reopen() {
    close();
    open();
  }

  void write(const std::function<void(Tx&)>& work);
  Result<void> try_write(Store::Work work);
  Result<void> try_read(Store::Work work);

  // What `ask` gives, read in a transaction of its own.
  template <class Ask>
  auto read(Ask ask) {
    using Value = decltype(ask(std::declval<Tx&>()));
    std::optional<Value> value;
    const auto done = try_read([&](Tx& tx) -> Result<void> {
      value.emplace(ask(tx));
      return {};
    });
    if (!done) FAIL(done.error().message << " " << done.error().detail);
    return std::move(*value);
  }

 private:
  TempFolder folder_;
  EventLoop loop_;
  std::unique_ptr<SqliteStore> store_;
};

// Samples that fill every field.
inline constexpr Time k_now{Millis{1'772'330'400'000}};
PrincipalId user(const std::string& name);
Request sample_request(const std::string& id);
Entitlement sample_entitlement(const std::string& account);
Grant sample_grant(const std::string& id, EntitlementId entitlement);
AuditEvent sample_event(int number);

// SQL on the file itself, as somebody with a shell would do it.
void run_sql(const std::filesystem::path& path, const std::string& sql);

}  // namespace jitbot::testing

#pragma once

#include "bot/ports/connector.hpp"
#include "store/sqlite_store.hpp"
#include "tests/support/event_loop.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace jitbot::testing {

inline constexpr Time k_now{Millis{1'772'330'400'000}};  // 2026-03-01T02:00:00Z

// A real store in a folder of its own, and grants in it. Declare it after the loop that its tasks run on.
struct Grants {
  explicit Grants(EventLoop& with) : loop(with) {
    std::string name = (std::filesystem::temp_directory_path() / "jitbot-lookup-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    folder = name;
    auto opened = open_store(folder / "jitbot.db");
    if (!opened) FAIL(opened.error().message);
    store = std::move(*opened);
  }
  ~Grants() {
    store.reset();
    std::filesystem::remove_all(folder);
  }
  Grants(const Grants&) = delete;
  Grants& operator=(const Grants&) = delete;

  struct Row {
    std::string id;
    std::string account = "alice@example.com";
    std::string resource = "wiki";
    std::string role = "reader";
    GrantState state = GrantState::active;
    Time end = k_now + 1h;
  };

  void put(const Row& row) {
    const auto work = [row](Tx& tx) -> Result<void> {
      const EntitlementKey key = key_of(row);
      auto entitlement = tx.entitlement(key);
      if (!entitlement) {
        entitlement.emplace();
        entitlement->key = key;
        entitlement->resource = row.resource;
        entitlement->role = row.role;
        entitlement->id = tx.add(*entitlement);
      }
      Request request;
      request.id = {row.id};
      request.asked.resource = row.resource;
      request.asked.role = row.role;
      request.asked.account = row.account;
      request.asked.connector = "portal";
      request.state = RequestState::approved;
      request.digest = digest_of(request.asked, 0);
      tx.put(request);
      Grant grant;
      grant.id = request.id;
      grant.entitlement = entitlement->id;
      grant.resource = row.resource;
      grant.role = row.role;
      grant.state = row.state;
      grant.created = k_now - 1h;
      grant.duration = 24h;
      grant.latest_end = row.end;
      tx.put(grant);
      return {};
    };
    const auto done = loop.run(store->write(work));
    if (!done) FAIL(done.error().message);
  }

  static EntitlementKey key_of(const Row& row) {
    return {"portal", {{"resource", row.resource}, {"role", row.role}}, row.account};
  }
  static Target target(const Row& row) {
    Target made;
    made.key = key_of(row);
    made.resource = row.resource;
    made.role = row.role;
    made.grant = row.id;
    return made;
  }

  EventLoop& loop;
  std::filesystem::path folder;
  std::unique_ptr<SqliteStore> store;
};

}  // namespace jitbot::testing

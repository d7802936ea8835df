#include "tests/bench/end_watch.hpp"

#include <sqlite3.h>
#include <stdexcept>
#include <string_view>

namespace jitbot::bench {

namespace {

constexpr std::chrono::milliseconds k_every{5};

double ms_after(Time end) {
  const auto now = std::chrono::system_clock::now();
  return std::chrono::duration<double, std::milli>(now - end).count();
}

}  // namespace

EndWatch::EndWatch(std::filesystem::path store, std::unordered_map<std::string, Time> ends)
    : store_(std::move(store)), ends_(std::move(ends)), thread_([this] { look(); }) {}

EndWatch::~EndWatch() {
  stop();
}

void EndWatch::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

void EndWatch::look() {
  sqlite3* database = nullptr;
  sqlite3_open_v2(store_.c_str(), &database, SQLITE_OPEN_READONLY, nullptr);
  sqlite3_busy_timeout(database, 1000);
  sqlite3_stmt* query = nullptr;
  sqlite3_prepare_v2(database,
                     "SELECT sequence, action, subject FROM audit WHERE sequence > ?1 ORDER BY sequence", -1,
                     &query, nullptr);
  sqlite3_int64 seen = 0;
  while (!stopping_) {
    sqlite3_bind_int64(query, 1, seen);
    while (sqlite3_step(query) == SQLITE_ROW) {
      seen = sqlite3_column_int64(query, 0);
      const std::string_view action(reinterpret_cast<const char*>(sqlite3_column_text(query, 1)));
      if (action != "grant.ending" && action != "grant.ended") continue;
      const std::string subject(reinterpret_cast<const char*>(sqlite3_column_text(query, 2)));
      const auto end = ends_.find(subject.substr(subject.find('-') + 1));
      if (end == ends_.end()) continue;
      if (action == "grant.ending") {
        lateness.add_ms(ms_after(end->second));
        ++ended_;
      } else {
        proof.add_ms(ms_after(end->second));
        ++proven_;
      }
    }
    sqlite3_reset(query);
    std::this_thread::sleep_for(k_every);
  }
  sqlite3_finalize(query);
  sqlite3_close(database);
}

}  // namespace jitbot::bench

#include "tests/bench/slow_disk.hpp"

#include <algorithm>
#include <array>
#include <mutex>
#include <sqlite3.h>
#include <stdexcept>
#include <thread>

// A VFS (https://www.sqlite.org/vfs.html) that is the default one but for xSync: files keep their own
// methods, of which a copy with another xSync is put in place.
namespace jitbot::bench {

namespace {

struct Methods {
  const sqlite3_io_methods* original = nullptr;
  sqlite3_io_methods slowed{};
};

sqlite3_vfs* g_original = nullptr;
sqlite3_vfs g_slow;
std::chrono::microseconds g_delay{0};
std::mutex g_opening;
std::array<Methods, 8> g_methods;  // the unix VFS has a handful, by style of locking

const Methods& methods_of(sqlite3_file* file) {
  return *std::ranges::find_if(g_methods,
                               [&](const Methods& known) { return &known.slowed == file->pMethods; });
}

int sync_slowly(sqlite3_file* file, int flags) {
  std::this_thread::sleep_for(g_delay);
  return methods_of(file).original->xSync(file, flags);
}

int open_slowed(sqlite3_vfs* /*vfs*/, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  const int code = g_original->xOpen(g_original, name, file, flags, out_flags);
  if (code != SQLITE_OK || file->pMethods == nullptr) return code;
  const std::lock_guard lock(g_opening);
  for (Methods& known : g_methods) {
    if (known.original == nullptr) {
      known.original = file->pMethods;
      known.slowed = *file->pMethods;
      known.slowed.xSync = sync_slowly;
    }
    if (known.original != file->pMethods) continue;
    file->pMethods = &known.slowed;
    return code;
  }
  return SQLITE_INTERNAL;
}

}  // namespace

void make_disk_slower(std::chrono::microseconds each_flush) {
  if (each_flush.count() == 0) return;
  g_delay = each_flush;
  g_original = sqlite3_vfs_find(nullptr);
  g_slow = *g_original;
  g_slow.zName = "slow-flush";
  g_slow.xOpen = open_slowed;
  if (sqlite3_vfs_register(&g_slow, 1) != SQLITE_OK) throw std::runtime_error("the slow disk cannot be made");
}

}  // namespace jitbot::bench

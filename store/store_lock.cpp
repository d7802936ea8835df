#include "store/store_lock.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace jitbot::store {

namespace {

std::string holder(const File& lock) {
  std::array<char, 32> text{};
  const ssize_t size = ::pread(lock.get(), text.data(), text.size(), 0);
  std::string pid(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  const bool number = !pid.empty() && pid.find_first_not_of("0123456789\n") == std::string::npos;
  if (!number) return "another process";
  return "process " + pid.substr(0, pid.find('\n'));
}

Result<void> keep_private(const std::filesystem::path& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return {};
    return tl::unexpected<Error>(file_error(path, "cannot be opened"));
  }
  if (!S_ISREG(status.st_mode))
    return fail(ErrorKind::refused, fmt::format("{}: is not a file", path.string()));
  if ((status.st_mode & 07777U) == 0600) return {};
  if (::chmod(path.c_str(), 0600) != 0)
    return tl::unexpected<Error>(file_error(path, "cannot be made private"));
  return {};
}

}  // namespace

Result<File> lock_store(const std::filesystem::path& store) {
  const std::filesystem::path path = store.string() + ".lock";
  File lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!lock.open()) return tl::unexpected<Error>(file_error(path, "cannot be opened"));
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return tl::unexpected<Error>(file_error(path, "cannot be locked"));
    return fail(ErrorKind::refused,
                fmt::format("{}: {} is using this store, and only one jitbot may: stop that one "
                            "first, or give this one a store of its own",
                            store.string(), holder(lock)));
  }
  const std::string pid = fmt::format("{}\n", ::getpid());
  if (::ftruncate(lock.get(), 0) != 0 || ::pwrite(lock.get(), pid.data(), pid.size(), 0) < 0) {
    return tl::unexpected<Error>(file_error(path, "cannot be written"));
  }
  return lock;
}

Result<std::string> lock_holder(const std::filesystem::path& store) {
  const std::filesystem::path path = store.string() + ".lock";
  const File lock(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!lock.open()) {
    if (errno == ENOENT) return std::string();
    return tl::unexpected<Error>(file_error(path, "cannot be opened"));
  }
  if (::flock(lock.get(), LOCK_SH | LOCK_NB) == 0) return std::string();
  if (errno != EWOULDBLOCK) return tl::unexpected<Error>(file_error(path, "cannot be locked"));
  return holder(lock);
}

// By path alone: closing a descriptor of the database would drop SQLite's own locks on it.
Result<void> prepare_files(const std::filesystem::path& store) {
  std::error_code ignored;
  if (!std::filesystem::exists(store, ignored)) {
    const File made(::open(store.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!made.open()) return tl::unexpected<Error>(file_error(store, "cannot be made"));
    if (auto synced = sync_folder_of(store); !synced) return synced;
  }
  for (const char* const suffix : {"", "-wal", "-shm"}) {  // SQLite gives a new WAL the mode of the database
    if (auto done = keep_private(store.string() + suffix); !done) return done;
  }
  return {};
}

}  // namespace jitbot::store

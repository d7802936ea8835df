#include "store/files.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace jitbot::store {

namespace {

Result<void> write_all(const File& file, const std::filesystem::path& path, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(file.get(), content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return tl::unexpected<Error>(file_error(path, "cannot be written"));
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(file.get()) != 0)
    return tl::unexpected<Error>(file_error(path, "cannot be written to the disk"));
  return {};
}

// link() fails where the name is taken, rename() replaces it.
Result<void> put_in_place(const std::filesystem::path& made, const std::filesystem::path& path,
                          Existing existing) {
  if (existing == Existing::replace) {
    if (::rename(made.c_str(), path.c_str()) == 0) return {};
  } else if (::link(made.c_str(), path.c_str()) == 0) {
    ::unlink(made.c_str());
    return {};
  }
  const Error error = file_error(path, "cannot be made");
  ::unlink(made.c_str());
  return tl::unexpected<Error>(error);
}

}  // namespace

File::~File() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Error file_error(const std::filesystem::path& path, std::string_view what) {
  const int code = errno;
  const auto kind = code == ENOENT   ? ErrorKind::not_found
                    : code == EEXIST ? ErrorKind::conflict
                                     : ErrorKind::refused;
  return {kind, fmt::format("{}: {}: {}", path.string(), what, std::generic_category().message(code)), {}};
}

Result<void> write_file(const std::filesystem::path& path, std::string_view content, mode_t mode,
                        Existing existing) {
  const std::filesystem::path made = path.string() + ".new";
  ::unlink(made.c_str());  // left by a crash between making and renaming
  const File file(::open(made.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
  if (!file.open()) return tl::unexpected<Error>(file_error(made, "cannot be made"));
  if (auto done = write_all(file, made, content); !done) {
    ::unlink(made.c_str());
    return done;
  }
  if (auto done = put_in_place(made, path, existing); !done) return done;
  return sync_folder_of(path);
}

Result<std::string> read_file(const std::filesystem::path& path, std::size_t limit) {
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.open()) return tl::unexpected<Error>(file_error(path, "cannot be opened"));
  std::string content(limit + 1, '\0');
  std::size_t size = 0;
  while (size < content.size()) {
    const ssize_t got = ::read(file.get(), content.data() + size, content.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return tl::unexpected<Error>(file_error(path, "cannot be read"));
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > limit)
    return fail(ErrorKind::invalid, fmt::format("{}: is too long to be what is expected", path.string()));
  content.resize(size);
  return content;
}

Result<void> sync_folder_of(const std::filesystem::path& path) {
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  const File opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.open() || ::fsync(opened.get()) != 0) {
    return tl::unexpected<Error>(file_error(folder, "cannot be written to the disk"));
  }
  return {};
}

}  // namespace jitbot::store

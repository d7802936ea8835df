#pragma once

#include "bot/model/result.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <utility>

namespace jitbot::store {

// An open file, closed at the end. -1: none.
class File {
 public:
  explicit File(int descriptor = -1) : descriptor_(descriptor) {}
  ~File();
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  File(File&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  File& operator=(File&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }

  int get() const { return descriptor_; }
  bool open() const { return descriptor_ >= 0; }

 private:
  int descriptor_;
};

enum class Existing { refuse, replace };

// The content is on the disk, under its name, when this returns. `refuse`: conflict where the name is taken;
// `replace`: readers see the old content or the new, never a part.
Result<void> write_file(const std::filesystem::path& path, std::string_view content, mode_t mode,
                        Existing existing);
// At most `limit` bytes; not_found where there is no file, invalid where it is longer.
Result<std::string> read_file(const std::filesystem::path& path, std::size_t limit);
Result<void> sync_folder_of(const std::filesystem::path& path);

// The text of errno, with the path.
Error file_error(const std::filesystem::path& path, std::string_view what);

}  // namespace jitbot::store

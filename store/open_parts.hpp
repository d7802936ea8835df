#pragma once

#include "store/driver.hpp"
#include "store/files.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace jitbot::store {

// A store that is locked, sound, private and of the newest schema.
struct OpenParts {
  std::filesystem::path path;  // canonical
  File lock;
  std::unique_ptr<Driver> writer;
  std::unique_ptr<Driver> reader;
  std::string store_id;
};

Result<OpenParts> open_parts(const std::filesystem::path& path, Millis busy_timeout);

// refused: the file is another program's database. An empty one is not.
Result<void> check_identity(Driver& driver, const std::filesystem::path& path);

// Reads all of a store that open_parts was too large for. refused: it is not sound.
Result<void> check_whole(const std::filesystem::path& path, Millis busy_timeout);

// A connection of its own to a store that exists, for reading beside a running bot.
Result<std::unique_ptr<Driver>> open_to_read(const std::filesystem::path& path, Millis busy_timeout);
std::string read_store_id(Driver& driver);  // throws SqlError where there is none

// The hash of the event `sequence`, read by a connection of its own; nothing where there is no such event.
Result<std::optional<std::string>> hash_at(const std::filesystem::path& path, std::int64_t sequence,
                                           Millis busy_timeout);
std::optional<std::string> hash_at(Driver& driver, std::int64_t sequence);

}  // namespace jitbot::store

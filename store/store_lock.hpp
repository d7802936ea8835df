#pragma once

#include "store/files.hpp"

#include <filesystem>
#include <string>

namespace jitbot::store {

// Locks `<store>.lock` until the File is closed or the process ends, however it ends. flock belongs to the
// open file, not to the process: a second open in the same process is refused too, and readers that do not
// ask for the lock (audit verify) are not disturbed. Refused: somebody has it; the message says which
// process.
Result<File> lock_store(const std::filesystem::path& store);

// Who has that lock: "process 4711"; empty: nobody. Takes it for no longer than a look, makes no file.
Result<std::string> lock_holder(const std::filesystem::path& store);

// Creates the database file with mode 0600, or takes away what others may do with it and its WAL.
Result<void> prepare_files(const std::filesystem::path& store);

}  // namespace jitbot::store

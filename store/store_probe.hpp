#pragma once

#include "bot/model/result.hpp"
#include "store/audit_head.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace jitbot {

// A store as it lies on the disk, for `jitbot doctor`.
struct StoreProbe {
  std::string used_by;  // "process 4711" that has it open for writing; empty: nobody
  AuditTip tip;
  std::optional<std::string> hash_at_head;  // the hash of the event that the head names; nothing: none such
  int schema = 0;                           // steps applied
  int newest_schema = 0;                    // steps this program knows
};

// Reads what is there, beside a running bot too; makes and migrates nothing. `head`: the event to look up.
// Blocks on the disk. not_found: there is no store; refused: it cannot be used, with why and what to do;
// unavailable: locked by another program.
Result<StoreProbe> probe_store(const std::filesystem::path& path, const std::optional<AuditHead>& head);

// Commits a row and its removal, so that a full disk or a folder of somebody else's shows. Holds the store's
// lock meanwhile, some milliseconds. conflict: somebody uses the store, nothing was tried; refused: it cannot
// be written, with why. Only for a store that probe_store could read with its schema applied.
Result<void> try_to_write(const std::filesystem::path& path);

}  // namespace jitbot

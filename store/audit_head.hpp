#pragma once

#include "bot/model/result.hpp"
#include "bot/model/time.hpp"
#include "store/audit_key.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace jitbot {

// Where a store's chain ends now.
struct AuditTip {
  std::string store_id;       // random, made with the store
  std::int64_t sequence = 0;  // 0: no event yet
  std::string hash;           // 64 zeros: no event yet
  bool operator==(const AuditTip&) const = default;
};

// Where it ended at a moment: signed and kept outside the database, so that whoever owns the database alone
// can neither cut nor rewrite the chain unnoticed.
struct AuditHead {
  AuditTip tip;
  Time at;
  bool operator==(const AuditHead&) const = default;
};

// The one line of a head file: {"at","format","hash","sequence","signature","store"}, the Ed25519 signature
// in base64 over the RFC 8785 form of the other fields.
std::string sign_head(const AuditKey& key, const AuditHead& head);
// Refused: not signed by this key. Invalid: not such a line.
Result<AuditHead> verify_head(const AuditPublicKey& key, std::string_view line);

// Whole or not at all: a new file, synced, renamed over the old one. Call it after the commit it tells of.
Result<void> write_head(const AuditKey& key, const std::filesystem::path& path, const AuditHead& head);
// The line, not verified. not_found: there is none.
Result<std::string> read_head(const std::filesystem::path& path);

enum class HeadRelation {
  same,
  store_ahead,  // events were added since: what happens between two heads
  head_ahead,   // the store ends before the head: cut off, or restored from a backup
  diverged,     // another store, or the event at the head's place is another
};
std::string_view to_string(HeadRelation relation);

// `hash_at_head`: the store's hash at head.sequence; nothing where it has no such event.
HeadRelation compare_head(const AuditTip& tip, const std::optional<std::string>& hash_at_head,
                          const AuditHead& head);

}  // namespace jitbot

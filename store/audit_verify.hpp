#pragma once

#include "store/audit_head.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace jitbot {

struct AuditProblem {
  std::int64_t sequence = 0;  // the first that is bad; 0: the store as a whole is another one
  std::string why;            // for people
};

struct AuditVerdict {
  AuditTip tip;
  std::optional<HeadRelation> head;  // nothing: no head was given, so a cut end cannot be seen
  std::optional<AuditProblem> problem;
};

// Walks the whole chain, read-only, beside a running bot. Read the head before calling this: a head written
// meanwhile would be newer than what is walked. An error: the store could not be read at all.
Result<AuditVerdict> verify_audit(const std::filesystem::path& store, const std::optional<AuditHead>& head);

}  // namespace jitbot

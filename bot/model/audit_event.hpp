#pragma once

#include "bot/model/ids.hpp"
#include "bot/model/time.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <string>

namespace jitbot {

// One step that happened, or was refused. Written in the transaction of the change it tells of.
struct AuditEvent {
  Time at;
  PrincipalId actor;
  std::string action;   // "request.approved", "target.present", …: dotted, lower case
  std::string subject;  // "JIT-7K3F", "entitlement:12", "policy", …
  std::string detail;   // canonical JSON object; integers only, never a secret
};

// As it stands in the chain.
struct ChainedEvent {
  std::int64_t sequence = 0;  // from 1, without gaps
  AuditEvent event;
  std::string previous;  // hash of the event before; 64 zeros for the first
  std::string hash;      // SHA-256 (hex) over the RFC 8785 form of all the other fields
};

// The RFC 8785 (JCS) form of a JSON value: keys sorted by UTF-16 code units, no white space. A number that is
// not an integer is a bug and throws std::invalid_argument.
std::string canonical_json(const nlohmann::json& value);
std::string sha256_hex(std::string_view bytes);
std::string chain_hash(std::int64_t sequence, const AuditEvent& event, std::string_view previous);
// The same for a detail that canonical_json wrote.
std::string chain_hash_of_canonical(std::int64_t sequence, const AuditEvent& event,
                                    std::string_view previous);

}  // namespace jitbot

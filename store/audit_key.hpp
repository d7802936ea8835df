#pragma once

#include "bot/model/result.hpp"
#include "bot/model/secret.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace jitbot {

// The public half: 32 raw bytes.
class AuditPublicKey {
 public:
  explicit AuditPublicKey(std::string raw) : raw_(std::move(raw)) {}

  bool verify(std::string_view bytes, std::string_view signature) const;
  std::string pem() const;  // SubjectPublicKeyInfo
  bool operator==(const AuditPublicKey&) const = default;

 private:
  std::string raw_;
};

// An Ed25519 key (RFC 8032) that signs the audit head.
class AuditKey {
 public:
  explicit AuditKey(Secret raw) : raw_(std::move(raw)) {}

  std::string sign(std::string_view bytes) const;  // 64 raw bytes
  AuditPublicKey public_key() const;

 private:
  Secret raw_;
};

// From a PKCS8 PEM file that nobody but its owner may open (0600 or stricter). not_found: there is no such
// file; refused: others may read it; invalid: not an Ed25519 key.
Result<AuditKey> load_audit_key(const std::filesystem::path& path);

// Makes a key: `path` with mode 0600 and `path`.pub beside it, both synced. conflict: `path` exists already.
Result<AuditKey> make_audit_key(const std::filesystem::path& path);

// `path`.pub, for a key whose public half was lost, or never written because the power went.
Result<void> write_audit_public_key(const AuditKey& key, const std::filesystem::path& path);

Result<AuditPublicKey> load_audit_public_key(const std::filesystem::path& path);

}  // namespace jitbot

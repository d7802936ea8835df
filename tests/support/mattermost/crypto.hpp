#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace jitbot::mattermost_stand_in {

std::string base64(std::string_view bytes);
std::string unbase64(std::string_view text);  // empty: it is none
std::string sha1_hex(std::string_view bytes);

// The server's key for trigger ids: ECDSA on P-256 with SHA-256, signatures in DER.
class Signer {
 public:
  Signer();
  ~Signer();
  Signer(const Signer&) = delete;
  Signer& operator=(const Signer&) = delete;

  std::string public_key() const;  // base64 of the SubjectPublicKeyInfo, as /config/client shows it
  std::string sign(std::string_view text) const;
  bool verify(std::string_view text, std::string_view signature) const;

 private:
  struct Key;
  std::unique_ptr<Key> key_;
};

}  // namespace jitbot::mattermost_stand_in

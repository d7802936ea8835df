#pragma once

#include "bot/model/secret.hpp"

#include <optional>
#include <string>
#include <string_view>

// The few pieces of cryptography that callbacks need. Bytes are held in strings.
namespace jitbot::mattermost {

std::string sha256_hex(std::string_view bytes);
std::string hmac_sha256(const Secret& key, std::string_view bytes);  // 32 bytes
// How long it takes tells nothing about where they differ.
bool same_bytes(std::string_view one, std::string_view other);

std::string to_base64url(std::string_view bytes);  // RFC 4648 §5, without padding
// Nothing where it is not exactly what an encoder writes: padding for the plain alphabet, none for the other.
std::optional<std::string> from_base64url(std::string_view text);
std::optional<std::string> from_base64(std::string_view text);

// Whether `signature` (DER) is that of ECDSA with SHA-256 over `text`. `public_key`: base64 of a SPKI, as the
// server publishes it. False for anything that is no such key or signature.
bool is_signed(std::string_view text, std::string_view signature, std::string_view public_key);
bool is_signing_key(std::string_view public_key);

}  // namespace jitbot::mattermost

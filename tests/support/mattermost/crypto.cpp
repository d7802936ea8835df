#include "tests/support/mattermost/crypto.hpp"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <array>
#include <stdexcept>
#include <vector>

namespace jitbot::mattermost_stand_in {

namespace {

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

void must(bool worked, const char* what) {
  if (!worked) throw std::runtime_error(what);
}

}  // namespace

std::string base64(std::string_view bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes_of(bytes),
                                     static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(length));
  return out;
}

std::string unbase64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) return {};
  std::string out(text.size() / 4 * 3, '\0');
  const int length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes_of(text),
                                     static_cast<int>(text.size()));
  if (length < 0) return {};
  const std::size_t padding = text.ends_with("==") ? 2U : text.ends_with('=') ? 1U : 0U;
  out.resize(static_cast<std::size_t>(length) - padding);
  return out;
}

std::string sha1_hex(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  must(EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha1(), nullptr) == 1, "sha1");
  constexpr std::string_view k_digits = "0123456789abcdef";
  std::string hex;
  for (unsigned index = 0; index < length; ++index) {
    const unsigned byte = digest.at(index);
    hex += k_digits[byte >> 4U];
    hex += k_digits[byte & 15U];
  }
  return hex;
}

struct Signer::Key {
  EVP_PKEY* pair = EVP_EC_gen("P-256");

  Key() = default;
  Key(const Key&) = delete;
  Key& operator=(const Key&) = delete;
  ~Key() { EVP_PKEY_free(pair); }
};

Signer::Signer() : key_(std::make_unique<Key>()) {
  must(key_->pair != nullptr, "no P-256 key");
}

Signer::~Signer() = default;

std::string Signer::public_key() const {
  const int length = i2d_PUBKEY(key_->pair, nullptr);
  must(length > 0, "no public key");
  std::vector<unsigned char> der(static_cast<std::size_t>(length));
  unsigned char* end = der.data();
  must(i2d_PUBKEY(key_->pair, &end) == length, "no public key");
  return base64({reinterpret_cast<const char*>(der.data()), der.size()});
}

std::string Signer::sign(std::string_view text) const {
  const Context context(EVP_MD_CTX_new());
  must(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_->pair) == 1, "cannot sign");
  std::size_t length = 0;
  must(EVP_DigestSign(context.get(), nullptr, &length, bytes_of(text), text.size()) == 1, "cannot sign");
  std::string signature(length, '\0');
  must(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &length,
                      bytes_of(text), text.size()) == 1,
       "cannot sign");
  signature.resize(length);
  return signature;
}

bool Signer::verify(std::string_view text, std::string_view signature) const {
  const Context context(EVP_MD_CTX_new());
  must(EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key_->pair) == 1, "cannot verify");
  return EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(text),
                          text.size()) == 1;
}

}  // namespace jitbot::mattermost_stand_in

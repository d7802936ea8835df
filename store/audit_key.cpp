#include "store/audit_key.hpp"

#include "store/files.hpp"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>
#include <stdexcept>
#include <sys/stat.h>

namespace jitbot {

namespace {

constexpr std::size_t k_key_size = 32;        // RFC 8032 §5.1.5
constexpr std::size_t k_signature_size = 64;  // §5.1.6
constexpr std::size_t k_longest_file = 4096;

template <class T, void (*Free)(T*)>
struct Freer {
  void operator()(T* object) const { Free(object); }
};
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY, EVP_PKEY_free>>;
using Digest = std::unique_ptr<EVP_MD_CTX, Freer<EVP_MD_CTX, EVP_MD_CTX_free>>;
using Memory = std::unique_ptr<BIO, Freer<BIO, BIO_free_all>>;

void must(bool fine, const char* what) {
  if (!fine) throw std::runtime_error(std::string("OpenSSL: ") + what);
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Key private_key(const Secret& raw) {
  Key key(
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytes_of(raw.reveal()), raw.reveal().size()));
  must(key != nullptr, "not an Ed25519 key");
  return key;
}

std::string public_raw(EVP_PKEY* key) {
  std::string raw(k_key_size, '\0');
  std::size_t size = raw.size();
  must(EVP_PKEY_get_raw_public_key(key, reinterpret_cast<unsigned char*>(raw.data()), &size) == 1,
       "no public key");
  return raw;
}

Secret private_raw(EVP_PKEY* key) {
  std::string raw(k_key_size, '\0');
  std::size_t size = raw.size();
  must(EVP_PKEY_get_raw_private_key(key, reinterpret_cast<unsigned char*>(raw.data()), &size) == 1,
       "no private key");
  return Secret(std::move(raw));
}

std::string content_of(BIO* memory) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  return {data, static_cast<std::size_t>(size)};
}

// A key file never asks for a passphrase: without this OpenSSL would open the terminal.
int no_passphrase(char*, int, int, void*) {
  return -1;
}

Result<void> check_mode(const std::filesystem::path& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0)
    return tl::unexpected<Error>(store::file_error(path, "cannot be opened"));
  if (!S_ISREG(status.st_mode))
    return fail(ErrorKind::refused, fmt::format("{}: is not a file", path.string()));
  if ((status.st_mode & 077U) != 0) {
    return fail(ErrorKind::refused, fmt::format("{}: others may read or change the audit key (mode {:04o}): "
                                                "chmod 600 {}",
                                                path.string(), status.st_mode & 07777U, path.string()));
  }
  return {};
}

}  // namespace

bool AuditPublicKey::verify(std::string_view bytes, std::string_view signature) const {
  const Key key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(raw_), raw_.size()));
  const Digest context(EVP_MD_CTX_new());
  if (key == nullptr || context == nullptr || signature.size() != k_signature_size) return false;
  return EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(bytes),
                          bytes.size()) == 1;
}

std::string AuditPublicKey::pem() const {
  const Key key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(raw_), raw_.size()));
  const Memory memory(BIO_new(BIO_s_mem()));
  must(key != nullptr && PEM_write_bio_PUBKEY(memory.get(), key.get()) == 1, "cannot write a public key");
  return content_of(memory.get());
}

std::string AuditKey::sign(std::string_view bytes) const {
  const Key key = private_key(raw_);
  const Digest context(EVP_MD_CTX_new());
  std::string signature(k_signature_size, '\0');
  std::size_t size = signature.size();
  must(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
           EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                          bytes_of(bytes), bytes.size()) == 1,
       "cannot sign");
  return signature;
}

AuditPublicKey AuditKey::public_key() const {
  return AuditPublicKey(public_raw(private_key(raw_).get()));
}

Result<AuditKey> load_audit_key(const std::filesystem::path& path) {
  if (auto fine = check_mode(path); !fine) return tl::unexpected<Error>(std::move(fine).error());
  const auto content = store::read_file(path, k_longest_file);
  if (!content) return tl::unexpected<Error>(content.error());
  const Memory memory(BIO_new_mem_buf(content->data(), static_cast<int>(content->size())));
  const Key key(PEM_read_bio_PrivateKey(memory.get(), nullptr, no_passphrase, nullptr));
  if (key == nullptr || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_ED25519) {
    return fail(ErrorKind::invalid,
                fmt::format("{}: is not an Ed25519 private key (PKCS8, PEM, no passphrase)", path.string()));
  }
  return AuditKey(private_raw(key.get()));
}

Result<AuditKey> make_audit_key(const std::filesystem::path& path) {
  const Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  const Memory memory(BIO_new(BIO_s_mem()));
  must(key != nullptr &&
           PEM_write_bio_PKCS8PrivateKey(memory.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1,
       "cannot make an Ed25519 key");
  auto written = store::write_file(path, content_of(memory.get()), 0600, store::Existing::refuse);
  if (!written) return tl::unexpected<Error>(std::move(written).error());
  AuditKey made(private_raw(key.get()));
  written = write_audit_public_key(made, path);
  if (!written) return tl::unexpected<Error>(std::move(written).error());
  return made;
}

Result<void> write_audit_public_key(const AuditKey& key, const std::filesystem::path& path) {
  return store::write_file(path.string() + ".pub", key.public_key().pem(), 0644, store::Existing::replace);
}

Result<AuditPublicKey> load_audit_public_key(const std::filesystem::path& path) {
  const auto content = store::read_file(path, k_longest_file);
  if (!content) return tl::unexpected<Error>(content.error());
  const Memory memory(BIO_new_mem_buf(content->data(), static_cast<int>(content->size())));
  const Key key(PEM_read_bio_PUBKEY(memory.get(), nullptr, no_passphrase, nullptr));
  if (key == nullptr || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_ED25519) {
    return fail(ErrorKind::invalid, fmt::format("{}: is not an Ed25519 public key (PEM)", path.string()));
  }
  return AuditPublicKey(public_raw(key.get()));
}

}  // namespace jitbot

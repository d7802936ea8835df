#include "tests/unit/net/test_certificates.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>

namespace jitbot::testing {

namespace {

template <auto release>
struct Free {
  template <class T>
  void operator()(T* object) const {
    release(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Free<X509_EXTENSION_free>>;
using File = std::unique_ptr<std::FILE, Free<std::fclose>>;

void must(bool worked) {
  if (!worked) throw std::runtime_error("the test certificates could not be made");
}

Key make_key() {
  Key key(EVP_EC_gen("P-256"));
  must(key != nullptr);
  return key;
}

void extend(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
  must(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1);
}

Certificate make_certificate(const std::string& name, EVP_PKEY* key, long serial) {
  Certificate certificate(X509_new());
  must(certificate != nullptr && X509_set_version(certificate.get(), 2) == 1);
  must(ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial) == 1);
  must(X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600) != nullptr);
  must(X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 24L * 3600) != nullptr);
  must(X509_set_pubkey(certificate.get(), key) == 1);
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  const auto* text = reinterpret_cast<const unsigned char*>(name.c_str());
  must(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, text, -1, -1, 0) == 1);
  return certificate;
}

File open_for_writing(const std::filesystem::path& path) {
  File file(std::fopen(path.c_str(), "w"));
  must(file != nullptr);
  return file;
}

}  // namespace

TestCertificates::TestCertificates(const std::string& names) {
  std::string pattern = (std::filesystem::temp_directory_path() / "jitbot-tls-XXXXXX").string();
  must(mkdtemp(pattern.data()) != nullptr);
  folder_ = pattern;

  const Key ca_key = make_key();
  const Certificate ca = make_certificate(folder_.filename().string() + " CA", ca_key.get(), 1);
  must(X509_set_issuer_name(ca.get(), X509_get_subject_name(ca.get())) == 1);
  extend(ca.get(), ca.get(), NID_basic_constraints, "critical,CA:TRUE");
  extend(ca.get(), ca.get(), NID_key_usage, "critical,keyCertSign");
  must(X509_sign(ca.get(), ca_key.get(), EVP_sha256()) > 0);

  const Key key = make_key();
  const Certificate server = make_certificate("jitbot test server", key.get(), 2);
  must(X509_set_issuer_name(server.get(), X509_get_subject_name(ca.get())) == 1);
  extend(server.get(), ca.get(), NID_subject_alt_name, names);
  must(X509_sign(server.get(), ca_key.get(), EVP_sha256()) > 0);

  must(PEM_write_X509(open_for_writing(ca_file()).get(), ca.get()) == 1);
  must(PEM_write_X509(open_for_writing(certificate_file()).get(), server.get()) == 1);
  must(PEM_write_PrivateKey(open_for_writing(key_file()).get(), key.get(), nullptr, nullptr, 0, nullptr,
                            nullptr) == 1);
}

TestCertificates::~TestCertificates() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

}  // namespace jitbot::testing

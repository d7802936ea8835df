#pragma once

#include <filesystem>
#include <string>

namespace jitbot::testing {

// A certificate authority of this test's own, in a temporary folder: the CA, a server certificate for
// `names` (an OpenSSL subjectAltName list such as "DNS:localhost,IP:127.0.0.1") and its key.
class TestCertificates {
 public:
  explicit TestCertificates(const std::string& names);
  ~TestCertificates();
  TestCertificates(const TestCertificates&) = delete;
  TestCertificates& operator=(const TestCertificates&) = delete;

  std::string ca_file() const { return (folder_ / "ca.pem").string(); }
  std::string certificate_file() const { return (folder_ / "server.pem").string(); }
  std::string key_file() const { return (folder_ / "server.key").string(); }

 private:
  std::filesystem::path folder_;
};

}  // namespace jitbot::testing

#pragma once

#include "tests/unit/net/raw_peer.hpp"
#include "tests/unit/net/test_certificates.hpp"

#include <memory>
#include <string>
#include <vector>

namespace jitbot::testing {

// A server over TLS that upgrades when asked to and greets with "hello over TLS"; anything else it answers
// with 200 and "secure".
RawServer::Script tls_server(const TestCertificates& certificates);

// An https:// proxy with the above behind it: TLS, the head of the CONNECT into `heads`, then TLS again
// inside.
RawServer::Script tls_proxy(const TestCertificates& certificates,
                            std::shared_ptr<std::vector<std::string>> heads);

}  // namespace jitbot::testing

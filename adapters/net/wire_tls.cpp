#include "adapters/net/wire.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

namespace jitbot::net {

namespace asio = boost::asio;
namespace ssl = asio::ssl;

namespace {

class TlsWire : public Wire, public std::enable_shared_from_this<TlsWire> {
 public:
  TlsWire(std::shared_ptr<Wire> wire, ssl::context context)
      : wire_(wire), context_(std::move(context)), stream_(std::move(wire), context_) {}

  Result<void> expect_peer(const std::string& host) {
    ErrorCode error;
    stream_.set_verify_mode(ssl::verify_peer, error);
    if (!error) stream_.set_verify_callback(ssl::host_name_verification(host), error);
    if (error) return fail(ErrorKind::internal, "TLS could not be set up", error.message());
    ErrorCode not_an_address;
    asio::ip::make_address(host, not_an_address);
    // RFC 6066 section 3: SNI carries names alone, never literal addresses.
    if (not_an_address && SSL_set_tlsext_host_name(stream_.native_handle(), host.c_str()) != 1) {
      return fail(ErrorKind::invalid, "the host name cannot be used with TLS");
    }
    return {};
  }

  void handshake(std::function<void(ErrorCode, std::string)> done) {
    stream_.async_handshake(ssl::stream_base::client,
                            [self = shared_from_this(), done = std::move(done)](ErrorCode error) {
                              done(error, error ? self->reason(error) : std::string());
                            });
  }

  Executor executor() override { return wire_->executor(); }

  void read_some(asio::mutable_buffer into, IoHandlerPtr done) override {
    stream_.async_read_some(into, [self = shared_from_this(), done = std::move(done)](
                                      ErrorCode error, std::size_t bytes) { done->complete(error, bytes); });
  }

  void write_some(BufferList from, IoHandlerPtr done) override {
    stream_.async_write_some(from, [self = shared_from_this(), done = std::move(done)](
                                       ErrorCode error, std::size_t bytes) { done->complete(error, bytes); });
  }

  // The protocols above say themselves when they end, so TLS's own farewell is not waited for.
  void shutdown_send() override { wire_->shutdown_send(); }

  void close() override { wire_->close(); }

 private:
  std::string reason(ErrorCode error) {
    const long verdict = SSL_get_verify_result(stream_.native_handle());
    if (verdict == X509_V_OK) return error.message();
    return error.message() + ": " + X509_verify_cert_error_string(verdict);
  }

  std::shared_ptr<Wire> wire_;
  ssl::context context_;
  ssl::stream<WireStream> stream_;
};

Result<ssl::context> make_context(const std::string& ca_file) {
  ssl::context context(ssl::context::tls_client);
  ErrorCode error;
  context.set_options(ssl::context::default_workarounds | ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1,
                      error);
  if (error) return fail(ErrorKind::internal, "TLS could not be set up", error.message());
  if (ca_file.empty()) {
    context.set_default_verify_paths(error);
  } else {
    context.load_verify_file(ca_file, error);
  }
  if (error) return fail(ErrorKind::invalid, "the CA file cannot be read: " + ca_file, error.message());
  return context;
}

}  // namespace

Result<std::shared_ptr<Wire>> start_tls(std::shared_ptr<Wire> below, TlsPeer peer,
                                        std::function<void(ErrorCode, std::string)> done) {
  auto context = make_context(peer.ca_file);
  if (!context) return tl::unexpected(context.error());
  auto wire = std::make_shared<TlsWire>(std::move(below), std::move(*context));
  if (auto ready = wire->expect_peer(peer.host); !ready) return tl::unexpected(ready.error());
  wire->handshake(std::move(done));
  return wire;
}

}  // namespace jitbot::net

#include "adapters/net/http_client.hpp"
#include "adapters/net/web_socket.hpp"
#include "tests/integration/proxy/tinyproxy.hpp"
#include "tests/support/event_loop.hpp"
#include "tests/unit/net/tls_server.hpp"

#include <boost/asio/use_awaitable.hpp>
#include <catch2/catch.hpp>
#include <fmt/format.h>

// Both clients on their way to a server over TLS, with a real proxy between.
namespace jitbot::testing {

namespace {

using namespace jitbot::net;

struct Site {
  Result<HttpResponse> web(const Proxies& proxies) {
    HttpClientOptions options;
    options.threads = 1;
    options.ca_file = certificates.ca_file();
    options.proxies = proxies;
    HttpClient client(options);
    HttpRequest request;
    request.method = "POST";
    request.url = "https://" + target() + "/api";
    request.body = "a=b";
    return loop.run(client.send(std::move(request)));
  }

  tl::expected<std::shared_ptr<WebSocket>, WsDialError> socket(const Proxies& proxies) {
    WsDialOptions options;
    options.url = "wss://" + target() + "/link";
    options.ca_file = certificates.ca_file();
    options.proxies = proxies;
    return loop.run(dial(std::move(options)));
  }

  void check_both_work(const Proxies& proxies) {
    const auto answer = web(proxies);
    if (!answer) FAIL(answer.error().message << " " << answer.error().detail);
    CHECK(answer->body == "secure");
    const auto dialled = socket(proxies);
    if (!dialled) FAIL(dialled.error().error.message << " " << dialled.error().error.detail);
    const auto message = loop.run((*dialled)->receive());
    REQUIRE(message);
    CHECK(message->data == "hello over TLS");
  }

  void check_both_say(const Proxies& proxies, const std::string& message) {
    const auto answer = web(proxies);
    const auto dialled = socket(proxies);
    REQUIRE_FALSE(answer);
    REQUIRE_FALSE(dialled);
    CHECK(dialled.error().http_status == 0);
    for (const Error& error : {answer.error(), dialled.error().error}) {
      CHECK(error.kind == ErrorKind::unavailable);
      CHECK(error.message == message);
      CHECK(error.detail.find("pw") == std::string::npos);
    }
  }

  std::string target() const { return fmt::format("localhost:{}", server.port()); }

  EventLoop loop;
  TestCertificates certificates{"DNS:localhost"};
  RawServer server{loop.executor(), tls_server(certificates)};
};

}  // namespace

TEST_CASE("the Web API and the WebSocket go through a proxy over TLS", "[proxy]") {
  Site site;
  const Tinyproxy proxy;
  site.check_both_work(proxy.proxies());
  CHECK(proxy.connects_to(site.target()) == 2);
}

TEST_CASE("a proxy that wants a user and password gets them, percent-decoded", "[proxy]") {
  Site site;
  const Tinyproxy proxy("BasicAuth al p.w");
  site.check_both_work(proxy.proxies("al:p%2Ew"));
  CHECK(proxy.connects_to(site.target()) == 2);
}

TEST_CASE("missing and wrong credentials for the proxy are told apart", "[proxy]") {
  Site site;
  const Tinyproxy proxy("BasicAuth al pw");
  site.check_both_say(proxy.proxies(),
                      fmt::format("the proxy {} wants a user and password (HTTP 407)", proxy.where()));
  site.check_both_say(proxy.proxies("al:wrong-pw"),
                      fmt::format("the proxy {} wants a user and password, and does not take the ones it was "
                                  "given (HTTP 401)",
                                  proxy.where()));
}

TEST_CASE("a proxy that does not let this port through says so", "[proxy]") {
  Site site;
  const Tinyproxy proxy("ConnectPort 1");
  site.check_both_say(proxy.proxies(), fmt::format("the proxy {} refused to connect to {} (HTTP 403)",
                                                   proxy.where(), site.target()));
}

TEST_CASE("what NO_PROXY lists does not go through the proxy", "[proxy]") {
  Site site;
  const Tinyproxy proxy;
  site.check_both_work(proxy.proxies("", "localhost"));
  CHECK(proxy.connects_to(site.target()) == 0);
  site.check_both_work(proxy.proxies("", "127.0.0.1"));  // another name for it, and names are compared
  CHECK(proxy.connects_to(site.target()) == 2);
}

TEST_CASE("a server that is down behind the proxy is the proxy's refusal", "[proxy]") {
  Site site;
  const Tinyproxy proxy;
  HttpClientOptions options;
  options.threads = 1;
  options.proxies = proxy.proxies();
  HttpClient client(options);
  HttpRequest request;
  const auto nobody = closed_port(site.loop.executor());
  request.url = fmt::format("https://127.0.0.1:{}/", nobody);
  const auto answer = site.loop.run(client.send(std::move(request)));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == ErrorKind::unavailable);
  CHECK(answer.error().message.starts_with(
      fmt::format("the proxy {} refused to connect to 127.0.0.1:{} (HTTP 5", proxy.where(), nobody)));
}

TEST_CASE("a proxy that is down is told by its name", "[proxy]") {
  Site site;
  Tinyproxy proxy;
  const auto proxies = proxy.proxies();
  proxy.stop();
  site.check_both_say(proxies, "cannot connect to the proxy " + proxy.where());
}

}  // namespace jitbot::testing

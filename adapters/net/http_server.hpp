#pragma once

#include "adapters/net/http.hpp"
#include "adapters/net/web_socket.hpp"
#include "bot/model/result.hpp"
#include "bot/model/time.hpp"
#include "bot/ports/task.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace jitbot::net {

struct ServerRequest {
  std::string method;
  std::string path;   // percent-encoded as it came, without the query
  std::string query;  // without '?'
  Headers headers;
  std::string body;
  std::string peer;  // the address that it came from: "127.0.0.1"; a proxy's, where one stands between
};

struct ServerResponse {
  int status = 200;  // 0: none at all, the connection breaks, as of a server that dies over a request
  Headers headers;
  std::string body;
};

struct HttpServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  // 0: any free one
  std::size_t max_body = 1024UL * 1024;
  Millis request_timeout = 30s;  // for a whole one, once a connection is there
  // Between two on one connection. A client that keeps connections longer than we do loses, now and then, a
  // request that it may not repeat.
  Millis idle_timeout = 30s;
  std::size_t max_connections = 512;
};

// HTTP/1.1 with keep-alive, and WebSocket upgrades. One coroutine per connection on the given executor.
// A handler that throws answers 500 and is logged; it never ends the server.
class HttpServer {
 public:
  using Handler = std::function<Task<ServerResponse>(ServerRequest)>;
  // Owns the socket from the 101 on; the connection ends when it returns.
  using UpgradeHandler = std::function<Task<void>(ServerRequest, std::shared_ptr<WebSocket>)>;
  // Asked before the upgrade is answered: a status other than 101 refuses it with that status.
  using UpgradeGate = std::function<int(const ServerRequest&)>;

  HttpServer(Executor executor, HttpServerOptions options, Handler handler);
  ~HttpServer();  // closes the listener and every connection
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  void on_upgrade(UpgradeGate gate, UpgradeHandler handler);  // before start()
  Result<void> start();                                       // binds; the error names address and port
  std::uint16_t port() const;                                 // the bound one
  void stop();                                                // no new connections; running ones are dropped

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace jitbot::net

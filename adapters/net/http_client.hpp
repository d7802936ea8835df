#pragma once

#include "adapters/net/http.hpp"
#include "adapters/net/proxy.hpp"
#include "bot/model/result.hpp"
#include "bot/model/time.hpp"
#include "bot/ports/task.hpp"

#include <memory>
#include <string>

namespace jitbot::net {

struct HttpRequest {
  std::string method = "GET";
  std::string url;  // http or https
  Headers headers;
  std::string body;
  Millis timeout = 10s;  // whole exchange
  std::size_t max_response = 16UL * 1024 * 1024;
};

struct HttpResponse {
  int status = 0;
  Headers headers;
  std::string body;
};

struct HttpClientOptions {
  unsigned threads = 4;
  std::string ca_file;  // PEM; empty: the system's. For servers and for https:// proxies
  Proxies proxies;      // the environment itself is never asked
  std::string user_agent = "jitbot";
};

// Outbound HTTP on a small pool of libcurl easy handles: connections are kept, redirects are never followed.
// A proxy is asked to connect (CONNECT) whatever the scheme, so that it sees no request. Any HTTP status is a
// response; errors are `unavailable` (nothing was sent: DNS, connect, proxy, TLS) and `outcome_unknown`
// (time-out or loss after that). Thread-safe; a Task resumes on the executor it was awaited on. A cancelled
// await abandons the exchange. A POST is never sent again by itself. Destroy the client before the loop its
// Tasks run on.
class HttpClient {
 public:
  explicit HttpClient(HttpClientOptions options = {});
  ~HttpClient();  // waits for running exchanges, at most their time-outs
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  Task<Result<HttpResponse>> send(HttpRequest request);
  unsigned under_way() const;  // sent and not yet answered; thread-safe

 private:
  struct Pool;
  std::unique_ptr<Pool> pool_;
};

}  // namespace jitbot::net

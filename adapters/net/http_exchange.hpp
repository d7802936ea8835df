#pragma once

#include "adapters/net/http_client.hpp"

#include <atomic>
#include <memory>
#include <string>

namespace jitbot::net {

// One thread's connection-keeping libcurl handle. Blocks; used by one thread at a time.
class HttpWorker {
 public:
  explicit HttpWorker(HttpClientOptions options);
  ~HttpWorker();
  HttpWorker(const HttpWorker&) = delete;
  HttpWorker& operator=(const HttpWorker&) = delete;

  // Ends early, with an error nobody reads, once `abandoned` is set.
  Result<HttpResponse> perform(const HttpRequest& request, const std::atomic<bool>& abandoned);

 private:
  struct Handle;
  std::unique_ptr<Handle> handle_;
  HttpClientOptions options_;
};

}  // namespace jitbot::net

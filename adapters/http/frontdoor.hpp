#pragma once

#include "adapters/http/answers.hpp"
#include "bot/model/result.hpp"
#include "bot/model/secret.hpp"
#include "bot/ports/store.hpp"
#include "bot/ports/task.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace jitbot::http {

struct FrontdoorOptions {
  std::string address = "127.0.0.1";  // an IP address or "localhost"
  std::uint16_t port = 0;             // 0: any free one
  Secret lookup_token;                // empty: no lookup, and loopback addresses only
};

// What we serve. GET only:
//   /healthz   200 while the process and its loop run
//   /readyz    see readiness()
//   /v1/access/{resource}/{account}[?role=R]   with `Authorization: Bearer TOKEN`, else 401: who holds what
//   right
//              now, for targets that ask us, such as nginx's auth_request. It answers for every resource,
//              whatever its connector: what is asked for is our record of grants, and names that do not exist
//              hold none. 200 with the roles, or 403 with none; 503 when the store cannot be read, which
//              every asker must take for a no. `until` is RFC 3339 in UTC.
// Other methods 405, other paths 404. All on the executor's thread. `health` and `effective_now` are called
// there and, like the store, outlive the door.
class Frontdoor {
 public:
  using HealthView = std::function<Task<Health>()>;

  Frontdoor(Executor executor, FrontdoorOptions options, Store& store, std::function<Time()> effective_now,
            HealthView health);
  ~Frontdoor();
  Frontdoor(const Frontdoor&) = delete;
  Frontdoor& operator=(const Frontdoor&) = delete;

  Result<void> start();  // binds; invalid: an address that is not loopback without a token
  std::uint16_t port() const;
  void stop();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// 127.0.0.0/8, ::1 (with or without brackets) or "localhost".
bool is_loopback(const std::string& address);

}  // namespace jitbot::http

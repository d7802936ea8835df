#pragma once

#include "adapters/net/proxy.hpp"
#include "adapters/net/wire.hpp"

#include <functional>
#include <memory>
#include <string>

namespace jitbot::net {

// Asks the proxy at the other end of the wire for a way to `target` ("host:port") with CONNECT (RFC 9110
// section 9.3.6). Afterwards the wire is the target's. `done` is called once, on the wire's loop; deadlines
// are the caller's: closing the wire ends it with an error.
void connect_through(std::shared_ptr<Wire> wire, Proxy proxy, std::string target,
                     std::function<void(Result<void>)> done);

}  // namespace jitbot::net

#pragma once

#include "adapters/net/http_server.hpp"
#include "adapters/net/web_socket.hpp"
#include "adapters/net/wire.hpp"

#include <functional>
#include <memory>
#include <string>

// The two ways a wire becomes a WebSocket. `done` is called once, on the wire's loop; deadlines are the
// caller's: closing the wire ends the upgrade with an error.
namespace jitbot::net {

struct UpgradeResult {
  ErrorCode error;
  int http_status = 0;  // of the answer, client side
  std::shared_ptr<WebSocket> socket;
};
using UpgradeDone = std::function<void(UpgradeResult)>;

struct ClientUpgrade {
  std::string host;    // the Host header
  std::string target;  // path and query
  Headers headers;
  std::size_t max_message = 0;
};

void upgrade_client(std::shared_ptr<Wire> wire, ClientUpgrade upgrade, UpgradeDone done);
void upgrade_server(std::shared_ptr<Wire> wire, const ServerRequest& request, std::size_t max_message,
                    UpgradeDone done);

}  // namespace jitbot::net

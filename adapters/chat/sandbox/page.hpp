#pragma once

#include "adapters/chat/sandbox/core.hpp"
#include "adapters/net/http_server.hpp"

#include <nlohmann/json_fwd.hpp>

#include <memory>
#include <string_view>
#include <vector>

// The page for people, and the JSON it uses. That JSON lets anybody act as anybody, so it answers only
// requests that name this loopback server as their Host and, where a browser says so, as their Origin.
//   GET  /page/state?user=U…        all that this person sees
//   GET  /page/log?after=N          calls and envelopes since number N
//   GET  /page/wait?after=SEQUENCE  {"sequence":N} once there is something newer
//   POST /page/act                  {"do": command|say|click|suggest|submit|close|shortcut|open_dm|open_home,
//   …} POST /page/directory            {"do":
//   deactivate|reactivate|set_email|set_kind|set_group|join|leave|…} POST /page/fault                {"do":
//   disconnect|drop|freeze|refuse_upgrades|withhold_hello|fail|clear|…} WS   /page/live {"sequence":N} after
//   each change
namespace jitbot::sandbox {

struct Asset {
  std::string_view name;
  std::string_view body;
};
const std::vector<Asset>& page_assets();  // generated from page/

int page_gate(const Core& core, const net::ServerRequest& request);  // of /page/live
Task<void> serve_page_socket(std::shared_ptr<Core> core, std::shared_ptr<net::WebSocket> socket);
Task<net::ServerResponse> serve_page(std::shared_ptr<Core> core, net::ServerRequest request);

nlohmann::json page_state(Core& core, const std::string& user);
nlohmann::json page_log(const Core& core, std::size_t after);
nlohmann::json outcome_json(const Outcome& outcome);

// {"ok":true,…} or {"ok":false,"error":…}. Throws nlohmann::json exceptions for members of the wrong type.
Task<nlohmann::json> page_act(std::shared_ptr<Core> core, nlohmann::json request);
nlohmann::json page_directory(Core& core, const nlohmann::json& request);
nlohmann::json page_fault(Core& core, const nlohmann::json& request);

}  // namespace jitbot::sandbox

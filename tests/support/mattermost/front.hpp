#pragma once

#include "adapters/net/http_server.hpp"
#include "tests/support/mattermost/core.hpp"

namespace jitbot::mattermost_stand_in {

// A REST call as it comes over the wire: limits, faults, who it is, the route, and how the answer looks.
Task<net::ServerResponse> serve_call(std::shared_ptr<Core> core, net::ServerRequest request);

// The same without the wire, as a user's own client is answered.
Task<Answer> call_as(std::shared_ptr<Core> core, std::string user, std::string method, std::string path,
                     Json body);
// Of routes that answer at once; integrations do not.
Answer call_at_once(Core& core, const std::string& user, const std::string& method, const std::string& path,
                    Json body);

}  // namespace jitbot::mattermost_stand_in

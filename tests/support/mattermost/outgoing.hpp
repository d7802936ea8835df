#pragma once

#include "tests/support/mattermost/core.hpp"

namespace jitbot::mattermost_stand_in {

// A trigger id: what a client is told, and what the integration gets, signed [trigger_id_signature].
struct Trigger {
  std::string client;
  std::string whole;
};
Trigger make_trigger(Core& core, const std::string& user);

// A call of the server's own to an integration, kept in Core::callbacks.
struct Outgoing {
  std::string method = "POST";
  std::string url;
  net::Headers headers;
  std::string body;
};
struct Reply {
  bool came = false;
  int status = 0;
  std::string content_type;
  std::string body;
};
// After 30 s nothing came. Reserved addresses that are not allowed are never called; redirects are followed,
// and a POST then becomes a GET without its form [cmd_redirect_302].
Task<Reply> call_out(std::shared_ptr<Core> core, Outgoing what);
Outgoing json_call(const std::string& url, const Json& body);
bool may_call(const Core& core, const std::string& url);

}  // namespace jitbot::mattermost_stand_in

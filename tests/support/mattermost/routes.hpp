#pragma once

#include "tests/support/mattermost/core.hpp"

#include <memory>
#include <span>

namespace jitbot::mattermost_stand_in {

enum class Access { anyone, session, admin };

// {} stands for one segment of [A-Za-z0-9], * for any. One of the two handlers is there.
struct Route {
  const char* method;
  const char* path;  // below /api/v4
  Answer (*at_once)(Core&, const Call&) = nullptr;
  Task<Answer> (*later)(std::shared_ptr<Core>, Call) = nullptr;
  Access access = Access::session;
};

std::span<const Route> account_routes();
std::span<const Route> user_routes();
std::span<const Route> channel_routes();
std::span<const Route> member_routes();
std::span<const Route> post_routes();
std::span<const Route> reading_routes();
std::span<const Route> admin_routes();
std::span<const Route> server_routes();
std::span<const Route> integration_routes();

struct Found {
  const Route* route = nullptr;
  std::vector<std::string> parts;
};
Found find_route(const std::string& method, std::string_view path);

// Every call ends here, that of a client of ours too: who may, and then the handler.
Task<Answer> run_route(std::shared_ptr<Core> core, Found found, Call call);
std::optional<Answer> barred(const Core& core, const Route& route, const Call& call);
Answer route_missing(std::string_view path);

}  // namespace jitbot::mattermost_stand_in

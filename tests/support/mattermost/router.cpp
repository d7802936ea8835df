#include "tests/support/mattermost/routes.hpp"

#include <algorithm>
#include <array>

namespace jitbot::mattermost_stand_in {

namespace {

std::string_view take_segment(std::string_view& path) {
  if (path.starts_with('/')) path.remove_prefix(1);
  const std::size_t end = std::min(path.find('/'), path.size());
  const std::string_view segment = path.substr(0, end);
  path.remove_prefix(end);
  return segment;
}

bool alphanumeric(std::string_view text) {
  const auto fits = [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  return !text.empty() && std::ranges::all_of(text, fits);
}

std::optional<std::vector<std::string>> match(std::string_view pattern, std::string_view path) {
  std::vector<std::string> parts;
  while (!pattern.empty() && !path.empty()) {
    const std::string_view wanted = take_segment(pattern);
    const std::string_view given = take_segment(path);
    if (wanted == "{}" || wanted == "*") {
      if (given.empty() || (wanted == "{}" && !alphanumeric(given))) return std::nullopt;
      parts.emplace_back(given);
    } else if (wanted != given) {
      return std::nullopt;
    }
  }
  if (!pattern.empty() || !path.empty()) return std::nullopt;
  return parts;
}

}  // namespace

Found find_route(const std::string& method, std::string_view path) {
  const std::array tables = {integration_routes(), server_routes(),  account_routes(),
                             admin_routes(),       user_routes(),    member_routes(),
                             reading_routes(),     channel_routes(), post_routes()};
  for (const auto& table : tables) {
    for (const Route& route : table) {
      if (method != route.method) continue;
      if (auto parts = match(route.path, path)) return {&route, std::move(*parts)};
    }
  }
  return {};
}

std::optional<Answer> barred(const Core& core, const Route& route, const Call& call) {
  if (route.access == Access::anyone) return std::nullopt;
  const User* user = core.user(call.user);
  if (user == nullptr || user->delete_at != 0) {
    Answer answer = failure(401, "api.context.session_expired.app_error",
                            "Invalid or expired session, please login again.");
    if (!call.token.empty())
      answer.headers.push_back({"Set-Cookie", "MMAUTHTOKEN=; Path=/; Max-Age=0; HttpOnly"});
    return answer;
  }
  if (route.access == Access::admin && !user->admin()) return forbidden();
  return std::nullopt;
}

Task<Answer> run_route(std::shared_ptr<Core> core, Found found, Call call) {
  const Route& route = *found.route;
  call.parts = std::move(found.parts);
  if (auto refusal = barred(*core, route, call)) co_return std::move(*refusal);
  if (route.at_once != nullptr) co_return route.at_once(*core, call);
  Answer answer = co_await route.later(core, std::move(call));
  co_return answer;
}

Answer route_missing(std::string_view path) {
  Answer answer = failure(404, "api.context.404.app_error", "Sorry, we could not find the page.");
  answer.json["detailed_error"] = "There doesn't appear to be an api call for the url='" + std::string(path) +
                                  "'.  Typo? are you missing a team_id or user_id as part of the url?";
  return answer;
}

}  // namespace jitbot::mattermost_stand_in

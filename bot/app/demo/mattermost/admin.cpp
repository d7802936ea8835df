#include "bot/app/demo/mattermost/admin.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace jitbot::town {

namespace {

constexpr int k_not_found = 404;
constexpr int k_unauthorized = 401;

tl::unexpected<Error> stopped_at(const std::string& step, const mattermost::RestFault& fault) {
  return fail(fault.error.kind, fmt::format("{}: {}", step, words_of(fault)), fault.error.detail);
}

}  // namespace

JsonPtr body_of(nlohmann::json json) {
  return std::make_shared<const nlohmann::json>(std::move(json));
}

std::string words_of(const mattermost::RestFault& fault) {
  if (fault.status == 0) return fault.error.message;
  if (fault.status == k_unauthorized) return "the server does not accept the token any more (401)";
  const std::string id = fault.id.empty() ? "" : ", " + fault.id;
  return fmt::format("the server answers {}{}", fault.status, id);
}

Task<Result<JsonPtr>> Admin::look_for(std::string path, std::string step) {
  auto found = co_await rest_.get(std::move(path));
  if (found) co_return found->body;
  if (found.error().status == k_not_found) co_return JsonPtr();
  co_return stopped_at(step, found.error());
}

Task<Result<JsonPtr>> Admin::get(std::string path, std::string step) {
  auto found = co_await rest_.get(std::move(path));
  if (found) co_return found->body;
  co_return stopped_at(step, found.error());
}

Task<Result<JsonPtr>> Admin::send(std::string method, std::string path, JsonPtr body, std::string step) {
  mattermost::RestCall call;
  call.method = std::move(method);
  call.path = std::move(path);
  call.body = std::move(body);
  call.repeat = mattermost::Repeat::unsent;
  auto done = co_await rest_.call(std::move(call));
  if (done) co_return done->body;
  co_return stopped_at(step, done.error());
}

}  // namespace jitbot::town

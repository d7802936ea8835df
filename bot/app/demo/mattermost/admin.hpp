#pragma once

#include "adapters/chat/mattermost/rest.hpp"
#include "bot/model/result.hpp"
#include "bot/ports/task.hpp"

#include <nlohmann/json_fwd.hpp>

#include <memory>
#include <string>

namespace jitbot::town {

using JsonPtr = std::shared_ptr<const nlohmann::json>;

// An administrator's calls. Each names what it is for, and so does its error: "making the team: …". Belongs
// to the loop.
class Admin {
 public:
  explicit Admin(mattermost::Rest rest) : rest_(std::move(rest)) {}

  // Null: there is none.
  Task<Result<JsonPtr>> look_for(std::string path, std::string step);
  Task<Result<JsonPtr>> get(std::string path, std::string step);
  Task<Result<JsonPtr>> send(std::string method, std::string path, JsonPtr body, std::string step);
  mattermost::Rest& rest() { return rest_; }
  void close() { rest_.close(); }

 private:
  mattermost::Rest rest_;
};

JsonPtr body_of(nlohmann::json json);
// What the server meant, for people who run one: its own word and the status, or that it is not reached.
std::string words_of(const mattermost::RestFault& fault);

}  // namespace jitbot::town

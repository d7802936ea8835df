#pragma once

#include "adapters/chat/sandbox/core.hpp"
#include "adapters/net/http_server.hpp"

#include <nlohmann/json.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// https://slack.com/api/METHOD as the sandbox answers it.
namespace jitbot::sandbox {

Task<net::ServerResponse> serve_api(std::shared_ptr<Core> core, net::ServerRequest request);
Task<net::ServerResponse> serve_response_url(std::shared_ptr<Core> core, net::ServerRequest request);

// The arguments of a call, from a form or from JSON, read alike.
class Args {
 public:
  explicit Args(nlohmann::json values) : values_(std::move(values)) {}

  std::string text(const char* name) const;  // "" when absent
  bool has(const char* name) const;
  bool flag(const char* name) const;
  int number(const char* name, int otherwise) const;
  // A structured argument; in a form it is JSON in a string. Discarded (is_discarded()) when that is no JSON.
  nlohmann::json structure(const char* name) const;
  const nlohmann::json& all() const { return values_; }

 private:
  nlohmann::json values_;
};

using Method = nlohmann::json (*)(Core& core, const Args& args);

struct MethodRule {
  std::string_view name;
  Tier tier;
  std::vector<std::string_view> any_scope;  // empty: none needed
  Method call;
};

std::vector<MethodRule> auth_methods();
std::vector<MethodRule> chat_methods();
std::vector<MethodRule> conversation_methods();
std::vector<MethodRule> directory_methods();
std::vector<MethodRule> view_methods();

nlohmann::json api_error(std::string error);
// The error with Slack's detail, in `errors` and in response_metadata.messages.
nlohmann::json api_error(std::string error, const std::vector<std::string>& messages);
nlohmann::json missing_argument(const char* name);

struct Page {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string next_cursor;
};
// What limit and cursor select of `count` items; nothing when the cursor is none of ours.
std::optional<Page> paginate(const Args& args, std::size_t count, int default_limit);

// A channel the bot may act in, or Slack's error.
struct Target {
  Channel* channel = nullptr;
  std::string error;
};
enum class Act { see, post };
Target find_target(Core& core, const std::string& which, Act act);

bool has_scope(const Core& core, std::string_view scope);

}  // namespace jitbot::sandbox

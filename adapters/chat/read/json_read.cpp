#include "adapters/chat/read/json_read.hpp"

#include <nlohmann/json.hpp>

namespace jitbot::chat {

using Json = nlohmann::json;

const Json* member(const Json& json, std::string_view name) {
  if (!json.is_object()) return nullptr;
  const auto found = json.find(name);
  return found == json.end() ? nullptr : &*found;
}

const Json* member(const Json& json, std::initializer_list<std::string_view> path) {
  const Json* at = &json;
  for (const auto name : path) {
    at = member(*at, name);
    if (at == nullptr) return nullptr;
  }
  return at;
}

std::string text_at(const Json& json, std::initializer_list<std::string_view> path) {
  const Json* found = member(json, path);
  return found != nullptr && found->is_string() ? found->get<std::string>() : std::string();
}

bool flag_at(const Json& json, std::initializer_list<std::string_view> path) {
  const Json* found = member(json, path);
  if (found == nullptr || found->is_null()) return false;
  return !found->is_boolean() || found->get<bool>();
}

std::int64_t number_at(const Json& json, std::initializer_list<std::string_view> path) {
  const Json* found = member(json, path);
  if (found == nullptr) return 0;
  if (found->is_number_unsigned()) {
    const auto value = found->get<std::uint64_t>();
    return value > static_cast<std::uint64_t>(INT64_MAX) ? 0 : static_cast<std::int64_t>(value);
  }
  return found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

}  // namespace jitbot::chat

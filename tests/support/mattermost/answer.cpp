#include "tests/support/mattermost/answer.hpp"

#include <charconv>

namespace jitbot::mattermost_stand_in {

Answer good(Json json, int status) {
  Answer answer;
  answer.status = status;
  answer.json = std::move(json);
  return answer;
}

Answer done() {
  return good({{"status", "OK"}});
}

Answer no_answer() {
  Answer answer;
  answer.status = 0;
  return answer;
}

Answer failure(int status, const std::string& id, const std::string& message) {
  return good({{"id", id}, {"message", message}, {"detailed_error", ""}, {"status_code", status}}, status);
}

Answer forbidden() {
  return failure(403, "api.context.permissions.app_error", "You do not have the appropriate permissions.");
}

Answer bad_body(const std::string& what) {
  return failure(400, "api.context.invalid_body_param.app_error",
                 "Invalid or missing " + what + " in request body.");
}

Answer bad_param(const std::string& what) {
  return failure(400, "api.context.invalid_param.app_error", "Invalid " + what + " parameter.");
}

std::string Call::asked(std::string_view name) const {
  for (const net::FormField& field : query) {
    if (field.name == name) return field.value;
  }
  return {};
}

int Call::asked_number(std::string_view name, int otherwise) const {
  const std::string text = asked(name);
  int number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  return parsed.ec == std::errc() && number >= 0 ? number : otherwise;
}

std::string text_of(const Json& object, const char* key) {
  if (!object.is_object()) return {};
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

bool flag_of(const Json& object, const char* key) {
  if (!object.is_object()) return false;
  const auto found = object.find(key);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

std::int64_t number_of(const Json& object, const char* key) {
  if (!object.is_object()) return 0;
  const auto found = object.find(key);
  return found != object.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

std::vector<std::string> texts_of(const Json& list) {
  std::vector<std::string> texts;
  if (!list.is_array()) return texts;
  for (const Json& item : list) {
    if (item.is_string()) texts.push_back(item.get<std::string>());
  }
  return texts;
}

}  // namespace jitbot::mattermost_stand_in

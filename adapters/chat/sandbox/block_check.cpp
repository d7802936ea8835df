#include "adapters/chat/sandbox/block_check.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace jitbot::sandbox::blocks {

using Json = nlohmann::json;

void Spot::complain(const std::string& what) const {
  problems.push_back(fmt::format("[ERROR] {} [json-pointer:{}]", what, pointer));
}

Spot Spot::at(const std::string& key) const {
  return Spot{value.at(key), pointer + "/" + key, problems};
}

Spot Spot::at(std::size_t index) const {
  return Spot{value.at(index), pointer + "/" + std::to_string(index), problems};
}

bool Spot::has(const char* key) const {
  return value.is_object() && value.contains(key);
}

bool object_of(const Spot& spot, std::initializer_list<const char*> keys) {
  if (!spot.value.is_object()) {
    spot.complain("must provide an object");
    return false;
  }
  for (const auto& [key, ignored] : spot.value.items()) {
    const bool known = std::ranges::any_of(keys, [&](const char* name) { return key == name; });
    if (!known) spot.complain(fmt::format("invalid additional property: {}", key));
  }
  return true;
}

namespace {

bool present(const Spot& object, const char* key, Need need) {
  if (object.has(key)) return true;
  if (need == Need::required) object.complain(fmt::format("missing required field: {}", key));
  return false;
}

bool within(const Spot& spot, std::size_t units, Length length) {
  if (units > length.max) {
    spot.complain(fmt::format("must be less than {} characters", length.max + 1));
    return false;
  }
  if (units < length.min) {
    spot.complain(fmt::format("must be more than {} characters", length.min - 1));
    return false;
  }
  return true;
}

}  // namespace

bool text_field(const Spot& object, const char* key, Need need, Length length) {
  if (!present(object, key, need)) return need == Need::optional;
  const Spot field = object.at(key);
  if (!field.value.is_string()) {
    field.complain("must provide a string");
    return false;
  }
  return within(field, utf16_length(field.value.get_ref<const std::string&>()), length);
}

bool bool_field(const Spot& object, const char* key) {
  if (!object.has(key) || object.value.at(key).is_boolean()) return true;
  object.at(key).complain("must provide a boolean");
  return false;
}

bool integer_field(const Spot& object, const char* key, Need need, long long low, long long high) {
  if (!present(object, key, need)) return need == Need::optional;
  const Spot field = object.at(key);
  if (!field.value.is_number_integer()) {
    field.complain("must provide an integer");
    return false;
  }
  const auto number = field.value.get<long long>();
  if (number < low) field.complain(fmt::format("must be at least {}", low));
  if (number > high) field.complain(fmt::format("must be at most {}", high));
  return number >= low && number <= high;
}

bool choice_field(const Spot& object, const char* key, Need need,
                  std::initializer_list<std::string_view> choices) {
  if (!present(object, key, need)) return need == Need::optional;
  const Spot field = object.at(key);
  if (!field.value.is_string()) {
    field.complain("must provide a string");
    return false;
  }
  const auto& text = field.value.get_ref<const std::string&>();
  if (std::ranges::find(choices, std::string_view(text)) != choices.end()) return true;
  field.complain(fmt::format("must be one of: {}", fmt::join(choices, ", ")));
  return false;
}

const Json* list_field(const Spot& object, const char* key, Need need, Length length) {
  if (!present(object, key, need)) return nullptr;
  const Spot field = object.at(key);
  if (!field.value.is_array()) {
    field.complain("must provide an array");
    return nullptr;
  }
  if (field.value.size() > length.max)
    field.complain(fmt::format("no more than {} items allowed", length.max));
  if (field.value.size() < length.min)
    field.complain(fmt::format("no fewer than {} items allowed", length.min));
  return &field.value;
}

void check_text_object(const Spot& spot, TextKind kind, Length length) {
  if (!spot.value.is_object()) {
    spot.complain("must provide an object");
    return;
  }
  if (kind == TextKind::plain) {
    if (!choice_field(spot, "type", Need::required, {"plain_text"})) return;
  } else if (!choice_field(spot, "type", Need::required, {"plain_text", "mrkdwn"})) {
    return;
  }
  if (spot.value.at("type") == "plain_text") {
    object_of(spot, {"type", "text", "emoji"});
    bool_field(spot, "emoji");
  } else {
    object_of(spot, {"type", "text", "verbatim"});
    bool_field(spot, "verbatim");
  }
  length.min = std::max<std::size_t>(length.min, 1);
  text_field(spot, "text", Need::required, length);
}

bool text_object(const Spot& object, const char* key, Need need, TextKind kind, Length length) {
  if (!present(object, key, need)) return need == Need::optional;
  const std::size_t before = object.problems.size();
  check_text_object(object.at(key), kind, length);
  return object.problems.size() == before;
}

}  // namespace jitbot::sandbox::blocks

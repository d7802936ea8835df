#pragma once

#include "adapters/chat/sandbox/records.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>

// The interactive elements of messages and views, and what people put into them.
namespace jitbot::sandbox {

struct Field {
  nlohmann::json element;
  std::string block_id;
  std::string action_id;
  bool dispatches = true;  // false: in an input block without dispatch_action
};

// Which element is meant: one of the ids may be empty and means any then.
struct FieldName {
  std::string block_id;
  std::string action_id;
};

std::optional<Field> find_field(const nlohmann::json& blocks, const FieldName& name);
// The same, of those that look their options up.
std::optional<Field> find_lookup(const nlohmann::json& blocks, const FieldName& name);

// The person's modal of that id, the topmost when it is empty; null: it is not open.
struct Core;
View* find_modal(Core& core, const std::string& user, const std::string& view_id);

// The options looked up for the field, and what it holds now.
nlohmann::json on_offer(const View& view, const Field& field);
nlohmann::json on_offer(const Message& message, const Field& field);

// Takes what was typed and chosen (see SubmitInput) into the view's state. An error names what the form does
// not offer; then nothing was taken.
std::string fill_in(View& view, const nlohmann::json& values);

}  // namespace jitbot::sandbox

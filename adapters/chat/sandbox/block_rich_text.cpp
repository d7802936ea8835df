#include "adapters/chat/sandbox/block_check.hpp"

#include <fmt/format.h>

#include <array>

// rich_text: sections, quotes, preformatted text and lists of inline elements.
namespace jitbot::sandbox::blocks {

using Json = nlohmann::json;

namespace {

struct InlineRule {
  std::string_view type;
  const char* field;  // the required one
};

constexpr std::array k_inline{
    InlineRule{"text", "text"},          InlineRule{"user", "user_id"},
    InlineRule{"channel", "channel_id"}, InlineRule{"usergroup", "usergroup_id"},
    InlineRule{"link", "url"},           InlineRule{"emoji", "name"},
    InlineRule{"broadcast", "range"},    InlineRule{"color", "value"},
};

void check_style(const Spot& element) {
  if (!element.has("style")) return;
  const Spot style = element.at("style");
  if (!object_of(style, {"bold", "italic", "strike", "code", "underline", "highlight", "client_highlight",
                         "unlink"})) {
    return;
  }
  for (const auto& [key, value] : style.value.items()) {
    if (!value.is_boolean()) style.at(key).complain("must provide a boolean");
  }
}

void check_date(const Spot& element) {
  object_of(element, {"type", "timestamp", "format", "url", "fallback"});
  integer_field(element, "timestamp", Need::required, 0, 4'102'444'800);
  text_field(element, "format", Need::required, {.min = 1});
  text_field(element, "url", Need::optional);
  text_field(element, "fallback", Need::optional);
}

void check_inline(const Spot& element) {
  if (!element.value.is_object()) {
    element.complain("must provide an object");
    return;
  }
  if (!text_field(element, "type", Need::required)) return;
  const auto& type = element.value.at("type").get_ref<const std::string&>();
  if (type == "date") {
    check_date(element);
    return;
  }
  for (const InlineRule& rule : k_inline) {
    if (rule.type != type) continue;
    object_of(element, {"type", rule.field, "text", "style", "unsafe", "unicode", "skin_tone"});
    // An empty text element fails the whole message.
    text_field(element, rule.field, Need::required, {.min = 1});
    check_style(element);
    return;
  }
  element.at("type").complain(fmt::format("unsupported type: {}", type));
}

void check_inline_list(const Spot& holder) {
  const Json* list = list_field(holder, "elements", Need::required);
  if (list == nullptr) return;
  const Spot elements = holder.at("elements");
  for (std::size_t i = 0; i < list->size(); ++i) check_inline(elements.at(i));
}

void check_list(const Spot& spot) {
  object_of(spot, {"type", "style", "elements", "indent", "offset", "border"});
  choice_field(spot, "style", Need::required, {"bullet", "ordered"});
  integer_field(spot, "indent", Need::optional, 0, 8);
  integer_field(spot, "border", Need::optional, 0, 1);
  const Json* list = list_field(spot, "elements", Need::required);
  if (list == nullptr) return;
  const Spot elements = spot.at("elements");
  for (std::size_t i = 0; i < list->size(); ++i) {
    const Spot item = elements.at(i);
    if (!object_of(item, {"type", "elements"})) continue;
    if (choice_field(item, "type", Need::required, {"rich_text_section"})) check_inline_list(item);
  }
}

}  // namespace

void check_rich_text(const Spot& block) {
  const Json* list = list_field(block, "elements", Need::required);
  if (list == nullptr) return;
  const Spot elements = block.at("elements");
  for (std::size_t i = 0; i < list->size(); ++i) {
    const Spot part = elements.at(i);
    if (!part.value.is_object()) {
      part.complain("must provide an object");
      continue;
    }
    if (!choice_field(part, "type", Need::required,
                      {"rich_text_section", "rich_text_quote", "rich_text_preformatted", "rich_text_list"})) {
      continue;
    }
    if (part.value.at("type") == "rich_text_list") {
      check_list(part);
      continue;
    }
    object_of(part, {"type", "elements", "border", "language"});
    integer_field(part, "border", Need::optional, 0, 1);
    check_inline_list(part);
  }
}

}  // namespace jitbot::sandbox::blocks

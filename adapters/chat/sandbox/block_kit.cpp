#include "adapters/chat/sandbox/block_kit.hpp"

#include "adapters/chat/sandbox/block_check.hpp"

#include <fmt/format.h>

#include <array>

namespace jitbot::sandbox {

using Json = nlohmann::json;
using namespace blocks;

namespace {

struct Context {
  Surface surface;
  Seen& seen;
  std::size_t index;  // of the block
};

void check_section(const Spot& b, Context context) {
  object_of(b, {"type", "block_id", "text", "fields", "accessory", "expand"});
  if (!b.has("text") && !b.has("fields")) b.complain("must provide one of text or fields");
  text_object(b, "text", Need::optional, TextKind::any, {.max = 3000});
  if (const Json* fields = list_field(b, "fields", Need::optional, {.max = 10, .min = 1})) {
    const Spot list = b.at("fields");
    for (std::size_t i = 0; i < fields->size(); ++i)
      check_text_object(list.at(i), TextKind::any, {.max = 2000});
  }
  if (b.has("accessory")) check_element(b.at("accessory"), Place::section, context.seen, context.index);
  bool_field(b, "expand");
}

void check_elements(const Spot& b, Context context, Place place, Length count) {
  object_of(b, {"type", "block_id", "elements"});
  const Json* elements = list_field(b, "elements", Need::required, count);
  if (elements == nullptr) return;
  const Spot list = b.at("elements");
  for (std::size_t i = 0; i < elements->size(); ++i) {
    check_element(list.at(i), place, context.seen, context.index);
  }
}

void check_actions(const Spot& b, Context context) {
  check_elements(b, context, Place::actions, {.max = 25, .min = 1});
}

void check_context(const Spot& b, Context context) {
  check_elements(b, context, Place::context, {.max = 10, .min = 1});
}

void check_header(const Spot& b, Context) {
  object_of(b, {"type", "block_id", "text", "level"});
  text_object(b, "text", Need::required, TextKind::plain, {.max = 150});
}

void check_divider(const Spot& b, Context) {
  object_of(b, {"type", "block_id"});
}

void check_input(const Spot& b, Context context) {
  object_of(b, {"type", "block_id", "label", "element", "hint", "optional", "dispatch_action"});
  text_object(b, "label", Need::required, TextKind::plain, {.max = 2000});
  text_object(b, "hint", Need::optional, TextKind::plain, {.max = 2000});
  bool_field(b, "optional");
  bool_field(b, "dispatch_action");
  if (!b.has("element")) {
    b.complain("missing required field: element");
    return;
  }
  check_element(b.at("element"), Place::input, context.seen, context.index);
}

void check_image_block(const Spot& b, Context) {
  object_of(b, {"type", "block_id", "image_url", "slack_file", "alt_text", "title"});
  text_field(b, "alt_text", Need::required, {.max = 2000});
  if (b.has("image_url") == b.has("slack_file")) b.complain("must provide one of image_url or slack_file");
  text_field(b, "image_url", Need::optional, {.max = 3000});
  text_object(b, "title", Need::optional, TextKind::plain, {.max = 2000});
}

void check_rich_text_block(const Spot& b, Context) {
  object_of(b, {"type", "block_id", "elements"});
  check_rich_text(b);
}

void check_markdown(const Spot& b, Context) {
  object_of(b, {"type", "block_id", "text"});
  text_field(b, "text", Need::required, {.max = 12'000, .min = 1});
}

constexpr unsigned k_message = 1;
constexpr unsigned k_modal = 2;
constexpr unsigned k_home = 4;
constexpr unsigned k_everywhere = k_message | k_modal | k_home;

struct BlockRule {
  std::string_view type;
  unsigned surfaces;
  void (*check)(const Spot&, Context);
};

constexpr std::array k_blocks{
    BlockRule{"section", k_everywhere, check_section},
    BlockRule{"actions", k_everywhere, check_actions},
    BlockRule{"context", k_everywhere, check_context},
    BlockRule{"header", k_everywhere, check_header},
    BlockRule{"divider", k_everywhere, check_divider},
    BlockRule{"input", k_everywhere, check_input},
    BlockRule{"image", k_everywhere, check_image_block},
    BlockRule{"rich_text", k_everywhere, check_rich_text_block},
    BlockRule{"markdown", k_message, check_markdown},
};

unsigned bit_of(Surface surface) {
  switch (surface) {
    case Surface::message:
      return k_message;
    case Surface::modal:
      return k_modal;
    case Surface::home:
      return k_home;
  }
  return 0;
}

void check_block(const Spot& spot, Context context) {
  if (!spot.value.is_object()) {
    spot.complain("must provide an object");
    return;
  }
  if (!text_field(spot, "type", Need::required)) return;
  const auto& type = spot.value.at("type").get_ref<const std::string&>();
  for (const BlockRule& rule : k_blocks) {
    if (rule.type != type) continue;
    if ((rule.surfaces & bit_of(context.surface)) == 0) break;
    rule.check(spot, context);
    if (spot.has("block_id") && text_field(spot, "block_id", Need::optional, {.max = 255, .min = 1})) {
      const auto id = spot.value.at("block_id").get<std::string>();
      if (!context.seen.block_ids.insert(id).second) {
        spot.at("block_id").complain(fmt::format("`block_id` \"{}\" already exists", id));
      }
    }
    return;
  }
  spot.at("type").complain(fmt::format("unsupported type: {}", type));
}

void check_block_list(const Spot& blocks, Surface surface) {
  if (!blocks.value.is_array()) {
    blocks.complain("must provide an array");
    return;
  }
  const std::size_t most = surface == Surface::message ? 50 : 100;
  if (blocks.value.size() > most) blocks.complain(fmt::format("no more than {} items allowed", most));
  Seen seen;
  for (std::size_t i = 0; i < blocks.value.size(); ++i) check_block(blocks.at(i), Context{surface, seen, i});
}

bool has_input_block(const Json& blocks) {
  if (!blocks.is_array()) return false;
  for (const Json& block : blocks) {
    if (block.is_object() && block.value("type", Json()) == "input") return true;
  }
  return false;
}

}  // namespace

std::vector<std::string> check_blocks(const Json& blocks, Surface surface) {
  std::vector<std::string> problems;
  check_block_list(Spot{blocks, "/blocks", problems}, surface);
  return problems;
}

std::vector<std::string> check_view(const Json& view) {
  std::vector<std::string> problems;
  const Spot spot{view, "/view", problems};
  if (!object_of(spot, {"type", "title", "blocks", "close", "submit", "private_metadata", "callback_id",
                        "clear_on_close", "notify_on_close", "external_id", "submit_disabled"})) {
    return problems;
  }
  if (!choice_field(spot, "type", Need::required, {"modal", "home"})) return problems;
  const bool modal = view.at("type") == "modal";
  if (modal) {
    text_object(spot, "title", Need::required, TextKind::plain, {.max = 24});
    text_object(spot, "close", Need::optional, TextKind::plain, {.max = 24});
    text_object(spot, "submit", Need::optional, TextKind::plain, {.max = 24});
    bool_field(spot, "clear_on_close");
    bool_field(spot, "notify_on_close");
  } else {
    for (const char* key : {"title", "close", "submit", "notify_on_close", "clear_on_close"}) {
      if (spot.has(key)) spot.complain(fmt::format("invalid additional property: {}", key));
    }
  }
  text_field(spot, "private_metadata", Need::optional, {.max = 3000});
  text_field(spot, "callback_id", Need::optional, {.max = 255});
  text_field(spot, "external_id", Need::optional, {.max = 255});
  if (!spot.has("blocks")) {
    spot.complain("missing required field: blocks");
    return problems;
  }
  check_block_list(spot.at("blocks"), modal ? Surface::modal : Surface::home);
  if (modal && has_input_block(view.at("blocks")) && !spot.has("submit")) {
    spot.complain("`submit` is required when an input block is in blocks");
  }
  return problems;
}

std::vector<std::string> check_suggestions(const Json& answer) {
  std::vector<std::string> problems;
  check_answered_options(Spot{answer, "", problems});
  return problems;
}

std::size_t utf16_length(std::string_view text) {
  std::size_t units = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0U) == 0x80U) continue;  // continuation
    units += byte >= 0xF0U ? 2 : 1;         // beyond the BMP: a surrogate pair
  }
  return units;
}

std::string cut_to_utf16(std::string_view text, std::size_t units) {
  std::size_t used = 0;
  std::size_t end = 0;
  while (end < text.size()) {
    const auto byte = static_cast<unsigned char>(text[end]);
    const std::size_t bytes = byte < 0x80U    ? 1
                              : byte >= 0xF0U ? 4
                              : byte >= 0xE0U ? 3
                              : byte >= 0xC0U ? 2
                                              : 1;
    const std::size_t width = byte >= 0xF0U ? 2 : 1;
    if (used + width > units) break;
    used += width;
    end += bytes;
  }
  return std::string(text.substr(0, end));
}

std::size_t total_characters(const Json& blocks) {
  std::size_t total = 0;
  if (blocks.is_object()) {
    for (const auto& [key, value] : blocks.items()) {
      if (key == "text" && value.is_string()) {
        total += utf16_length(value.get_ref<const std::string&>());
      } else {
        total += total_characters(value);
      }
    }
  } else if (blocks.is_array()) {
    for (const Json& value : blocks) total += total_characters(value);
  }
  return total;
}

const Json* find_input(const Json& blocks, std::string_view block_id) {
  if (!blocks.is_array()) return nullptr;
  for (const Json& block : blocks) {
    if (block.value("type", "") == "input" && block.value("block_id", "") == block_id) return &block;
  }
  return nullptr;
}

}  // namespace jitbot::sandbox

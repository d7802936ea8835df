#pragma once

#include "adapters/chat/sandbox/block_kit.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <initializer_list>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

// The pieces the Block Kit check is built from: a cursor that knows its json-pointer, and field rules.
namespace jitbot::sandbox::blocks {

enum class Need { required, optional };

struct Length {
  std::size_t max = std::numeric_limits<std::size_t>::max();
  std::size_t min = 0;
};

// Where the check stands: the value, its json-pointer, and the list problems go to.
struct Spot {
  const nlohmann::json& value;
  std::string pointer;
  std::vector<std::string>& problems;

  void complain(const std::string& what) const;
  Spot at(const std::string& key) const;  // the key must exist
  Spot at(std::size_t index) const;
  bool has(const char* key) const;
};

// True when the value is an object of exactly these keys (more are reported one by one).
bool object_of(const Spot& spot, std::initializer_list<const char*> keys);
// The member as a string within the limits. False when it is missing though required, or wrong.
bool text_field(const Spot& object, const char* key, Need need, Length length = {});
bool bool_field(const Spot& object, const char* key);
bool integer_field(const Spot& object, const char* key, Need need, long long low, long long high);
bool choice_field(const Spot& object, const char* key, Need need,
                  std::initializer_list<std::string_view> choices);
// The member as an array within the limits; null when it is not one.
const nlohmann::json* list_field(const Spot& object, const char* key, Need need, Length length = {});

enum class TextKind { plain, any };
bool text_object(const Spot& object, const char* key, Need need, TextKind kind, Length length);
void check_text_object(const Spot& spot, TextKind kind, Length length);

// Ids seen so far; they must not repeat.
struct Seen {
  std::set<std::string> block_ids;
  std::set<std::string> action_ids;  // "block_index\n action_id": unique within a block
  bool focus_on_load = false;        // one element of a view may ask for it
};

enum class Place { section, actions, input, context };
void check_element(const Spot& spot, Place place, Seen& seen, std::size_t block_index);
void check_rich_text(const Spot& block);
void check_answered_options(const Spot& answer);  // of a block_suggestion

}  // namespace jitbot::sandbox::blocks

#include "bot/policy/yaml/decode.hpp"

#include "bot/model/duration.hpp"
#include "bot/model/nearest.hpp"
#include "bot/policy/yaml/place.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <utility>

namespace jitbot::yaml {

namespace {

std::string_view kind_name(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::null:
      return "empty";
    case Node::Kind::scalar:
      return "text";
    case Node::Kind::list:
      return "a list";
    case Node::Kind::map:
      return "a map";
    case Node::Kind::refused:
      return "refused";
  }
  return "refused";
}

const Kind k_duration{"duration", "write a length of time, for example 45s, 30m, 1h30m or 2d"};

std::string allowed_keys(const KeyTable& table) {
  std::string text;
  for (const Key& key : table.keys) {
    if (key.use == Key::Use::later) continue;
    if (!text.empty()) text += ", ";
    text += key.name;
  }
  return text;
}

}  // namespace

std::string one_of(std::span<const std::string_view> words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

void Value::fail(std::string message, Kind kind) const {
  if (node_->kind == Node::Kind::refused) return;
  problems_->add(node_->where, path_, std::move(message), std::move(kind));
}

void Value::fail_inside(std::size_t byte, std::string message, Kind kind) const {
  if (node_->kind == Node::Kind::refused) return;
  problems_->add(place_in(problems_->text(), *node_, byte), path_, std::move(message), std::move(kind));
}

std::string Value::shown() const {
  return node_->substituted ? "the text from the environment" : quoted(node_->text);
}

std::optional<std::string> Value::any_text() const {
  if (is_scalar()) return node_->text;
  fail(fmt::format("must be text, not {}", kind_name(node_->kind)));
  return std::nullopt;
}

std::optional<std::string> Value::text() const {
  auto text = any_text();
  if (!text || !text->empty()) return text;
  fail("must not be empty");
  return std::nullopt;
}

std::optional<int> Value::integer(int least, int most) const {
  const auto wrong = [&]() -> std::optional<int> {
    fail(fmt::format("must be a whole number from {} to {}", least, most));
    return std::nullopt;
  };
  if (!is_scalar() || (node_->quoted && !node_->substituted)) return wrong();
  int number = 0;
  const char* end = node_->text.data() + node_->text.size();
  const auto [stopped, error] = std::from_chars(node_->text.data(), end, number);
  if (error != std::errc{} || stopped != end || number < least || number > most) return wrong();
  return number;
}

std::optional<bool> Value::boolean() const {
  if (is_scalar() && (!node_->quoted || node_->substituted)) {
    if (node_->text == "true") return true;
    if (node_->text == "false") return false;
  }
  fail("must be true or false");
  return std::nullopt;
}

std::optional<Millis> Value::duration() const {
  if (!is_scalar()) {
    fail(fmt::format("must be a duration such as 45s, 30m, 1h30m or 2d, not {}", kind_name(node_->kind)),
         k_duration);
    return std::nullopt;
  }
  const auto duration = parse_duration(node_->text);
  if (duration) return *duration;
  fail(node_->substituted ? shown() + " is not a duration such as 45s, 30m, 1h30m or 2d"
                          : duration.error().message,
       k_duration);
  return std::nullopt;
}

std::optional<std::size_t> Value::choice(std::span<const std::string_view> allowed) const {
  if (is_scalar()) {
    const auto found = std::ranges::find(allowed, node_->text);
    if (found != allowed.end()) return static_cast<std::size_t>(found - allowed.begin());
    fail(fmt::format("{} is not allowed here; it must be {}", shown(), one_of(allowed)));
  } else {
    fail(fmt::format("must be {}, not {}", one_of(allowed), kind_name(node_->kind)));
  }
  return std::nullopt;
}

std::vector<Value> Value::list() const {
  std::vector<Value> values;
  if (!is_list()) {
    fail(fmt::format("must be a list, not {}", kind_name(node_->kind)));
    return values;
  }
  values.reserve(node_->items.size());
  for (std::size_t i = 0; i < node_->items.size(); ++i) {
    values.emplace_back(node_->items[i], path_of(path_, i), *problems_);
  }
  return values;
}

std::vector<Value> Value::one_or_list() const {
  if (is_scalar()) return {*this};
  return list();
}

std::vector<std::pair<const Entry*, Value>> Value::named() const {
  std::vector<std::pair<const Entry*, Value>> values;
  if (!is_map()) {
    fail(fmt::format("must be a map, not {}", kind_name(node_->kind)));
    return values;
  }
  values.reserve(node_->entries.size());
  for (const Entry& entry : node_->entries) {
    values.emplace_back(&entry, Value(entry.value, path_of(path_, entry.key), *problems_));
  }
  return values;
}

MapReader::MapReader(Value value, const KeyTable& table) : value_(std::move(value)), table_(table) {
  if (!value_.is_map()) {
    value_.fail(fmt::format("must be {} with the keys {}; it is {}", table.what, allowed_keys(table),
                            kind_name(value_.node().kind)));
    return;
  }
  for (const Entry& entry : value_.node().entries) check_key(entry);
  for (const Key& key : table_.keys) {
    if (key.use == Key::Use::required) require(key.name, table_.what);
  }
}

void MapReader::require(std::string_view key, std::string_view what) const {
  if (find(key)) return;
  value_.problems_->add(value_.node().where, path_of(value_.path_, key),
                        fmt::format("is missing; {} needs it", what), {.advice = fmt::format("add {}", key)});
}

void MapReader::check_key(const Entry& entry) const {
  const auto known = std::ranges::find(table_.keys, entry.key, &Key::name);
  const std::string path = path_of(value_.path_, entry.key);
  if (known != table_.keys.end()) {
    if (known->use == Key::Use::later) {
      value_.problems_->add(entry.where, path,
                            "comes with a later version of jitbot; this one would not act on it",
                            {"later-version", "remove it; it comes with a later version"});
    }
    return;
  }
  std::vector<std::string> words;
  for (const Key& key : table_.keys) {
    if (key.use != Key::Use::later) words.emplace_back(key.name);
  }
  const std::string near = nearest(entry.key, words);
  const std::string hint = near.empty() ? "" : fmt::format("did you mean {}? ", near);
  value_.problems_->add(entry.where, path,
                        fmt::format("unknown key; {}allowed: {}", hint, allowed_keys(table_)),
                        {.advice = near.empty() ? "remove it, or write a key that is allowed here"
                                                : fmt::format("write {}", near)});
}

std::optional<Value> MapReader::find(std::string_view key) const {
  if (std::ranges::find(table_.keys, key, &Key::name) == table_.keys.end()) {
    throw std::logic_error("key missing from its table: " + std::string(key));
  }
  if (!value_.is_map()) return std::nullopt;
  const auto found = std::ranges::find(value_.node().entries, key, &Entry::key);
  if (found == value_.node().entries.end()) return std::nullopt;
  return Value(found->value, path_of(value_.path_, key), *value_.problems_);
}

}  // namespace jitbot::yaml

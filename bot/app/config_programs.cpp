#include "bot/app/config_programs.hpp"

#include "bot/model/template.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace jitbot {

using yaml::MapReader;
using yaml::Value;

namespace {

constexpr std::size_t k_most_arguments = 64;
constexpr std::size_t k_longest_argument = 4096;

bool is_variable_name(std::string_view name) {
  return !name.empty() && (name.front() < '0' || name.front() > '9') && std::ranges::all_of(name, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
  });
}

// A word of the name says that its value is one.
bool names_a_secret(const std::string& name) {
  constexpr std::array<std::string_view, 4> k_words = {"TOKEN", "PASSWORD", "SECRET", "KEY"};
  return std::ranges::any_of(k_words,
                             [&](std::string_view word) { return name.find(word) != std::string::npos; });
}

void check_program(const Value& value, const std::string& text) {
  if (text.find("{{") != std::string::npos) value.fail("the program itself cannot be a template");
  if (text.front() == '-') value.fail("the program's name must not begin with '-'");
}

}  // namespace

std::vector<std::string> read_arguments(const ConfigReader& reader, const MapReader& map,
                                        std::string_view key, const std::vector<std::string_view>& known) {
  std::vector<std::string> arguments;
  const auto list = map.find(key);
  if (!list) return arguments;
  const auto items = list->list();
  if (list->is_list() && items.empty()) list->fail("must name a program and its arguments");
  if (items.size() > k_most_arguments)
    list->fail(fmt::format("must be at most {} arguments", k_most_arguments));
  for (const Value& item : items) {
    auto text = arguments.empty() ? item.text() : item.any_text();
    if (!text) continue;
    if (text->size() > k_longest_argument)
      item.fail(fmt::format("must be at most {} bytes long", k_longest_argument));
    if (arguments.empty()) {
      check_program(item, *text);
      if (text->find('/') != std::string::npos) text = reader.path(*text).string();
    } else if (const auto checked = check_template(*text, known); !checked) {
      item.fail(checked.error().message);
    }
    arguments.push_back(std::move(*text));
  }
  return arguments;
}

std::map<std::string, Secret> read_program_env(const ConfigReader& reader, const MapReader& map) {
  std::map<std::string, Secret> variables;
  const auto env = map.find("env");
  if (!env) return variables;
  for (const auto& [entry, item] : env->named()) {
    if (!is_variable_name(entry->key)) item.fail("is not the name of an environment variable");
    if (item.is_scalar() && item.node().text.empty()) {
      variables.emplace(entry->key, Secret());
      continue;
    }
    const auto secret = read_secret(reader, item);
    if (!secret) continue;
    if (secret->literal && names_a_secret(entry->key)) {
      warn(reader, item, "the secret itself stands here; use ${NAME} or file:PATH instead");
    }
    variables.emplace(entry->key, secret->value);
  }
  return variables;
}

std::optional<Millis> read_span(const MapReader& map, std::string_view key, Millis least, Millis most,
                                std::string_view allowed) {
  const auto value = map.find(key);
  if (!value) return std::nullopt;
  const auto span = value->duration();
  if (span && (*span < least || *span > most)) value->fail(fmt::format("must be {}", allowed));
  return span;
}

}  // namespace jitbot

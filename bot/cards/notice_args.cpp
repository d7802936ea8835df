#include "bot/cards/notice_args.hpp"

#include "bot/cards/clean.hpp"
#include "bot/cards/phrases.hpp"

#include <nlohmann/json.hpp>

namespace jitbot {

namespace {

constexpr std::size_t k_most_text = 200;

const nlohmann::json* find(const nlohmann::json& args, std::string_view key) {
  if (!args.is_object()) return nullptr;
  const auto found = args.find(std::string(key));
  return found == args.end() ? nullptr : &*found;
}

Line labelled(std::string_view label, Span value) {
  Line line;
  if (!label.empty()) line.emplace_back(Plain{std::string(label)});
  line.push_back(std::move(value));
  return line;
}

}  // namespace

bool has_arg(const nlohmann::json& args, std::string_view key) {
  return find(args, key) != nullptr;
}

std::string arg_string(const nlohmann::json& args, std::string_view key) {
  const auto* value = find(args, key);
  if (value == nullptr) return {};
  if (value->is_string()) return one_line(value->get<std::string>(), k_most_text);
  if (value->is_number_integer()) return std::to_string(value->get<std::int64_t>());
  return {};
}

std::optional<PrincipalId> arg_person(const nlohmann::json& args, std::string_view key) {
  return parse_principal_id(arg_string(args, key));
}

Line arg_text(std::string_view label, const nlohmann::json& args, std::string_view key) {
  std::string text = arg_string(args, key);
  return text.empty() ? Line{} : labelled(label, Plain{std::move(text)});
}

Line arg_words(std::string_view label, const nlohmann::json& args, std::string_view key) {
  const std::string text = arg_string(args, key);
  return text.empty() ? Line{} : labelled(label, foreign(text));
}

Line arg_moment(std::string_view label, const nlohmann::json& args, std::string_view key) {
  const auto* value = find(args, key);
  if (value != nullptr && value->is_number_integer()) {
    return labelled(label, Moment{time_from_ms(value->get<std::int64_t>()), true});
  }
  return arg_text(label, args, key);
}

}  // namespace jitbot

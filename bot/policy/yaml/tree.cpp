#include "bot/policy/yaml/tree.hpp"

#include <algorithm>

namespace jitbot::yaml {

namespace {

bool is_plain_word(std::string_view key) {
  return !key.empty() && key.size() <= 80 && std::ranges::all_of(key, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

}  // namespace

void Problems::add(Position where, std::string key, std::string message, Kind kind) {
  PolicyProblem problem{mark(where), std::move(key), std::move(message)};
  problem.severity = kind.severity;
  if (!usual_.name.empty()) {
    problem.name = kind.name.empty() ? usual_.name : kind.name;
    problem.advice = kind.advice.empty() ? usual_.advice : std::move(kind.advice);
  }
  all_.push_back(std::move(problem));
}

std::string path_of(const std::string& parent, std::string_view key) {
  const std::string shown = is_plain_word(key) ? std::string(key) : quoted(key);
  return parent.empty() ? shown : parent + "." + shown;
}

std::string path_of(const std::string& parent, std::size_t index) {
  return parent + "[" + std::to_string(index) + "]";
}

std::string quoted(std::string_view text) {
  constexpr std::size_t k_shown_bytes = 80;
  std::string shown;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (shown.size() >= k_shown_bytes && (byte & 0xC0U) != 0x80U) return "\"" + shown + "…\"";
    shown += byte < 0x20U || byte == 0x7FU ? ' ' : c;
  }
  return "\"" + shown + "\"";
}

}  // namespace jitbot::yaml

#include "bot/model/template.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace jitbot {

namespace {

constexpr std::string_view k_open = "{{";
constexpr std::string_view k_close = "}}";
constexpr std::string_view k_any_param = "params.*";
constexpr std::string_view k_param = "params.";

bool is_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  });
}

struct Piece {
  std::string_view literal;
  std::string_view name;  // empty after the last literal
};

Result<std::vector<Piece>> split(std::string_view text) {
  std::vector<Piece> pieces;
  for (;;) {
    const auto open = text.find(k_open);
    if (open == std::string_view::npos) break;
    const auto close = text.find(k_close, open);
    if (close == std::string_view::npos) {
      return fail(ErrorKind::invalid,
                  fmt::format("\"{}\" opens {{{{ and never closes it", text.substr(open)));
    }
    const auto name = text.substr(open + k_open.size(), close - open - k_open.size());
    if (!is_name(name)) {
      return fail(ErrorKind::invalid,
                  fmt::format("\"{{{{{}}}}}\" holds no name: write {{{{name}}}} without spaces", name));
    }
    pieces.push_back({text.substr(0, open), name});
    text.remove_prefix(close + k_close.size());
  }
  pieces.push_back({text, {}});
  return pieces;
}

bool is_allowed(std::string_view name, const std::vector<std::string_view>& allowed) {
  return std::ranges::any_of(allowed, [name](std::string_view one) {
    if (one == k_any_param) return name.size() > k_param.size() && name.substr(0, k_param.size()) == k_param;
    return one == name;
  });
}

}  // namespace

Result<std::vector<std::string>> template_names(std::string_view text) {
  const auto pieces = split(text);
  if (!pieces) return tl::unexpected<Error>(pieces.error());
  std::vector<std::string> names;
  for (const auto& piece : *pieces) {
    if (piece.name.empty() || std::ranges::find(names, piece.name) != names.end()) continue;
    names.emplace_back(piece.name);
  }
  return names;
}

Result<void> check_template(std::string_view text, const std::vector<std::string_view>& allowed) {
  const auto names = template_names(text);
  if (!names) return tl::unexpected<Error>(names.error());
  for (const auto& name : *names) {
    if (is_allowed(name, allowed)) continue;
    if (allowed.empty()) return fail(ErrorKind::invalid, fmt::format("{{{{{}}}}} is not allowed here", name));
    return fail(ErrorKind::invalid,
                fmt::format("{{{{{}}}}} is not known here; known are {}", name, fmt::join(allowed, ", ")));
  }
  return {};
}

Result<void> check_template_value(std::string_view name, std::string_view value) {
  if (!value.empty() && value.front() == '-') {
    return fail(ErrorKind::invalid,
                fmt::format("the {} begins with '-' and could be taken for an option", name));
  }
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      return fail(ErrorKind::invalid, fmt::format("the {} holds a control character", name));
    }
  }
  // C1 controls, as UTF-8 writes them: U+0080 to U+009F.
  for (std::size_t i = 0; i + 1 < value.size(); ++i) {
    const auto second = static_cast<unsigned char>(value[i + 1]);
    if (static_cast<unsigned char>(value[i]) == 0xc2 && second >= 0x80 && second <= 0x9f) {
      return fail(ErrorKind::invalid, fmt::format("the {} holds a control character", name));
    }
  }
  return {};
}

Result<std::string> expand_template(std::string_view text, const TemplateValues& values) {
  const auto pieces = split(text);
  if (!pieces) return tl::unexpected<Error>(pieces.error());
  std::string expanded;
  for (const auto& piece : *pieces) {
    expanded += piece.literal;
    if (piece.name.empty()) continue;
    const auto value = values.find(piece.name);
    if (value == values.end()) {
      return fail(ErrorKind::invalid, fmt::format("there is no value for {{{{{}}}}}", piece.name));
    }
    if (auto checked = check_template_value(piece.name, value->second); !checked) {
      return tl::unexpected<Error>(checked.error());
    }
    expanded += value->second;
  }
  return expanded;
}

}  // namespace jitbot

#include "bot/cards/form.hpp"

#include <array>

namespace jitbot {

std::string_view to_string(FormKind kind) {
  switch (kind) {
    case FormKind::request:
      return "request";
    case FormKind::deny:
      return "deny";
    case FormKind::end:
      return "end";
  }
  return "";
}

std::optional<FormKind> parse_form_kind(std::string_view text) {
  for (const FormKind kind : std::array{FormKind::request, FormKind::deny, FormKind::end}) {
    if (to_string(kind) == text) return kind;
  }
  return std::nullopt;
}

}  // namespace jitbot

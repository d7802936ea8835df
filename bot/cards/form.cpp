#include "bot/cards/form.hpp"

#include <array>

namespace jitbot {

std::string_view to_string(FormKind kind) {
  switch (kind) {
    case FormKind::request:
      return "request";
    case FormKind::confirm:
      return "confirm";
    case FormKind::deny:
      return "deny";
    case FormKind::shorter:
      return "shorter";
    case FormKind::question:
      return "question";
    case FormKind::end:
      return "end";
    case FormKind::extend:
      return "extend";
  }
  return "";
}

std::optional<FormKind> parse_form_kind(std::string_view text) {
  for (const FormKind kind :
       std::array{FormKind::request, FormKind::confirm, FormKind::deny, FormKind::shorter, FormKind::question,
                  FormKind::end, FormKind::extend}) {
    if (to_string(kind) == text) return kind;
  }
  return std::nullopt;
}

}  // namespace jitbot

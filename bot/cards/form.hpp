#pragma once

#include "bot/cards/card.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace jitbot {

// A modal or dialog, from static values alone: it must open before any fact is fetched.
enum class FormKind { request, deny, end };
std::string_view to_string(FormKind kind);
std::optional<FormKind> parse_form_kind(std::string_view text);

struct Choice {
  std::string label;
  std::string value;
};

struct Field {
  enum class Kind { text, paragraph, choice };
  std::string name;  // "resource", "duration", "reason" …
  std::string label;
  std::string hint;  // small print below
  std::string initial;
  Kind kind = Kind::text;
  std::vector<Choice> choices;  // for choice
  int max_length = 500;
  enum class Need { required, optional } need = Need::required;
};

struct Form {
  FormKind kind = FormKind::request;
  std::string title;        // at most 24 characters
  std::string submit;       // at most 24 characters
  std::vector<Line> intro;  // our facts, above the fields
  std::vector<Field> fields;
  std::optional<ButtonValue> about;  // the request that deny and end are about
};

struct FieldProblem {
  std::string field;
  std::string message;
};

}  // namespace jitbot

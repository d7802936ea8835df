#pragma once

#include "bot/cards/card.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace jitbot {

// A modal or dialog, from static values alone: it must open before any fact is fetched.
enum class FormKind { request, confirm, deny, shorter, question, end, extend };
std::string_view to_string(FormKind kind);
std::optional<FormKind> parse_form_kind(std::string_view text);

struct Choice {
  std::string label;
  std::string value;
};

struct Field {
  // search: choices are looked up while one types (Inbox::suggest); person: a member of the workspace, by id
  enum class Kind { text, paragraph, choice, search, person };
  std::string name;  // "resource", "duration", "reason" …
  std::string label;
  std::string hint;  // small print below
  std::string initial;
  Kind kind = Kind::text;
  std::vector<Choice> choices;  // for choice; of a search: the one that `initial` names
  int min_length = 0;           // characters, of text and paragraph
  int max_length = 500;
  // reshapes: the rest of the form hangs on it, see Inbox::reshape
  enum class Change { alone, reshapes } change = Change::alone;
  enum class Need { required, optional } need = Need::required;
};

struct Form {
  FormKind kind = FormKind::request;
  std::string title;        // at most 24 characters
  std::string submit;       // at most 24 characters; not read where there are no fields
  std::vector<Line> intro;  // our facts, above the fields
  std::vector<Field> fields;
  std::optional<ButtonValue> about;  // the request that all but `request` are about
};

struct FieldProblem {
  std::string field;
  std::string message;
};

}  // namespace jitbot

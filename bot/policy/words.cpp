#include "bot/policy/words.hpp"

#include "bot/policy/chat_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace jitbot {

using yaml::quoted;

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_alnum(char c) {
  return is_digit(c) || is_upper(c) || is_lower(c);
}

std::string allowed_subjects(SubjectsAllowed allowed) {
  std::string text = "an e-mail";
  if (allowed.groups) text += ", group:NAME";
  if (allowed.owners) text += ", owners";
  text += " or an account (slack:U…, mattermost:…)";
  return text;
}

// Where people come from, which only a group may name.
bool is_source(std::string_view text) {
  return text.starts_with("ldap:") || live_source(text) != nullptr;
}

constexpr std::string_view k_oncall = "oncall:";

}  // namespace

yaml::Kind later_version() {
  return {"later-version", "remove it; it comes with a later version"};
}

std::optional<std::string> parse_email(std::string_view text) {
  const auto at = text.find('@');
  if (at == 0 || at == std::string_view::npos || text.find('@', at + 1) != std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view domain = text.substr(at + 1);
  if (text.size() > 254 || domain.empty() || domain.front() == '.' || domain.back() == '.')
    return std::nullopt;
  std::string email;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20U || byte == 0x7FU || c == '<' || c == '>' || c == ',' || c == ';' || c == '"') {
      return std::nullopt;
    }
    email += static_cast<char>(std::tolower(byte));
  }
  return email;
}

std::optional<Subject> read_subject(const yaml::Value& value, SubjectsAllowed allowed) {
  const auto text = value.text();
  if (!text) return std::nullopt;
  const auto wrong = [&]() -> std::optional<Subject> {
    value.fail(fmt::format("{} is not allowed here; it must be {}", value.shown(), allowed_subjects(allowed)),
               {"person", is_source(*text) && allowed.groups
                              ? "make it the source of a group (from: …), and name that group here"
                              : "write " + allowed_subjects(allowed)});
    return std::nullopt;
  };
  if (allowed.groups && text->starts_with(k_oncall) && is_name(text->substr(k_oncall.size()))) {
    value.fail(fmt::format("{}: on-call schedules come with a later version of jitbot; this one does not "
                           "know who is on call",
                           value.shown()),
               later_version());
    return std::nullopt;
  }
  if (*text == "owners") return allowed.owners ? std::optional(Subject{Subject::Kind::owners, ""}) : wrong();
  if (text->starts_with("group:")) {
    const std::string name = text->substr(6);
    if (!allowed.groups || !is_name(name)) return wrong();
    return Subject{Subject::Kind::group, name};
  }
  if (is_of_a_chat(*text)) {
    if (!is_chat_account(*text)) return wrong();
    return Subject{Subject::Kind::principal, *text};
  }
  if (const auto email = parse_email(*text); email && text->find(':') == std::string::npos) {
    return Subject{Subject::Kind::email, *email};
  }
  return wrong();
}

std::optional<std::string> read_channel(const yaml::Value& value) {
  auto text = value.text();
  if (!text) return std::nullopt;
  if (is_chat_channel(*text)) return text;
  value.fail(
      fmt::format("{} is not a channel; write \"#name\" in quotes and lower case, or an id such as C0123",
                  value.shown()),
      {"channel", "write \"#name\" in quotes and lower case, or the channel's id"});
  return std::nullopt;
}

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 64 && is_alnum(text.front()) &&
         std::ranges::all_of(text, [](char c) { return is_alnum(c) || c == '.' || c == '_' || c == '-'; });
}

namespace {

const yaml::Kind k_naming{"name", "name it with letters, digits, '.', '_' and '-'"};

std::string name_problem(std::string_view text, std::string_view what) {
  if (text.find('*') != std::string_view::npos) {
    return fmt::format("{}: a pattern is not allowed here; name {} exactly", quoted(text), what);
  }
  return fmt::format("{} cannot be the name of {}; use letters, digits, '.', '_' and '-', at most 64",
                     quoted(text), what);
}

// A name in which '*' may stand for characters.
bool is_name_pattern(std::string_view text) {
  std::string named(text);
  std::ranges::replace(named, '*', 'x');
  return is_name(named);
}

bool is_allowed(std::string_view text, Patterns patterns) {
  return is_name(text) || (patterns == Patterns::allowed && is_name_pattern(text));
}

}  // namespace

bool check_name(const yaml::Entry& entry, const yaml::Value& value, yaml::Problems& problems,
                std::string_view what, Patterns patterns) {
  if (is_allowed(entry.key, patterns)) return true;
  problems.add(entry.where, value.path(), name_problem(entry.key, what), k_naming);
  return false;
}

std::optional<std::string> read_name(const yaml::Value& value, std::string_view what, Patterns patterns) {
  auto text = value.text();
  if (!text || is_allowed(*text, patterns)) return text;
  value.fail(name_problem(*text, what), k_naming);
  return std::nullopt;
}

std::optional<std::string> read_line(const yaml::Value& value, std::size_t most) {
  auto text = value.any_text();
  if (!text) return text;
  if (text->size() > most) {
    value.fail(fmt::format("must be at most {} bytes long", most));
    return std::nullopt;
  }
  while (!text->empty() && text->back() == '\n') text->pop_back();  // of a block scalar
  return text;
}

}  // namespace jitbot

// string.format(list): "%[.precision]verb" (cel-spec, doc/extensions/strings.md).
#include "bot/model/utf8.hpp"
#include "bot/policy/cel/numbers.hpp"
#include "bot/policy/cel/times.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace jitbot::cel {

namespace {

using Text = std::optional<std::string>;  // nothing: the value has no such form

Text shown(const Value& value, Budget& budget);

// Bytes as text; each run of what is not UTF-8 is one U+FFFD.
std::string readable(std::string_view bytes) {
  std::string text;
  bool broken = false;
  while (!bytes.empty()) {
    const auto c = decode_utf8(bytes);
    if (c) text.append(bytes.substr(0, c->length));
    if (!c && !broken) append_code_point(text, 0xFFFD);
    broken = !c;
    bytes.remove_prefix(c ? c->length : 1);
  }
  return text;
}

Text shown_list(const Value& value, Budget& budget) {
  std::string text = "[";
  for (const Value& item : value.items()) {
    const auto part = shown(item, budget);
    if (!part) return std::nullopt;
    if (text.size() > 1) text += ", ";
    text += *part;
  }
  return text + "]";
}

Text shown_map(const Value& value, Budget& budget) {
  std::vector<std::pair<std::string, std::string>> parts;
  for (const auto& [key, item] : value.entries()) {
    auto name = shown(key, budget);
    auto part = shown(item, budget);
    if (!name || !part) return std::nullopt;
    parts.emplace_back(std::move(*name), std::move(*part));
  }
  std::ranges::sort(parts);
  std::string text = "{";
  for (const auto& [name, part] : parts) {
    if (text.size() > 1) text += ", ";
    text.append(name).append(": ").append(part);
  }
  return text + "}";
}

Text shown(const Value& value, Budget& budget) {
  if (!budget.spend(1)) return std::nullopt;
  switch (value.kind()) {
    case Kind::null:
      return "null";
    case Kind::boolean:
      return value.as_boolean() ? "true" : "false";
    case Kind::integer:
      return std::to_string(value.as_integer());
    case Kind::unsigned_integer:
      return std::to_string(value.as_unsigned());
    case Kind::real:
      return format_plain(value.as_real());
    case Kind::string:
    case Kind::type:
      if (!budget.spend(cost_of_bytes(value.text().size()))) return std::nullopt;
      return std::string(value.text());
    case Kind::bytes:
      if (!budget.spend(cost_of_bytes(value.text().size()))) return std::nullopt;
      return readable(value.text());
    case Kind::timestamp:
      return format_timestamp(value.as_timestamp());
    case Kind::duration:
      return format_duration(value.as_duration());
    case Kind::list:
      return shown_list(value, budget);
    case Kind::map:
      return shown_map(value, budget);
    case Kind::unset:
    case Kind::object:
    case Kind::unknown:
    case Kind::error:
      break;
  }
  return std::nullopt;
}

Text decimal(const Value& value) {
  if (value.is(Kind::integer)) return std::to_string(value.as_integer());
  if (value.is(Kind::unsigned_integer)) return std::to_string(value.as_unsigned());
  if (value.is(Kind::real)) return format_plain(value.as_real());
  return std::nullopt;
}

// In base 2, 8 or 16, the sign in front.
Text in_base(const Value& value, char verb) {
  std::uint64_t amount = 0;
  bool negative = false;
  if (value.is(Kind::integer)) {
    negative = value.as_integer() < 0;
    amount = static_cast<std::uint64_t>(value.as_integer());
    if (negative) amount = 0 - amount;
  } else if (value.is(Kind::unsigned_integer)) {
    amount = value.as_unsigned();
  } else if (verb == 'b' && value.is(Kind::boolean)) {
    amount = value.as_boolean() ? 1 : 0;
  } else {
    return std::nullopt;
  }
  const std::string sign = negative ? "-" : "";
  if (verb == 'b') return sign + fmt::format("{:b}", amount);
  if (verb == 'o') return sign + fmt::format("{:o}", amount);
  return sign + (verb == 'x' ? fmt::format("{:x}", amount) : fmt::format("{:X}", amount));
}

Text hexadecimal(const Value& value, char verb, Budget& budget) {
  if (!value.is(Kind::string) && !value.is(Kind::bytes)) return in_base(value, verb);
  if (!budget.spend(cost_of_bytes(value.text().size()))) return std::nullopt;
  const std::string_view digits = verb == 'x' ? "0123456789abcdef" : "0123456789ABCDEF";
  std::string text;
  for (const char c : value.text()) {
    const auto byte = static_cast<unsigned char>(c);
    text += digits[byte >> 4U];
    text += digits[byte & 0x0FU];
  }
  return text;
}

Text with_decimals(const Value& value, char verb, int precision) {
  double number = 0;
  if (value.is(Kind::real)) {
    number = value.as_real();
  } else if (value.is(Kind::integer)) {
    number = static_cast<double>(value.as_integer());
  } else if (value.is(Kind::unsigned_integer)) {
    number = static_cast<double>(value.as_unsigned());
  } else {
    return std::nullopt;
  }
  if (!std::isfinite(number)) return format_plain(number);
  return verb == 'f' ? fmt::format("{:.{}f}", number, precision) : fmt::format("{:.{}e}", number, precision);
}

// One clause, from behind its percent sign.
struct Clause {
  char verb = 0;
  std::optional<int> precision;
  std::size_t length = 0;
};
std::optional<Clause> read_clause(std::string_view rest) {
  constexpr int k_most_precision = 300;
  Clause clause;
  if (rest.starts_with('.')) {
    ++clause.length;
    int digits = 0;
    while (clause.length < rest.size() && rest[clause.length] >= '0' && rest[clause.length] <= '9') {
      digits = std::min(k_most_precision + 1, digits * 10 + (rest[clause.length] - '0'));
      ++clause.length;
    }
    if (clause.length == 1 || digits > k_most_precision) return std::nullopt;
    clause.precision = digits;
  }
  if (clause.length >= rest.size()) return std::nullopt;
  clause.verb = rest[clause.length++];
  constexpr std::string_view k_verbs = "sdfexXob";
  if (k_verbs.find(clause.verb) == std::string_view::npos) return std::nullopt;
  return clause;
}

Text formatted(const Clause& clause, const Value& value, Budget& budget) {
  constexpr int k_usual_precision = 6;
  switch (clause.verb) {
    case 's':
      return shown(value, budget);
    case 'd':
      return decimal(value);
    case 'f':
    case 'e':
      return with_decimals(value, clause.verb, clause.precision.value_or(k_usual_precision));
    case 'x':
    case 'X':
      return hexadecimal(value, clause.verb, budget);
    default:  // o and b; read_clause() lets no other through
      return in_base(value, clause.verb);
  }
}

}  // namespace

Value text_format(const Call& call) {
  if (!call.args[0].is(Kind::string) || !call.args[1].is(Kind::list)) return no_overload("format", call.args);
  std::string_view rest = call.args[0].text();
  const auto values = call.args[1].items();
  std::size_t used = 0;
  std::string text;
  while (!rest.empty()) {
    const std::size_t percent = std::min(rest.find('%'), rest.size());
    text.append(rest.substr(0, percent));
    rest.remove_prefix(percent);
    if (!call.budget.spend(1 + cost_of_bytes(percent))) return Value::error_view(k_too_dear);
    if (rest.starts_with("%%")) {
      text += '%';
      rest.remove_prefix(2);
    } else if (!rest.empty()) {
      const auto clause = read_clause(rest.substr(1));
      if (!clause) return Value::error_view("format: there is no such clause");
      if (used == values.size()) return Value::error_view("format: there are more clauses than values");
      const auto part = formatted(*clause, values[used++], call.budget);
      if (call.budget.spent) return Value::error_view(k_too_dear);
      if (!part) {
        return Value::error(
            fmt::format("format: %{} is not for {}", clause->verb, type_name(values[used - 1])));
      }
      text += *part;
      rest.remove_prefix(1 + clause->length);
    }
  }
  return Value::string(text);
}

}  // namespace jitbot::cel

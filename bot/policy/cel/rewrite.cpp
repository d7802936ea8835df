// Strings made from strings.
#include "bot/model/utf8.hpp"
#include "bot/policy/cel/points.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace jitbot::cel {

namespace {

Value too_dear() {
  return Value::error_view(k_too_dear);
}

bool all_texts(std::span<const Value> args) {
  return std::ranges::all_of(args, [](const Value& arg) { return arg.is(Kind::string); });
}

// Pays for reading the text before the point, and for writing about as much.
bool pay(const Call& call) {
  return call.budget.spend(1 + cost_of_bytes(call.args[0].text().size()));
}

template <class Change>
Value changed(const Call& call, std::string_view name, Change change) {
  if (!call.args[0].is(Kind::string)) return no_overload(name, call.args);
  if (!pay(call)) return too_dear();
  std::string text(call.args[0].text());
  std::ranges::transform(text, text.begin(), change);
  return Value::string(text);
}

}  // namespace

Value text_lower(const Call& call) {
  return changed(call, "lowerAscii",
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
}

Value text_upper(const Call& call) {
  return changed(call, "upperAscii",
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
}

Value text_reverse(const Call& call) {
  if (!call.args[0].is(Kind::string)) return no_overload("reverse", call.args);
  if (!pay(call)) return too_dear();
  const std::string_view text = call.args[0].text();
  std::string turned(text.size(), '\0');
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = point_length(text, at);
    text.copy(turned.data() + (text.size() - at - length), length, at);
    at += length;
  }
  return Value::string(turned);
}

Value text_join(const Call& call) {
  const bool fits = call.args[0].is(Kind::list) && (call.args.size() == 1 || call.args[1].is(Kind::string));
  if (!fits) return no_overload("join", call.args);
  const std::string_view separator = call.args.size() == 1 ? std::string_view{} : call.args[1].text();
  std::string sum;
  bool first = true;
  for (const Value& item : call.args[0].items()) {
    if (!item.is(Kind::string)) return no_overload("join", call.args);
    if (!call.budget.spend(1 + cost_of_bytes(item.text().size() + separator.size()))) return too_dear();
    if (!first) sum += separator;
    sum += item.text();
    first = false;
  }
  return Value::string(sum);
}

namespace {

// Where the next piece ends and how long the separator behind it is. An empty separator stands between any
// two code points.
struct Cut {
  std::size_t at = 0;
  std::size_t length = 0;
};
std::optional<Cut> next_cut(std::string_view text, std::string_view separator, std::size_t from) {
  if (!separator.empty()) {
    const std::size_t found = text.find(separator, from);
    if (found == std::string_view::npos) return std::nullopt;
    return Cut{found, separator.size()};
  }
  if (from >= text.size()) return std::nullopt;
  const std::size_t end = from + point_length(text, from);
  if (end >= text.size()) return std::nullopt;
  return Cut{end, 0};
}

}  // namespace

Value text_split(const Call& call) {
  const bool limited = call.args.size() == 3;
  if (!all_texts(call.args.subspan(0, 2)) || (limited && !call.args[2].is(Kind::integer))) {
    return no_overload("split", call.args);
  }
  const std::string_view text = call.args[0].text();
  const std::string_view separator = call.args[1].text();
  const std::int64_t limit = limited ? call.args[2].as_integer() : -1;
  std::vector<Value> pieces;
  if (limit == 0 || (text.empty() && separator.empty())) return Value::list({});
  if (!call.budget.spend(cost_of_bytes(text.size()) * (1 + separator.size() / 64))) return too_dear();
  std::size_t from = 0;
  while (limit < 0 || pieces.size() + 1 < static_cast<std::uint64_t>(limit)) {
    const auto cut = next_cut(text, separator, from);
    if (!cut) break;
    if (!call.budget.spend(1)) return too_dear();
    pieces.push_back(stretch(call.args[0], from, cut->at));
    from = cut->at + cut->length;
  }
  pieces.push_back(stretch(call.args[0], from, text.size()));
  return Value::list(std::move(pieces));
}

namespace {

// Where `old` stands next; an empty one stands before each code point and at the end.
std::optional<std::size_t> next_place(std::string_view text, std::string_view old, std::size_t from) {
  if (from > text.size()) return std::nullopt;
  const std::size_t found = old.empty() ? from : text.find(old, from);
  if (found == std::string_view::npos) return std::nullopt;
  return found;
}

}  // namespace

Value text_replace(const Call& call) {
  const bool limited = call.args.size() == 4;
  if (!all_texts(call.args.subspan(0, 3)) || (limited && !call.args[3].is(Kind::integer))) {
    return no_overload("replace", call.args);
  }
  const std::string_view text = call.args[0].text();
  const std::string_view old = call.args[1].text();
  const std::string_view with = call.args[2].text();
  const std::int64_t limit = limited ? call.args[3].as_integer() : -1;
  if (!call.budget.spend(cost_of_bytes(text.size()) * (1 + old.size() / 64))) return too_dear();
  std::string made;
  std::size_t from = 0;
  for (std::int64_t done = 0; limit < 0 || done < limit; ++done) {
    const auto found = next_place(text, old, from);
    if (!found) break;
    if (!call.budget.spend(1 + cost_of_bytes(with.size()))) return too_dear();
    made.append(text.substr(from, *found - from)).append(with);
    from = *found + old.size();
    if (!old.empty()) continue;
    if (from == text.size()) break;
    const std::size_t length = point_length(text, from);
    made.append(text.substr(from, length));
    from += length;
  }
  if (from < text.size()) made.append(text.substr(from));
  return Value::string(made);
}

Value text_substring(const Call& call) {
  const bool ends = call.args.size() == 3;
  const bool fits = call.args[0].is(Kind::string) && call.args[1].is(Kind::integer) &&
                    (!ends || call.args[2].is(Kind::integer));
  if (!fits) return no_overload("substring", call.args);
  if (!pay(call)) return too_dear();
  const std::string_view text = call.args[0].text();
  const auto from = offset_of_point(text, call.args[1].as_integer());
  const auto to = ends ? offset_of_point(text, call.args[2].as_integer()) : text.size();
  if (!from || !to || *from > *to) return Value::error_view("substring: the range is not within the text");
  return stretch(call.args[0], *from, *to);
}

namespace {

// Unicode's White_Space.
bool is_white(char32_t c) {
  return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

}  // namespace

Value text_trim(const Call& call) {
  if (!call.args[0].is(Kind::string)) return no_overload("trim", call.args);
  if (!pay(call)) return too_dear();
  const std::string_view text = call.args[0].text();
  std::size_t first = text.size();
  std::size_t last = 0;  // behind the last one that is not white
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    if (is_white(next_code_point(text, at))) continue;
    first = std::min(first, begin);
    last = at;
  }
  return stretch(call.args[0], std::min(first, last), last);
}

Value text_quote(const Call& call) {
  if (!call.args[0].is(Kind::string)) return no_overload("strings.quote", call.args);
  if (!pay(call)) return too_dear();
  const std::string_view text = call.args[0].text();
  std::string quoted = "\"";
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = next_code_point(text, at);
    constexpr std::u32string_view k_meant = U"\a\b\f\n\r\t\v\\\"";
    constexpr std::string_view k_written = "abfnrtv\\\"";
    const std::size_t found = k_meant.find(c);
    if (found == std::u32string_view::npos) {
      append_code_point(quoted, c);
    } else {
      quoted += '\\';
      quoted += k_written[found];
    }
  }
  quoted += '"';
  return Value::string(quoted);
}

}  // namespace jitbot::cel

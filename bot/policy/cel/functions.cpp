#include "bot/policy/cel/functions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace jitbot::cel {

namespace {

// A signature in one letter a type: b bool, i int, u uint, d double, s string, y bytes, t timestamp, p
// duration, T type, ? dyn, A and B parameters, [A] list, {AB} map. ">" the result. A point in front: receiver
// style.
class Signature {
 public:
  explicit Signature(std::string_view text) : text_(text) {}

  Overload read() {
    Overload overload;
    if (text_[at_] == '.') {
      overload.style = Style::receiver;
      ++at_;
    }
    while (text_[at_] != '>') overload.parameters.push_back(type());
    ++at_;
    overload.result = type();
    return overload;
  }

 private:
  Type type() {
    const char c = text_[at_++];
    if (c == '[') {
      Type element = type();
      ++at_;
      return Type::list(std::move(element));
    }
    if (c == '{') {
      Type key = type();
      Type value = type();
      ++at_;
      return Type::map(std::move(key), std::move(value));
    }
    static const std::map<char, Type> k_letters{
        {'b', Type::Kind::boolean},   {'i', Type::Kind::integer},  {'u', Type::Kind::unsigned_integer},
        {'d', Type::Kind::real},      {'s', Type::Kind::string},   {'y', Type::Kind::bytes},
        {'t', Type::Kind::timestamp}, {'p', Type::Kind::duration}, {'T', Type::Kind::type},
        {'?', Type::Kind::dyn},       {'A', Type::parameter(0)},   {'B', Type::parameter(1)},
    };
    return k_letters.at(c);
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

struct Row {
  const char* name;
  Builtin run;
  std::vector<std::string_view> signatures;
};

// Numbers of two kinds have an order too: the langdef compares them by amount.
const std::vector<std::string_view> k_ordered{"bb>b", "ii>b", "uu>b", "dd>b", "ss>b", "yy>b", "tt>b",
                                              "pp>b", "iu>b", "ui>b", "id>b", "di>b", "ud>b", "du>b"};

std::vector<Row> operators() {
  return {
      {"_+_", op_add, {"ii>i", "uu>u", "dd>d", "ss>s", "yy>y", "[A][A]>[A]", "tp>t", "pt>t", "pp>p"}},
      {"_-_", op_subtract, {"ii>i", "uu>u", "dd>d", "tt>p", "tp>t", "pp>p"}},
      {"_*_", op_multiply, {"ii>i", "uu>u", "dd>d"}},
      {"_/_", op_divide, {"ii>i", "uu>u", "dd>d"}},
      {"_%_", op_modulo, {"ii>i", "uu>u"}},
      {"-_", op_negate, {"i>i", "d>d"}},
      {"!_", op_not, {"b>b"}},
      {"_==_", op_equal, {"AA>b"}},
      {"_!=_", op_not_equal, {"AA>b"}},
      {"_<_", op_less, k_ordered},
      {"_<=_", op_less_equal, k_ordered},
      {"_>_", op_greater, k_ordered},
      {"_>=_", op_greater_equal, k_ordered},
      {"@in", op_in, {"A[A]>b", "A{AB}>b"}},
      {"_[_]", op_index, {"[A]i>A", "{AB}A>B"}},
  };
}

std::vector<Row> conversions() {
  return {
      {"bool", to_bool, {"b>b", "s>b"}},
      {"bytes", to_bytes, {"y>y", "s>y"}},
      {"double", to_double, {"d>d", "i>d", "u>d", "s>d"}},
      {"duration", to_duration, {"p>p", "s>p"}},
      {"dyn", to_dyn, {"A>?"}},
      {"int", to_int, {"i>i", "u>i", "d>i", "s>i", "t>i"}},
      {"string", to_text, {"s>s", "b>s", "i>s", "u>s", "d>s", "y>s", "t>s", "p>s"}},
      {"timestamp", to_timestamp, {"t>t", "s>t", "i>t"}},
      {"type", to_type, {"A>T"}},
      {"uint", to_uint, {"u>u", "i>u", "d>u", "s>u"}},
      {"size", size_of, {"s>i", "y>i", "[A]>i", "{AB}>i", ".s>i", ".y>i", ".[A]>i", ".{AB}>i"}},
  };
}

std::vector<Row> accessors() {
  return {
      {"getDate", get_date, {".t>i", ".ts>i"}},
      {"getDayOfMonth", get_day_of_month, {".t>i", ".ts>i"}},
      {"getDayOfWeek", get_day_of_week, {".t>i", ".ts>i"}},
      {"getDayOfYear", get_day_of_year, {".t>i", ".ts>i"}},
      {"getFullYear", get_full_year, {".t>i", ".ts>i"}},
      {"getHours", get_hours, {".t>i", ".ts>i", ".p>i"}},
      {"getMilliseconds", get_milliseconds, {".t>i", ".ts>i", ".p>i"}},
      {"getMinutes", get_minutes, {".t>i", ".ts>i", ".p>i"}},
      {"getMonth", get_month, {".t>i", ".ts>i"}},
      {"getSeconds", get_seconds, {".t>i", ".ts>i", ".p>i"}},
  };
}

std::vector<Row> texts() {
  return {
      {"contains", text_contains, {".ss>b"}},
      {"endsWith", text_ends_with, {".ss>b"}},
      {"matches", text_matches, {".ss>b", "ss>b"}},
      {"startsWith", text_starts_with, {".ss>b"}},
      {"charAt", text_char_at, {".si>s"}},
      {"indexOf", text_index_of, {".ss>i", ".ssi>i"}},
      {"lastIndexOf", text_last_index_of, {".ss>i", ".ssi>i"}},
      {"join", text_join, {".[s]>s", ".[s]s>s"}},
      {"lowerAscii", text_lower, {".s>s"}},
      {"upperAscii", text_upper, {".s>s"}},
      {"strings.quote", text_quote, {"s>s"}},
      {"replace", text_replace, {".sss>s", ".sssi>s"}},
      {"reverse", text_reverse, {".s>s"}},
      {"split", text_split, {".ss>[s]", ".ssi>[s]"}},
      {"substring", text_substring, {".si>s", ".sii>s"}},
      {"trim", text_trim, {".s>s"}},
      {"format", text_format, {".s[?]>s"}},
  };
}

using Functions = std::map<std::string, Function, std::less<>>;

void add(Functions& functions, const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    Function function{row.name, row.run, {}};
    for (const std::string_view signature : row.signatures) {
      function.overloads.push_back(Signature(signature).read());
    }
    functions.emplace(row.name, std::move(function));
  }
}

const Functions& functions() {
  static const Functions k_all = [] {
    Functions all;
    add(all, operators());
    add(all, conversions());
    add(all, accessors());
    add(all, texts());
    return all;
  }();
  return k_all;
}

}  // namespace

bool Function::takes(Style style, std::size_t arguments) const {
  return std::ranges::any_of(overloads, [&](const Overload& overload) {
    return overload.style == style && overload.parameters.size() == arguments;
  });
}

const Function* find_function(std::string_view name) {
  const auto found = functions().find(name);
  return found == functions().end() ? nullptr : &found->second;
}

std::vector<std::string> function_names() {
  std::vector<std::string> names;
  for (const auto& [name, function] : functions()) {
    if (name.find('_') == std::string::npos && name.front() != '@') names.push_back(name);
  }
  return names;
}

Value no_overload(std::string_view name, std::span<const Value> args) {
  std::string kinds;
  for (const Value& arg : args) kinds += (kinds.empty() ? "" : ", ") + std::string(type_name(arg));
  return Value::error(fmt::format("no such overload: {}({})", name, kinds));
}

}  // namespace jitbot::cel

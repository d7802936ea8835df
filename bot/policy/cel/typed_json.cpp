#include "bot/policy/cel/typed_json.hpp"

#include "bot/policy/cel/numbers.hpp"
#include "bot/policy/cel/times.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <charconv>
#include <cmath>

namespace jitbot::cel {

namespace {

using nlohmann::json;

constexpr std::string_view k_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::size_t k_deepest = 100;

// RFC 4648, section 4; the padding may be missing.
std::optional<std::string> from_base64(std::string_view text) {
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  if (text.size() % 4 == 1) return std::nullopt;
  std::string bytes;
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char c : text) {
    const std::size_t digit = k_alphabet.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    bits = (bits << 6U) | static_cast<std::uint32_t>(digit);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes += static_cast<char>(static_cast<unsigned char>((bits >> held) & 0xFFU));
  }
  return bytes;
}

std::string to_base64(std::string_view bytes) {
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::string_view group = bytes.substr(at, 3);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      bits = (bits << 8U) | (i < group.size() ? static_cast<unsigned char>(group[i]) : 0U);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      text += i > group.size() ? '=' : k_alphabet[(bits >> (18 - 6 * i)) & 0x3FU];
    }
  }
  return text;
}

tl::unexpected<Error> malformed(std::string_view type) {
  return fail(ErrorKind::invalid, fmt::format("this is no typed {}", type));
}

// Whole numbers are written as text, since JSON's readers keep no 64 bits; a number is taken too.
template <class T>
std::optional<T> whole(const json& written) {
  const std::string text = written.is_string()           ? written.get<std::string>()
                           : written.is_number_integer() ? written.dump()
                                                         : std::string();
  T number{};
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || read.ec != std::errc{} || read.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

struct Pair {
  std::int64_t seconds = 0;
  std::int64_t nanos = 0;
};
std::optional<Pair> pair_of(const json& written) {
  if (!written.is_array() || written.size() != 2) return std::nullopt;
  const auto seconds = whole<std::int64_t>(written[0]);
  const auto nanos = whole<std::int64_t>(written[1]);
  if (!seconds || !nanos) return std::nullopt;
  return Pair{*seconds, *nanos};
}

Result<Value> read(const json& typed, std::size_t depth);

Result<Value> read_list(const json& written, std::size_t depth) {
  if (!written.is_array()) return malformed("list");
  std::vector<Value> items;
  for (const json& item : written) {
    auto value = read(item, depth + 1);
    if (!value) return value;
    items.push_back(std::move(*value));
  }
  return Value::list(std::move(items));
}

Result<Value> read_map(const json& written, std::size_t depth) {
  if (!written.is_array()) return malformed("map");
  std::vector<Value::Entry> entries;
  for (const json& entry : written) {
    if (!entry.is_array() || entry.size() != 2) return malformed("map");
    auto key = read(entry[0], depth + 1);
    if (!key) return key;
    auto value = read(entry[1], depth + 1);
    if (!value) return value;
    entries.emplace_back(std::move(*key), std::move(*value));
  }
  auto made = Value::map(std::move(entries));
  if (!made) return fail(ErrorKind::invalid, "a map's keys are bool, int, uint or string, each there once");
  return std::move(*made);
}

Result<Value> read_number(std::string_view type, const json& written) {
  if (type == "int") {
    const auto number = whole<std::int64_t>(written);
    if (!number) return malformed(type);
    return Value::integer(*number);
  }
  if (type == "uint") {
    const auto number = whole<std::uint64_t>(written);
    if (!number) return malformed(type);
    return Value::unsigned_integer(*number);
  }
  if (written.is_number()) return Value::real(written.get<double>());
  const auto number = written.is_string() ? parse_double(written.get<std::string>()) : std::nullopt;
  if (!number) return malformed(type);
  return Value::real(*number);
}

Result<Value> read_text(std::string_view type, const json& written) {
  if (!written.is_string()) return malformed(type);
  const auto text = written.get<std::string>();
  if (type == "string") return Value::string(text);
  if (type == "type") return Value::type(text);
  const auto bytes = from_base64(text);
  if (!bytes) return malformed(type);
  return Value::bytes(*bytes);
}

Result<Value> read_time(std::string_view type, const json& written) {
  const auto pair = pair_of(written);
  if (!pair) return malformed(type);
  if (type == "duration_s") {
    const auto length = nanos_of(pair->seconds, pair->nanos);
    if (!length) return fail(ErrorKind::invalid, "the duration is out of range");
    return Value::duration(*length);
  }
  const bool fits = pair->nanos >= 0 && pair->nanos < 1'000'000'000;
  const Instant at{pair->seconds, static_cast<std::int32_t>(fits ? pair->nanos : -1)};
  if (!in_range(at)) return fail(ErrorKind::invalid, "the timestamp is out of range");
  return Value::timestamp(at);
}

Result<Value> read(const json& typed, std::size_t depth) {
  if (depth > k_deepest) return fail(ErrorKind::invalid, "the value is nested too deeply");
  if (!typed.is_object() || typed.size() != 1) return malformed("value");
  const std::string& type = typed.begin().key();
  const json& written = typed.begin().value();
  if (type == "int" || type == "uint" || type == "double") return read_number(type, written);
  if (type == "string" || type == "bytes" || type == "type") return read_text(type, written);
  if (type == "timestamp_s" || type == "duration_s") return read_time(type, written);
  if (type == "list") return read_list(written, depth);
  if (type == "map") return read_map(written, depth);
  if (type == "null" && written.is_null()) return Value::null();
  if (type == "bool" && written.is_boolean()) return Value::boolean(written.get<bool>());
  return fail(
      ErrorKind::invalid,
      fmt::format("there is no typed value \"{}\" like this; there are null, bool, int, uint, double, "
                  "string, bytes, timestamp_s, duration_s, list, map and type, as in {{\"int\":\"3\"}}",
                  type.substr(0, 60)));
}

json real(double number) {
  if (std::isfinite(number)) return json{{"double", number}};
  return json{{"double", format_plain(number)}};
}

json pairs(const Value& value) {
  json entries = json::array();
  if (value.is(Kind::map)) {
    for (const auto& [key, item] : value.entries())
      entries.push_back(json::array({to_json(key), to_json(item)}));
    return entries;
  }
  const auto& fields = value.object_type().fields();
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (value.fields()[i].is(Kind::unset)) continue;
    entries.push_back(json::array({json{{"string", fields[i].name}}, to_json(value.fields()[i])}));
  }
  return entries;
}

}  // namespace

Result<Value> value_from_json(const json& typed) {
  return read(typed, 0);
}

json to_json(const Value& value) {
  switch (value.kind()) {
    case Kind::boolean:
      return json{{"bool", value.as_boolean()}};
    case Kind::integer:
      return json{{"int", std::to_string(value.as_integer())}};
    case Kind::unsigned_integer:
      return json{{"uint", std::to_string(value.as_unsigned())}};
    case Kind::real:
      return real(value.as_real());
    case Kind::string:
      return json{{"string", value.text()}};
    case Kind::bytes:
      return json{{"bytes", to_base64(value.text())}};
    case Kind::type:
      return json{{"type", value.text()}};
    case Kind::timestamp:
      return json{{"timestamp_s", json::array({value.as_timestamp().seconds, value.as_timestamp().nanos})}};
    case Kind::duration:
      return json{{"duration_s", json::array({value.as_duration().count() / 1'000'000'000,
                                              value.as_duration().count() % 1'000'000'000})}};
    case Kind::list: {
      json items = json::array();
      for (const Value& item : value.items()) items.push_back(to_json(item));
      return json{{"list", std::move(items)}};
    }
    case Kind::map:
    case Kind::object:
      return json{{"map", pairs(value)}};
    case Kind::unset:
    case Kind::null:
    case Kind::unknown:
    case Kind::error:
      break;
  }
  return json{{"null", nullptr}};
}

}  // namespace jitbot::cel

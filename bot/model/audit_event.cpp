#include "bot/model/audit_event.hpp"

#include "bot/model/utf8.hpp"

#include <nlohmann/json.hpp>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <stdexcept>
#include <vector>

namespace jitbot {

namespace {

using nlohmann::json;

// RFC 8785 §3.2.2.3 writes numbers as ECMAScript does: a larger integer would not survive another reader.
constexpr std::int64_t k_largest_integer = (std::int64_t{1} << 53) - 1;

[[noreturn]] void refuse(const char* why) {
  throw std::invalid_argument(std::string("canonical JSON: ") + why);
}

// Another writer would have to guess what to make of bytes that are no text.
char32_t valid_code_point(std::string_view text, std::size_t& at) {
  const auto found = decode_utf8(text.substr(at));
  if (!found) refuse("text is not valid UTF-8");
  at += found->length;
  return found->value;
}

std::u16string to_utf16(std::string_view text) {
  std::u16string units;
  units.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const char32_t point = valid_code_point(text, at);
    if (point < 0x10000) {
      units += static_cast<char16_t>(point);
    } else {
      units += static_cast<char16_t>(0xD800 + ((point - 0x10000) >> 10U));
      units += static_cast<char16_t>(0xDC00 + ((point - 0x10000) & 0x3FFU));
    }
  }
  return units;
}

// RFC 8785 §3.2.2.2: the short escapes where JSON has one, \u00xx for the other controls, all else as it is.
void write_string(std::string& out, std::string_view text) {
  constexpr std::string_view k_hex = "0123456789abcdef";
  bool plain = true;  // nothing to escape, one byte a character: nearly all that is ever written
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    plain = plain && byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
  }
  out += '"';
  if (plain) {
    out += text;
    out += '"';
    return;
  }
  for (std::size_t at = 0; at < text.size();) valid_code_point(text, at);
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += "\\u00";
          out += k_hex[static_cast<unsigned char>(c) >> 4U];
          out += k_hex[static_cast<unsigned char>(c) & 15U];
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

void write_value(std::string& out, const json& value);

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// Members are kept in the order of their bytes, which for ASCII is that of their UTF-16 units.
bool in_order_already(const json::object_t& object) {
  return std::ranges::all_of(object, [](const auto& member) { return is_ascii(member.first); });
}

void write_member(std::string& out, const std::string& name, const json& value) {
  if (out.back() != '{') out += ',';
  write_string(out, name);
  out += ':';
  write_value(out, value);
}

void write_object(std::string& out, const json& object) {
  const auto& kept = object.get_ref<const json::object_t&>();
  if (in_order_already(kept)) {
    out += '{';
    for (const auto& [name, value] : kept) write_member(out, name, value);
    out += '}';
    return;
  }
  std::vector<std::pair<std::u16string, const json::object_t::value_type*>> members;
  members.reserve(object.size());
  for (const auto& member : object.get_ref<const json::object_t&>()) {
    members.emplace_back(to_utf16(member.first), &member);
  }
  std::ranges::sort(members, {}, [](const auto& member) -> const std::u16string& { return member.first; });
  out += '{';
  for (const auto& [units, member] : members) write_member(out, member->first, member->second);
  out += '}';
}

void write_array(std::string& out, const json& array) {
  out += '[';
  for (const auto& item : array) {
    if (out.back() != '[') out += ',';
    write_value(out, item);
  }
  out += ']';
}

void write_value(std::string& out, const json& value) {
  using Kind = json::value_t;
  switch (value.type()) {
    case Kind::null:
      out += "null";
      return;
    case Kind::boolean:
      out += value.get<bool>() ? "true" : "false";
      return;
    case Kind::string:
      write_string(out, value.get_ref<const std::string&>());
      return;
    case Kind::number_unsigned:
      if (value.get<std::uint64_t>() > static_cast<std::uint64_t>(k_largest_integer))
        refuse("integer too large");
      out += std::to_string(value.get<std::uint64_t>());
      return;
    case Kind::number_integer:
      if (value.get<std::int64_t>() < -k_largest_integer || value.get<std::int64_t>() > k_largest_integer) {
        refuse("integer too large");
      }
      out += std::to_string(value.get<std::int64_t>());
      return;
    case Kind::object:
      write_object(out, value);
      return;
    case Kind::array:
      write_array(out, value);
      return;
    case Kind::number_float:
      refuse("a number is not an integer");
    case Kind::binary:
    case Kind::discarded:
      refuse("a value that JSON does not have");
  }
}

// Looked up once: OpenSSL searches its providers each time it is asked by name.
const EVP_MD* sha256() {
  static const EVP_MD* const k_found = EVP_MD_fetch(nullptr, "SHA2-256", nullptr);
  return k_found;
}

}  // namespace

std::string canonical_json(const json& value) {
  std::string out;
  write_value(out, value);
  return out;
}

std::string sha256_hex(std::string_view bytes) {
  constexpr std::string_view k_hex = "0123456789abcdef";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, sha256(), nullptr) != 1) {
    throw std::runtime_error("SHA-256 is not available in this OpenSSL");
  }
  std::string hex;
  for (unsigned i = 0; i < length; ++i) {
    hex += k_hex[digest[i] >> 4U];
    hex += k_hex[digest[i] & 15U];
  }
  return hex;
}

std::string chain_hash(std::int64_t sequence, const AuditEvent& event, std::string_view previous) {
  const json detail = json::parse(event.detail, nullptr, false);
  if (!detail.is_object()) throw std::invalid_argument("an audit event's detail is not a JSON object");
  AuditEvent canonical = event;
  canonical.detail = canonical_json(detail);
  return chain_hash_of_canonical(sequence, canonical, previous);
}

// The members in the order that RFC 8785 §3.2.3 puts them in.
std::string chain_hash_of_canonical(std::int64_t sequence, const AuditEvent& event,
                                    std::string_view previous) {
  if (sequence > k_largest_integer || std::abs(to_ms(event.at)) > k_largest_integer)
    refuse("integer too large");
  std::string text;
  text.reserve(event.detail.size() + 400);
  text += "{\"action\":";
  write_string(text, event.action);
  text += ",\"actor\":";
  write_string(text, to_string(event.actor));
  text += ",\"at\":" + std::to_string(to_ms(event.at)) + ",\"detail\":" + event.detail + ",\"previous\":";
  write_string(text, previous);
  text += ",\"sequence\":" + std::to_string(sequence) + ",\"subject\":";
  write_string(text, event.subject);
  text += '}';
  return sha256_hex(text);
}

}  // namespace jitbot

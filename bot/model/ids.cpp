#include "bot/model/ids.hpp"

#include <cctype>

namespace jitbot {

namespace {

constexpr std::string_view k_alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

// Crockford's reading of what people write down or hear. 0: not a digit of an id.
char normal_digit(char c) {
  const char upper = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  if (upper == 'O') return '0';
  if (upper == 'I' || upper == 'L') return '1';
  return k_alphabet.find(upper) == std::string_view::npos ? '\0' : upper;
}

bool has_prefix(std::string_view text) {
  return text.size() > 4 && (text[0] == 'J' || text[0] == 'j') && (text[1] == 'I' || text[1] == 'i') &&
         (text[2] == 'T' || text[2] == 't') && text[3] == '-';
}

}  // namespace

std::string to_string(const RequestId& id) {
  return "JIT-" + id.value;
}

std::optional<RequestId> parse_request_id(std::string_view text) {
  if (has_prefix(text)) text.remove_prefix(4);
  if (text.size() < 4 || text.size() > 12) return std::nullopt;
  RequestId id;
  for (const char c : text) {
    const char digit = normal_digit(c);
    if (digit == '\0') return std::nullopt;
    id.value += digit;
  }
  return id;
}

RequestId make_request_id(std::uint64_t random, unsigned digits) {
  RequestId id;
  for (unsigned i = 0; i < digits; ++i) {
    id.value += k_alphabet[random & 31U];
    random >>= 5U;
  }
  return id;
}

std::string to_string(const PrincipalId& id) {
  return id.workspace + "/" + id.user;
}

std::optional<PrincipalId> parse_principal_id(std::string_view text) {
  const auto slash = text.rfind('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == text.size()) return std::nullopt;
  return PrincipalId{std::string(text.substr(0, slash)), std::string(text.substr(slash + 1))};
}

std::string_view platform_of(const PrincipalId& id) {
  return std::string_view(id.workspace).substr(0, id.workspace.find(':'));
}

PrincipalId mentioned_by(const PrincipalId& speaker, std::string_view mention) {
  auto whole = parse_principal_id(mention);
  if (whole && whole->workspace.find(':') != std::string::npos) return std::move(*whole);
  return {speaker.workspace, std::string(mention)};
}

std::string mention_for(const PrincipalId& reader, const PrincipalId& account) {
  return reader.workspace == account.workspace ? account.user : to_string(account);
}

PrincipalId system_principal(std::string_view part) {
  return {"system", std::string(part)};
}

}  // namespace jitbot

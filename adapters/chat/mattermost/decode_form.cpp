#include "adapters/chat/mattermost/decode_parts.hpp"
#include "adapters/net/url.hpp"
#include "bot/model/utf8.hpp"

#include <algorithm>

namespace jitbot::mattermost {

namespace {

constexpr std::int64_t k_year_9999 = 253'402'300'799'000;

// Escapes may stand for any bytes; what is no UTF-8 could not be kept.
std::string valid_utf8(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) append_code_point(out, next_code_point(text, at));
  return out;
}

std::string decoded(std::string_view part) {
  std::string text(part);
  std::ranges::replace(text, '+', ' ');
  const auto plain = net::percent_decode(text);
  return valid_utf8(plain ? *plain : text);
}

}  // namespace

Time time_of(std::int64_t ms, Time otherwise) {
  return ms > 0 && ms <= k_year_9999 ? time_from_ms(ms) : otherwise;
}

bool is_direct_with(std::string_view channel_name, std::string_view user) {
  const auto between = channel_name.find("__");
  if (between == std::string_view::npos || user.empty()) return false;
  return channel_name.substr(0, between) == user || channel_name.substr(between + 2) == user;
}

FormValues read_form(std::string_view body) {
  FormValues values;
  while (!body.empty()) {
    const auto end = body.find('&');
    const auto field = body.substr(0, end);
    body = end == std::string_view::npos ? std::string_view{} : body.substr(end + 1);
    const auto equals = field.find('=');
    if (field.empty()) continue;
    values[decoded(field.substr(0, equals))].push_back(
        equals == std::string_view::npos ? std::string() : decoded(field.substr(equals + 1)));
  }
  return values;
}

std::string first_of(const FormValues& form, std::string_view name) {
  const auto found = form.find(name);
  return found == form.end() ? std::string() : found->second.front();
}

}  // namespace jitbot::mattermost

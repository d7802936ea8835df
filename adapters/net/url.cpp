#include "adapters/net/url.hpp"

#include <curl/curl.h>
#include <curl/urlapi.h>

#include <arpa/inet.h>
#include <memory>
#include <optional>
#include <strings.h>

namespace jitbot::net {

namespace {

struct FreeUrl {
  void operator()(CURLU* handle) const { curl_url_cleanup(handle); }
};
struct FreeText {
  void operator()(char* text) const { curl_free(text); }
};
using UrlHandle = std::unique_ptr<CURLU, FreeUrl>;

std::optional<std::string> part(CURLU* handle, CURLUPart which) {
  char* text = nullptr;
  if (curl_url_get(handle, which, &text, 0) != CURLUE_OK) return std::nullopt;
  const std::unique_ptr<char, FreeText> owned(text);
  return std::string(text);
}

std::optional<std::uint16_t> default_port(std::string_view scheme) {
  if (scheme == "http" || scheme == "ws") return std::uint16_t{80};
  if (scheme == "https" || scheme == "wss") return std::uint16_t{443};
  return std::nullopt;
}

bool unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// A URL may carry a token, so no message here repeats it.
tl::unexpected<Error> bad_url(std::string why) {
  return fail(ErrorKind::invalid, "not a usable URL: " + why);
}

}  // namespace

bool Url::loopback() const {
  if (strcasecmp(host.c_str(), "localhost") == 0) return true;
  in_addr v4{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24U) == 127;
  in6_addr v6{};
  return inet_pton(AF_INET6, host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

Result<Url> parse_url(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f)
      return bad_url("it holds a space or control character");
  }
  // curl forgives a third slash and takes the path for the host.
  if (text.find(":///") != std::string_view::npos && text.find(":///") == text.find(':')) {
    return bad_url("it names no host");
  }
  const UrlHandle handle(curl_url());
  if (!handle) throw std::bad_alloc();
  constexpr unsigned k_flags = CURLU_NON_SUPPORT_SCHEME | CURLU_PATH_AS_IS;  // curl may not speak ws itself
  const CURLUcode code = curl_url_set(handle.get(), CURLUPART_URL, std::string(text).c_str(), k_flags);
  if (code != CURLUE_OK) return bad_url(curl_url_strerror(code));

  Url url;
  url.scheme = part(handle.get(), CURLUPART_SCHEME).value_or("");
  const std::optional<std::uint16_t> usual_port = default_port(url.scheme);
  if (!usual_port) return bad_url("the scheme must be http, https, ws or wss");
  if (part(handle.get(), CURLUPART_USER) || part(handle.get(), CURLUPART_PASSWORD)) {
    return bad_url("it holds a user name or password");
  }
  url.host = part(handle.get(), CURLUPART_HOST).value_or("");
  if (url.host.size() > 2 && url.host.front() == '[') url.host = url.host.substr(1, url.host.size() - 2);
  if (url.host.empty()) return bad_url("it names no host");

  url.port = *usual_port;
  if (const auto port = part(handle.get(), CURLUPART_PORT)) {
    const unsigned long number = std::stoul(*port);  // curl let digits up to 65535 through
    if (number == 0 || number > 65535) return bad_url("the port must be 1 to 65535");
    url.port = static_cast<std::uint16_t>(number);
  }
  url.target = part(handle.get(), CURLUPART_PATH).value_or("/");
  if (const auto query = part(handle.get(), CURLUPART_QUERY)) url.target += "?" + *query;
  return url;
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view k_hex = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (unreserved(c)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += k_hex[byte >> 4U];
    out += k_hex[byte & 15U];
  }
  return out;
}

Result<std::string> percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
    if (high < 0 || low < 0)
      return fail(ErrorKind::invalid, "a '%' is not followed by two hexadecimal digits");
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

}  // namespace jitbot::net

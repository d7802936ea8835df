#pragma once

#include "bot/model/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace jitbot::net {

// An absolute http, https, ws or wss URL, split. `target` is path and query as they go on the request line.
struct Url {
  std::string scheme;
  std::string host;  // without the brackets of an IPv6 literal
  std::uint16_t port = 0;
  std::string target;

  bool secure() const { return scheme == "https" || scheme == "wss"; }
  bool loopback() const;  // 127.0.0.0/8, ::1 or "localhost": where plain http and ws are allowed
};

Result<Url> parse_url(std::string_view text);
std::string percent_encode(std::string_view text);          // RFC 3986 unreserved stay, all else %XX
Result<std::string> percent_decode(std::string_view text);  // refuses broken escapes

}  // namespace jitbot::net

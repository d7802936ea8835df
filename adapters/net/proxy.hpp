#pragma once

#include "adapters/net/url.hpp"
#include "bot/model/result.hpp"
#include "bot/model/secret.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

// Which proxy stands between us and a server: one answer for the Web API and for WebSockets.
namespace jitbot::net {

struct Proxy {
  bool tls = false;  // https://: TLS with the proxy itself, around everything that goes through it
  std::string host;  // without the brackets of an IPv6 literal
  std::uint16_t port = 0;
  bool authenticates = false;  // user and password were given, already percent-decoded
  Secret user;
  Secret password;

  std::string where() const;  // "proxy.example:3128"
};

// "example.com:443", "[::1]:8080"
std::string host_and_port(const std::string& host, std::uint16_t port);

// The value of Proxy-Authorization (RFC 7617); empty when no user was given.
Secret basic_authorization(const Proxy& proxy);

// The proxies of the environment, read as curl 7.88 does: https_proxy then HTTPS_PROXY for https and wss;
// http_proxy alone for http and ws, because a web server puts a visitor's `Proxy:` header into HTTP_PROXY;
// then all_proxy, ALL_PROXY for either; never what no_proxy, then NO_PROXY, lists. An empty variable is as
// good as none. Loopback is nothing special: only NO_PROXY keeps it away from a proxy. Default: no proxy at
// all.
class Proxies {
 public:
  using Lookup = std::function<std::optional<std::string>(const std::string&)>;

  Proxies() = default;
  static Proxies from_environment(const Lookup& lookup);

  // Nothing: directly. invalid: the variable that would apply names no usable proxy; the message names the
  // variable and never repeats its value, which may hold a password.
  Result<std::optional<Proxy>> choose(const Url& url) const;

 private:
  // A variable that does not apply to anything may hold what it likes, so its fault waits until it is chosen.
  using Choice = Result<std::optional<Proxy>>;

  bool exempt(const std::string& host) const;

  Choice http_ = std::optional<Proxy>();
  Choice https_ = std::optional<Proxy>();
  bool everything_exempt_ = false;
  std::vector<std::string> exempt_;
};

// What it means that a proxy did not open the way to `target` ("slack.com:443"): its status, never its words.
// `status` 0: what came was no HTTP answer.
Error proxy_refusal(const Proxy& proxy, int status, const std::string& target);

}  // namespace jitbot::net

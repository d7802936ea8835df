#include "adapters/net/proxy.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <cstring>
#include <string_view>

namespace jitbot::net {

namespace {

// What curl takes where the address names no port (CURLOPT_PROXY(3)).
constexpr std::uint16_t k_http_port = 1080;
constexpr std::uint16_t k_https_port = 443;

constexpr std::string_view k_blanks = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(k_blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(k_blanks) - first + 1);
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same(std::string_view one, std::string_view other) {
  return std::ranges::equal(one, other, {}, lower, lower);
}

bool holds_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20U || c == 0x7f; });
}

// ---- the proxy of one variable

tl::unexpected<Error> unusable(const std::string& variable, std::string_view why) {
  return fail(ErrorKind::invalid,
              fmt::format("{} names no usable proxy: {}; it must look like http://proxy.example:3128 or "
                          "http://user:password@proxy.example:3128",
                          variable, why));
}

Result<void> read_user(std::string_view text, Proxy& proxy) {
  const std::size_t colon = std::min(text.find(':'), text.size());
  const auto user = percent_decode(text.substr(0, colon));
  const auto password = percent_decode(colon < text.size() ? text.substr(colon + 1) : std::string_view());
  if (!user || !password)
    return fail(ErrorKind::invalid, "in user or password a '%' is not followed by two hexadecimal digits");
  if (holds_control(*user) || holds_control(*password))
    return fail(ErrorKind::invalid, "user or password holds a control character");
  if (user->find(':') != std::string::npos)
    return fail(ErrorKind::invalid, "a user name cannot hold a colon");  // RFC 7617 section 2
  proxy.authenticates = true;
  proxy.user = Secret(*user);
  proxy.password = Secret(*password);
  return {};
}

// [scheme://][user[:password]@]host[:port][/…]
Result<Proxy> parse_proxy(const std::string& variable, std::string_view text) {
  Proxy proxy;
  text = trimmed(text);
  if (const auto mark = text.find("://"); mark != std::string_view::npos) {
    const auto scheme = text.substr(0, mark);
    proxy.tls = same(scheme, "https");
    if (!proxy.tls && !same(scheme, "http"))
      return unusable(variable, "only http:// and https:// proxies are spoken to, not SOCKS");
    text.remove_prefix(mark + 3);
  }
  // A password may hold '/', '?' and '@' although it should not: the last '@' begins the host.
  if (const auto at = text.rfind('@'); at != std::string_view::npos) {
    if (auto read = read_user(text.substr(0, at), proxy); !read)
      return unusable(variable, read.error().message);
    text.remove_prefix(at + 1);
  }
  text = text.substr(0, text.find_first_of("/?#"));
  const auto url = parse_url(fmt::format("http://{}/", text));
  if (!url) return unusable(variable, "its host or port makes no sense");
  proxy.host = url->host;
  const auto bracket = text.rfind(']');
  const auto colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  const bool port_named = colon != std::string_view::npos && colon + 1 < text.size();
  const std::uint16_t usual = proxy.tls ? k_https_port : k_http_port;
  proxy.port = port_named ? url->port : usual;
  return proxy;
}

Result<std::optional<Proxy>> first_of(const Proxies::Lookup& lookup,
                                      std::initializer_list<const char*> variables) {
  for (const char* name : variables) {
    const auto value = lookup(name);
    if (!value || trimmed(*value).empty()) continue;
    auto proxy = parse_proxy(name, *value);
    if (!proxy) return tl::unexpected<Error>(proxy.error());
    return std::optional<Proxy>(std::move(*proxy));
  }
  return std::optional<Proxy>();
}

// ---- what NO_PROXY lists

struct Address {
  int family = AF_UNSPEC;
  std::array<unsigned char, 16> bytes{};
  unsigned bits = 0;
};

std::optional<Address> parse_address(const std::string& text) {
  Address address;
  if (inet_pton(AF_INET, text.c_str(), address.bytes.data()) == 1) {
    address.family = AF_INET;
    address.bits = 32;
    return address;
  }
  if (inet_pton(AF_INET6, text.c_str(), address.bytes.data()) != 1) return std::nullopt;
  address.family = AF_INET6;
  address.bits = 128;
  return address;
}

bool same_network(const Address& one, const Address& other, unsigned bits) {
  const std::size_t whole = bits / 8;
  if (std::memcmp(one.bytes.data(), other.bytes.data(), whole) != 0) return false;
  if (bits % 8 == 0) return true;
  const unsigned mask = 0xffU << (8 - bits % 8) & 0xffU;
  return ((static_cast<unsigned>(one.bytes[whole]) ^ other.bytes[whole]) & mask) == 0;
}

// An address is compared as an address, with "/bits" as a network; names never match it.
bool lists_address(std::string_view entry, const Address& address) {
  const std::size_t slash = std::min(entry.find('/'), entry.size());
  const auto listed = parse_address(std::string(entry.substr(0, slash)));
  if (!listed || listed->family != address.family) return false;
  unsigned bits = address.bits;
  if (slash < entry.size()) {
    const char* end = entry.data() + entry.size();
    const auto [stopped, error] = std::from_chars(entry.data() + slash + 1, end, bits);
    if (error != std::errc() || stopped != end || bits > address.bits) return false;
    if (bits == 0) bits = address.bits;  // to curl "/0" is the address itself
  }
  return same_network(*listed, address, bits);
}

std::string_view without_last_dot(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return name;
}

// "example.com" and ".example.com" stand for the host and all below it, never for "notexample.com".
bool lists_host(std::string_view entry, std::string_view host) {
  entry = without_last_dot(entry);
  if (entry.starts_with('.')) entry.remove_prefix(1);
  if (entry.empty() || entry.size() > host.size()) return false;
  if (!same(entry, host.substr(host.size() - entry.size()))) return false;
  return entry.size() == host.size() || host[host.size() - entry.size() - 1] == '.';
}

std::vector<std::string> split(std::string_view list) {
  constexpr std::string_view k_between = ", \t\r\n";
  std::vector<std::string> parts;
  while (true) {
    const auto begin = list.find_first_not_of(k_between);
    if (begin == std::string_view::npos) return parts;
    list.remove_prefix(begin);
    const auto end = std::min(list.find_first_of(k_between), list.size());
    parts.emplace_back(list.substr(0, end));
    list.remove_prefix(end);
  }
}

}  // namespace

std::string host_and_port(const std::string& host, std::uint16_t port) {
  const bool v6 = host.find(':') != std::string::npos;
  return v6 ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

std::string Proxy::where() const {
  return host_and_port(host, port);
}

Secret basic_authorization(const Proxy& proxy) {
  if (!proxy.authenticates) return Secret();
  const std::string plain = proxy.user.reveal() + ":" + proxy.password.reveal();
  std::string encoded((plain.size() + 2) / 3 * 4 + 1, '\0');
  const int length =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                      reinterpret_cast<const unsigned char*>(plain.data()), static_cast<int>(plain.size()));
  encoded.resize(static_cast<std::size_t>(length));
  return Secret("Basic " + encoded);
}

Proxies Proxies::from_environment(const Lookup& lookup) {
  Proxies proxies;
  proxies.https_ = first_of(lookup, {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"});
  proxies.http_ = first_of(lookup, {"http_proxy", "all_proxy", "ALL_PROXY"});
  for (const char* name : {"no_proxy", "NO_PROXY"}) {
    const auto value = lookup(name);
    if (!value || value->empty()) continue;
    proxies.everything_exempt_ = *value == "*";  // anywhere else a star is nothing special
    proxies.exempt_ = split(*value);
    break;
  }
  return proxies;
}

bool Proxies::exempt(const std::string& host) const {
  if (everything_exempt_) return true;
  const auto address = parse_address(host);
  const std::string_view name = without_last_dot(host);
  return std::ranges::any_of(exempt_, [&](const std::string& entry) {
    return address ? lists_address(entry, *address) : lists_host(entry, name);
  });
}

Result<std::optional<Proxy>> Proxies::choose(const Url& url) const {
  if (exempt(url.host)) return std::optional<Proxy>();
  return url.secure() ? https_ : http_;
}

Error proxy_refusal(const Proxy& proxy, int status, const std::string& target) {
  Error error;
  error.kind = ErrorKind::unavailable;
  error.detail = fmt::format("CONNECT {}", target);
  if (status == 0) {
    error.message = fmt::format("the proxy {} did not answer as an HTTP proxy does", proxy.where());
  } else if (status == 407 && !proxy.authenticates) {
    error.message = fmt::format("the proxy {} wants a user and password (HTTP 407)", proxy.where());
  } else if (status == 407 || (status == 401 && proxy.authenticates)) {  // tinyproxy says 401 to wrong ones
    error.message = fmt::format(
        "the proxy {} wants a user and password, and does not take the ones it was given (HTTP {})",
        proxy.where(), status);
  } else {
    error.message =
        fmt::format("the proxy {} refused to connect to {} (HTTP {})", proxy.where(), target, status);
  }
  return error;
}

}  // namespace jitbot::net

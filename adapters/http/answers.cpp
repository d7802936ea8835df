#include "adapters/http/answers.hpp"

#include "adapters/net/url.hpp"
#include "bot/model/duration.hpp"

#include <nlohmann/json.hpp>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <map>

namespace jitbot::http {

namespace {

using nlohmann::json;

constexpr std::string_view k_access = "/v1/access/";

net::ServerResponse json_response(int status, const json& body) {
  return {status,
          {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}},
          body.dump(-1, ' ', false, json::error_handler_t::replace) + "\n"};
}

using Digest = std::array<unsigned char, 32>;

// Digests have one length, so comparing them tells nothing about the token's either.
Digest sha256(std::string_view text) {
  Digest digest{};
  unsigned length = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_sha256(), nullptr) != 1) {
    throw std::runtime_error("SHA-256 failed");
  }
  return digest;
}

bool same_word(std::string_view one, std::string_view other) {
  return std::ranges::equal(one, other, [](char a, char b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return lower(a) == lower(b);
  });
}

// Names are compared byte for byte, so all that is refused here could never match anyway.
std::optional<std::string> decoded(std::string_view part) {
  auto text = net::percent_decode(part);
  if (!text) return std::nullopt;
  for (const char c : *text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return std::nullopt;
  }
  return std::move(*text);
}

// In a query '+' is a plus sign for us, not a blank: askers build the URL from account and role names.
tl::expected<std::optional<std::string>, NotLookup> role_of(std::string_view query) {
  std::optional<std::string> role;
  while (!query.empty()) {
    const auto end = query.find('&');
    const auto field = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view{} : query.substr(end + 1);
    if (field.substr(0, 5) != "role=") continue;
    auto value = decoded(field.substr(5));
    if (!value || role)
      return tl::unexpected<NotLookup>(NotLookup::malformed);  // twice: which one was meant?
    role = std::move(*value);
  }
  return role;
}

}  // namespace

net::ServerResponse problem(int status, std::string_view message) {
  return json_response(status, json{{"error", message}});
}

net::ServerResponse readiness(const Health& health) {
  const bool ready = health.chat_live && health.store_writable && !health.oldest_overdue;
  json body{{"ready", ready},
            {"chat", health.chat_live ? "live" : "away"},
            {"store", health.store_writable ? "writable" : "not writable"},
            {"oldest_overdue_seconds", nullptr}};
  if (health.oldest_overdue) {
    body["oldest_overdue_seconds"] =
        std::chrono::duration_cast<std::chrono::seconds>(*health.oldest_overdue).count();
  }
  return json_response(ready ? 200 : 503, body);
}

tl::expected<LookupQuestion, NotLookup> parse_lookup(std::string_view path, std::string_view query) {
  if (path.substr(0, k_access.size()) != k_access) return tl::unexpected<NotLookup>(NotLookup::no_such_path);
  path.remove_prefix(k_access.size());
  const auto slash = path.find('/');
  if (slash == std::string_view::npos) return tl::unexpected<NotLookup>(NotLookup::no_such_path);
  const auto resource = path.substr(0, slash);
  const auto account = path.substr(slash + 1);
  if (resource.empty() || account.empty() || account.find('/') != std::string_view::npos) {
    return tl::unexpected<NotLookup>(NotLookup::no_such_path);
  }
  auto resource_name = decoded(resource);
  auto account_name = decoded(account);
  auto role = role_of(query);
  if (!resource_name || !account_name || !role) return tl::unexpected<NotLookup>(NotLookup::malformed);
  return LookupQuestion{std::move(*resource_name), std::move(*account_name), std::move(*role)};
}

net::ServerResponse lookup_answer(const std::vector<Grant>& grants, const std::optional<std::string>& role,
                                  Time now) {
  std::map<std::string, Time> ends;
  for (const auto& grant : grants) {
    if (!grant.wants_access() || grant.end() <= now || (role && grant.role != *role)) continue;
    auto [entry, added] = ends.emplace(grant.role, grant.end());
    if (!added) entry->second = std::max(entry->second, grant.end());
  }
  json roles = json::array();
  for (const auto& [name, until] : ends) roles.push_back({{"role", name}, {"until", format_utc(until)}});
  return json_response(ends.empty() ? 403 : 200, json{{"roles", std::move(roles)}});
}

bool bears(const net::Headers& headers, const Secret& token) {
  constexpr std::string_view k_scheme = "Bearer";
  if (token.empty()) return false;
  const auto count = std::ranges::count_if(
      headers, [](const net::Header& header) { return same_word(header.name, "Authorization"); });
  const auto header = net::find_header(headers, "Authorization");
  if (count != 1 || !header || !same_word(header->substr(0, k_scheme.size()), k_scheme)) return false;
  std::string_view given = header->substr(k_scheme.size());
  const auto start = given.find_first_not_of(' ');
  if (start == 0 || start == std::string_view::npos) return false;
  given.remove_prefix(start);
  const Digest one = sha256(given);
  const Digest other = sha256(token.reveal());
  return CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

}  // namespace jitbot::http

#pragma once

#include "adapters/net/http_server.hpp"
#include "bot/model/grant.hpp"
#include "bot/model/result.hpp"
#include "bot/model/secret.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What the door says, as pure functions.
namespace jitbot::http {

struct Health {
  bool chat_live = false;  // a connection to the chat is up
  bool store_writable = false;
  std::optional<Millis> oldest_overdue;  // how long the oldest access is over its end, where one is
};

// 200 when chat and store are well and nothing is overdue, else 503; the body says which.
net::ServerResponse readiness(const Health& health);

struct LookupQuestion {
  std::string resource;
  std::string account;
  std::optional<std::string> role;
};

enum class NotLookup { no_such_path, malformed };
// `/v1/access/{resource}/{account}` and `role=R`, percent-decoded. malformed: broken escapes, or text that is
// no UTF-8 or holds control characters.
tl::expected<LookupQuestion, NotLookup> parse_lookup(std::string_view path, std::string_view query);

// Each role once, with its latest end, of the grants that are activating or active and end after `now`.
net::ServerResponse lookup_answer(const std::vector<Grant>& grants, const std::optional<std::string>& role,
                                  Time now);

// That the Authorization header carries this token as a bearer (RFC 6750 §2.1), in time that does not depend
// on where they differ. Never with an empty token.
bool bears(const net::Headers& headers, const Secret& token);

net::ServerResponse problem(int status, std::string_view message);

}  // namespace jitbot::http

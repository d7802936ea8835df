#include "adapters/chat/mattermost/introduction.hpp"

#include "adapters/chat/mattermost/digest.hpp"
#include "adapters/chat/mattermost/ids.hpp"
#include "adapters/chat/read/http_date.hpp"
#include "adapters/chat/read/json_read.hpp"
#include "adapters/net/url.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <charconv>

namespace jitbot::mattermost {

namespace {

using Json = nlohmann::json;
using chat::flag_at;
using chat::text_at;

// Since this version posts hold a hundred times more beside their text (mattermost.md §2.1).
constexpr int k_roomy_version = 6;
constexpr std::size_t k_roomy_props = 800'000;

std::optional<long> number_in(std::string_view text) {
  long value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  return value;
}

Dress::Limits limits_of(const Json& config) {
  Dress::Limits limits;
  constexpr long k_least = 1000;  // below that no card fits, so nobody means it
  const auto message = number_in(text_at(config, {"MaxPostSize"}));
  if (message && *message >= k_least)
    limits.message = std::min(limits.message, static_cast<std::size_t>(*message));
  const auto major = number_in(text_at(config, {"Version"}));
  if (major && *major >= k_roomy_version) limits.props = k_roomy_props;
  return limits;
}

// The installation's own id, which stays when it moves; servers that tell none are known by their address.
std::string server_of(const Json& config, const net::Url& url) {
  for (const char* name : {"DiagnosticId", "TelemetryId"}) {
    std::string id = text_at(config, {name});
    if (is_id(id)) return id;
  }
  return url.host;
}

// A bad token, or a bot that was disabled, is refused until somebody mends it.
Error refusal(const RestFault& fault, std::string words) {
  Error error = fault.error;
  if (error.kind == ErrorKind::not_found || error.kind == ErrorKind::invalid) error.kind = ErrorKind::refused;
  if (error.kind == ErrorKind::refused) error.message = std::move(words);
  return error;
}

Task<RestResult<RestReply>> read_config(Rest& rest) {
  RestCall call;
  call.path = "/config/client?format=old";
  co_return co_await rest.call(std::move(call));
}

}  // namespace

Task<Result<Introduction>> introduce(Rest& rest, std::string url, std::string team) {
  const auto address = net::parse_url(url);
  if (!address || (!address->secure() && !address->loopback())) {
    co_return fail(ErrorKind::invalid, "mattermost: url must be https, or http on loopback", url);
  }
  auto me = co_await rest.get(k_who_am_i);
  if (!me) co_return tl::unexpected<Error>(refusal(me.error(), "Mattermost does not accept the token"));
  auto config = co_await read_config(rest);
  if (!config) co_return tl::unexpected<Error>(config.error().error);
  auto its_team = co_await rest.get("/teams/name/" + net::percent_encode(team));
  if (!its_team) {
    co_return tl::unexpected<Error>(
        refusal(its_team.error(), "there is no team " + team + " on this server that the bot is in"));
  }
  Introduction known;
  known.self.server = server_of(*config->body, *address);
  known.self.user = text_at(*me->body, {"id"});
  known.self.username = text_at(*me->body, {"username"});
  known.self.team = text_at(*its_team->body, {"id"});
  known.version = text_at(*config->body, {"Version"});
  known.limits = limits_of(*config->body);
  known.signing_key = text_at(*config->body, {"AsymmetricSigningPublicKey"});
  if (!known.signing_key.empty() && !is_signing_key(known.signing_key)) {
    co_return fail(ErrorKind::unavailable, "the server publishes a key that is none",
                   "AsymmetricSigningPublicKey cannot be read");
  }
  if (!is_id(known.self.user) || !is_id(known.self.team))
    co_return fail(ErrorKind::unavailable, "the server does not say who we are", "users/me or teams: no id");
  if (!flag_at(*me->body, {"is_bot"}))
    spdlog::warn("mattermost: {} is no bot account; a token of a person ends with that person",
                 known.self.username);
  co_return known;
}

Task<Result<Time>> server_time_of(Rest& rest) {
  RestCall call;
  call.path = "/system/ping";
  call.as = As::nobody;
  auto reply = co_await rest.call(std::move(call));
  if (!reply) co_return tl::unexpected<Error>(reply.error().error);
  const auto date = net::find_header(reply->headers, "date");
  const auto time = date ? chat::parse_http_date(*date) : std::nullopt;
  if (!time) co_return fail(ErrorKind::unavailable, "the server does not tell its time", "no Date header");
  co_return *time;
}

}  // namespace jitbot::mattermost

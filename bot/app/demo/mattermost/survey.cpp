#include "bot/app/demo/mattermost/survey.hpp"

#include "adapters/chat/mattermost/setup_settings.hpp"
#include "adapters/chat/read/json_read.hpp"
#include "adapters/net/url.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <charconv>
#include <utility>

namespace jitbot::town {

namespace {

using chat::text_at;
using Json = nlohmann::json;
using TownPtr = std::shared_ptr<Town>;
using AdminPtr = std::shared_ptr<Admin>;

constexpr Millis k_first_patience{10s};  // whoever typed the address waits for this answer
constexpr std::pair<int, int> k_oldest{5, 37};
constexpr int k_unauthorized = 401;

bool setting(const Json& config, const char* section, const char* name, bool otherwise) {
  const Json* value = chat::member(config, {section, name});
  return value != nullptr && value->is_boolean() ? value->get<bool>() : otherwise;
}

// "5.37.0"; nothing: no version.
std::optional<std::pair<int, int>> version_in(const std::string& text) {
  std::pair<int, int> version;
  const char* end = text.data() + text.size();
  const auto major = std::from_chars(text.data(), end, version.first);
  if (major.ec != std::errc() || major.ptr == end || *major.ptr != '.') return std::nullopt;
  const auto minor = std::from_chars(major.ptr + 1, end, version.second);
  if (minor.ec != std::errc()) return std::nullopt;
  return version;
}

// Somebody who typed it may have typed it wrongly: asked once.
Task<mattermost::RestResult<mattermost::RestReply>> ask_once(AdminPtr admin, std::string path) {
  mattermost::RestCall call;
  call.path = std::move(path);
  call.repeat = mattermost::Repeat::never;
  co_return co_await admin->rest().call(std::move(call));
}

Task<Result<JsonPtr>> look_at_server(net::HttpClient* http, TownPtr town) {
  net::HttpRequest request;
  request.url = town->url + "/api/v4/config/client?format=old";
  request.timeout = k_first_patience;
  auto answer = co_await http->send(std::move(request));
  if (!answer) {
    co_return fail(ErrorKind::unavailable,
                   fmt::format("--url {}: {}: {}", town->url, answer.error().message, answer.error().detail));
  }
  const JsonPtr config = body_of(Json::parse(answer->body, nullptr, false));
  const std::string text = text_at(*config, {"Version"});
  const auto version = version_in(text);
  if (!version) {
    co_return fail(ErrorKind::refused,
                   fmt::format("--url {}: what answers there is no Mattermost server (status {})", town->url,
                               answer->status));
  }
  if (*version < k_oldest) {
    co_return fail(ErrorKind::refused, fmt::format("the server is too old: it is Mattermost {}, and {}.{} is "
                                                   "the oldest that jitbot knows",
                                                   text, k_oldest.first, k_oldest.second));
  }
  co_return config;
}

Task<Result<void>> look_at_token(AdminPtr admin, TownPtr town, JsonPtr server) {
  auto me = co_await ask_once(admin, "/users/me");
  if (!me && me.error().status == k_unauthorized) {
    const bool tokens = text_at(*server, {"EnableUserAccessTokens"}) != "false";
    co_return fail(ErrorKind::refused,
                   tokens ? "the server does not accept the token in --token-file (401): it may be mistyped, "
                            "revoked, or ServiceSettings.EnableUserAccessTokens may be off"
                          : "the server takes no personal access tokens: set "
                            "ServiceSettings.EnableUserAccessTokens to true");
  }
  if (!me) co_return fail(me.error().error.kind, "asking whose token it is: " + words_of(me.error()));
  const std::string roles = " " + text_at(*me->body, {"roles"}) + " ";
  if (roles.find(" system_admin ") == std::string::npos) {
    co_return fail(
        ErrorKind::refused,
        fmt::format("the token is @{}'s, who is no system administrator; the demo makes accounts and "
                    "channels, so it needs a system administrator's",
                    text_at(*me->body, {"username"})));
  }
  town->admin = text_at(*me->body, {"id"});
  co_return Result<void>();
}

// What no manner of deciding gets around.
std::string forbidding(const Json& config) {
  if (!setting(config, "ServiceSettings", "EnableBotAccountCreation", true))
    return "no bot account can be made; set ServiceSettings.EnableBotAccountCreation to true";
  if (!setting(config, "PrivacySettings", "ShowEmailAddress", true))
    return "the bot sees nobody's e-mail, by which the policy names people; set "
           "PrivacySettings.ShowEmailAddress to true";
  if (setting(config, "ServiceSettings", "EnforceMultifactorAuthentication", false))
    return "people made for the demo cannot log in; set ServiceSettings.EnforceMultifactorAuthentication to "
           "false";
  if (!setting(config, "EmailSettings", "EnableSignInWithUsername", true))
    return "people made for the demo log in with their username; set EmailSettings.EnableSignInWithUsername "
           "to "
           "true";
  return {};
}

// Why the server would not call the bot; empty: it would.
std::string silent_because(const Json& config, const Town& town) {
  if (town.callbacks_url.empty())
    return "the server is on another machine, and --callbacks does not say where it reaches this one";
  if (!setting(config, "ServiceSettings", "EnableCommands", true))
    return "the server's ServiceSettings.EnableCommands is off";
  if (chat::member(config, {"ServiceSettings", "SiteURL"}) != nullptr &&
      text_at(config, {"ServiceSettings", "SiteURL"}).empty())
    return "servers refuse every slash command without ServiceSettings.SiteURL; set it to the server's "
           "address";
  const auto url = net::parse_url(town.callbacks_url);
  const std::string allowed = text_at(config, {"ServiceSettings", "AllowedUntrustedInternalConnections"});
  if (url && !mattermost::may_be_called(url->host, allowed)) {
    return fmt::format(
        "the server does not call {}; for buttons add it to "
        "ServiceSettings.AllowedUntrustedInternalConnections",
        url->host);
  }
  return {};
}

Result<void> choose_manner(const Json& config, const std::optional<cli::DemoManner>& wished, Town& town) {
  using cli::DemoManner;
  const std::string silent = silent_because(config, town);
  if (wished == DemoManner::buttons && !silent.empty())
    return fail(ErrorKind::refused, "buttons cannot be pressed: " + silent);
  if (!wished && !silent.empty()) town.no_buttons = silent;
  town.manner = wished.value_or(silent.empty() ? DemoManner::buttons : DemoManner::reactions);
  if (town.presses()) return {};
  town.listen.clear();
  town.callbacks_url.clear();
  return {};
}

}  // namespace

Task<Result<void>> survey(net::HttpClient* http, std::shared_ptr<Admin> admin, cli::MattermostDemo wishes,
                          std::shared_ptr<Town> town) {
  auto server = co_await look_at_server(http, town);
  if (!server) co_return tl::unexpected<Error>(server.error());
  auto trusted = co_await look_at_token(admin, town, *server);
  if (!trusted) co_return trusted;
  // Some hosted servers keep it even from their administrators: then what fails says so itself.
  auto config = co_await ask_once(admin, "/config");
  const JsonPtr settings = config ? config->body : body_of(Json::object());
  const std::string forbidden = forbidding(*settings);
  if (!forbidden.empty()) co_return fail(ErrorKind::refused, "as the server is set, " + forbidden);
  co_return choose_manner(*settings, wishes.manner, *town);
}

}  // namespace jitbot::town

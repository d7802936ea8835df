#include "adapters/chat/slack/doctor.hpp"

#include "adapters/chat/read/http_date.hpp"
#include "adapters/chat/slack/json_read.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <set>

namespace jitbot::slack {

namespace {

using Json = nlohmann::json;
using Level = Finding::Level;
using Fields = std::vector<net::FormField>;

constexpr std::array k_scopes{
    NeededScope{"commands", "the command /jit"},
    NeededScope{"chat:write", "cards and answers"},
    NeededScope{"im:write", "direct messages to people"},
    NeededScope{"im:read", "direct messages to people"},
    NeededScope{"im:history", "what people write to the bot"},
    NeededScope{"app_mentions:read", "commands in threads, by mention"},
    NeededScope{"users:read", "who people are, and whether they are guests or deactivated"},
    NeededScope{"users:read.email", "people's e-mails, which are their names in the policy"},
    NeededScope{"usergroups:read", "groups of the policy that are Slack user groups"},
    NeededScope{"channels:read", "finding public channels"},
    NeededScope{"groups:read", "finding private channels"},
    NeededScope{"channels:history", "finding the bot's own cards after a crash"},
    NeededScope{"groups:history", "finding the bot's own cards in private channels after a crash"}};

constexpr std::string_view k_pages = "at api.slack.com/apps, in your app";
// The bot audits jumps of its clock beyond this, and beyond k_refused it grants nothing new after a pause.
constexpr Millis k_suspicious = 30s;
constexpr Millis k_refused = 5min;

std::string with_code(const ApiFault& fault) {
  return fault.code.empty() ? reason_of(fault.error)
                            : fmt::format("{} ({})", fault.error.message, fault.code);
}

// What a refused token asks for; `where` it is found among the app's pages.
Finding token_finding(const ApiFault& fault, std::string what, std::string_view where) {
  if (fault.error.kind == ErrorKind::rate_limited) {
    return {Level::warning, std::move(what), with_code(fault), "wait a minute and run doctor again"};
  }
  const auto is = [&](std::initializer_list<std::string_view> codes) {
    return std::ranges::find(codes, fault.code) != codes.end();
  };
  if (is({"invalid_auth", "not_authed"})) {
    return {Level::failed, std::move(what), fmt::format("Slack does not know it ({})", fault.code),
            fmt::format("copy it anew: {}, {}", k_pages, where)};
  }
  if (is({"token_revoked", "account_inactive", "app_uninstalled", "app_not_installed",
          "user_removed_from_team"})) {
    return {Level::failed, std::move(what),
            fmt::format("it was revoked, or the app was uninstalled ({})", fault.code),
            fmt::format("{}: Install App, install it again, and take the new token from {}", k_pages, where)};
  }
  if (is({"token_expired"})) {
    return {Level::failed, std::move(what), "it expired: token rotation is on for this app (token_expired)",
            "make the app anew from deploy/slack/manifest.yaml, which leaves rotation off"};
  }
  if (is({"not_allowed_token_type"})) {
    return {Level::failed, std::move(what), "it is a token of another kind (not_allowed_token_type)",
            fmt::format("take the one from {}, {}", k_pages, where)};
  }
  if (is({"app_not_found", "app_deleted", "invalid_app_id"})) {
    return {Level::failed, std::move(what), fmt::format("its app is no more ({})", fault.code),
            "make the app anew from deploy/slack/manifest.yaml"};
  }
  if (fault.code.empty()) {
    return {Level::failed, std::move(what), reason_of(fault.error),
            "run doctor again; when it stays so, look at status.slack.com"};
  }
  return {Level::failed, std::move(what), with_code(fault),
          fmt::format("look up {} at docs.slack.dev/reference/methods", fault.code)};
}

Finding clock_finding(std::string_view date, Time before, Time after) {
  const auto theirs = chat::parse_http_date(date);
  if (!theirs) {
    return {Level::warning, "clock", "Slack's answer does not tell the time, so ours cannot be compared",
            "see whether a proxy takes away the Date header"};
  }
  // The header has whole seconds, and was written somewhere between question and answer.
  Millis off{0};
  if (*theirs > after) off = std::chrono::duration_cast<Millis>(after - *theirs);
  if (*theirs + 1s < before) off = std::chrono::duration_cast<Millis>(before - (*theirs + 1s));
  const Millis distance = std::chrono::abs(off);
  if (distance <= 1s) return {Level::fine, "clock", "agrees with Slack's", ""};
  const auto seconds = (distance.count() + 500) / 1000;
  const std::string words = fmt::format("{} s {} Slack's", seconds, off > Millis{0} ? "ahead of" : "behind");
  if (distance <= k_suspicious) return {Level::fine, "clock", words, ""};
  const std::string advice = "set this machine's clock and keep it set: timedatectl set-ntp true";
  if (distance <= k_refused) return {Level::warning, "clock", words, advice};
  return {Level::failed, "clock", words + ": access would end at the wrong time", advice};
}

std::set<std::string> scopes_in(std::string_view header) {
  std::set<std::string> scopes;
  std::string scope;
  for (const char c : header) {
    if (c != ',' && c != ' ') {
      scope += c;
    } else if (!scope.empty()) {
      scopes.insert(std::exchange(scope, {}));
    }
  }
  if (!scope.empty()) scopes.insert(scope);
  return scopes;
}

Finding scope_finding(const net::Headers& headers) {
  const auto header = net::find_header(headers, "x-oauth-scopes");
  if (!header) {
    return {Level::warning, "slack scopes", "Slack's answer does not tell them",
            "see whether a proxy takes away the header x-oauth-scopes"};
  }
  const auto given = scopes_in(*header);
  std::string missing;
  for (const NeededScope& scope : k_scopes) {
    if (given.contains(std::string(scope.name))) continue;
    missing += fmt::format("{}{} ({})", missing.empty() ? "" : ", ", scope.name, scope.purpose);
  }
  if (missing.empty()) {
    return {Level::fine, "slack scopes", fmt::format("all {} are there", k_scopes.size()), ""};
  }
  return {Level::failed, "slack scopes", "missing: " + missing,
          fmt::format("{}: OAuth & Permissions, Bot Token Scopes, add them; then Install App, Reinstall to "
                      "Workspace, and use the bot token shown there",
                      k_pages)};
}

// "xapp-1-A111-…" names its app.
std::string app_named_in(const Secret& token) {
  const std::string& text = token.reveal();
  const auto first = text.find("-A");
  if (!text.starts_with("xapp-") || first == std::string::npos) return {};
  const auto end = text.find('-', first + 1);
  return end == std::string::npos ? std::string() : text.substr(first + 1, end - first - 1);
}

WebApiOptions api_options(const ExaminerOptions& options) {
  WebApiOptions api;
  api.url = options.api_url;
  api.app_token = options.app_token;
  api.bot_token = options.bot_token;
  api.attempt = options.attempt;
  api.patience = options.patience;
  return api;
}

constexpr std::string_view k_bot_page =
    "OAuth & Permissions, Bot User OAuth Token (xoxb-…), chat.slack.bot_token";
constexpr std::string_view k_app_page = "Basic Information, App-Level Tokens (xapp-…), chat.slack.app_token";

}  // namespace

std::string reason_of(const Error& error) {
  if (error.detail.empty() || error.detail.find('@') != std::string::npos) return error.message;
  return fmt::format("{} ({})", error.message, error.detail);
}

std::span<const NeededScope> needed_scopes() {
  return k_scopes;
}

Examiner::Examiner(Clock& clock, Random& random, net::HttpClient& http, ExaminerOptions options)
    : clock_(clock),
      http_(http),
      options_(std::move(options)),
      api_(clock, random, http, api_options(options_)) {}

// api.test asks for no token (docs.slack.dev/reference/methods/api.test).
Task<Findings> Examiner::reach() {
  const std::string what = "slack";
  net::HttpRequest request;
  request.method = "POST";
  request.url = options_.api_url + "api.test";
  request.timeout = options_.patience;
  const Time before = clock_.now();
  const auto answer = co_await http_.send(std::move(request));
  const Time after = clock_.now();
  Findings found;
  if (!answer) {
    found.push_back(
        {Level::failed, what, options_.api_url + ": " + reason_of(answer.error()),
         "look at the network, DNS and firewall of this machine (slack.com, wss-primary.slack.com "
         "and wss-backup.slack.com, port 443) and at HTTPS_PROXY"});
    co_return found;
  }
  const Json body = Json::parse(answer->body, nullptr, false);
  if (answer->status >= 500) {
    found.push_back({Level::failed, what,
                     fmt::format("answers with HTTP {}: trouble of its own", answer->status),
                     "look at status.slack.com and run doctor again"});
  } else if (member(body, "ok") == nullptr) {
    found.push_back({Level::failed, what,
                     fmt::format("something that is not Slack answers for {} (HTTP {})", options_.api_url,
                                 answer->status),
                     "look for a proxy or a login page of the network between this machine and Slack"});
  } else {
    found.push_back({Level::fine, what, options_.api_url + " answers", ""});
    const auto date = net::find_header(answer->headers, "Date");
    found.push_back(clock_finding(date.value_or(std::string_view{}), before, after));
  }
  co_return found;
}

Task<Findings> Examiner::bot_token() {
  const auto reply = co_await api_.call("auth.test", Fields());
  Findings found;
  if (!reply) {
    found.push_back(token_finding(reply.error(), "slack bot token", k_bot_page));
    co_return found;
  }
  bot_id_ = text_at(*reply->body, {"bot_id"});
  bot_name_ = text_at(*reply->body, {"user"});
  if (bot_id_.empty()) {
    found.push_back({Level::failed, "slack bot token", "it is a person's token, not a bot's",
                     fmt::format("take the one from {}, {}", k_pages, k_bot_page)});
    co_return found;
  }
  found.push_back({Level::fine, "slack bot token",
                   fmt::format("accepted, speaks as @{} in workspace {} ({})", bot_name_,
                               text_at(*reply->body, {"team"}), text_at(*reply->body, {"team_id"})),
                   ""});
  found.push_back(scope_finding(reply->headers));
  co_return found;
}

// The address that comes back is a ticket for one socket; unused it does nothing and runs out.
Task<Findings> Examiner::app_token() {
  const std::string what = "slack app token";
  const auto address = co_await api_.open_connection();
  Findings found;
  if (address) {
    found.push_back({Level::fine, what, "accepted, may open connections", ""});
  } else if (address.error().code == "missing_scope" || address.error().code == "no_permission") {
    found.push_back(
        {Level::failed, what, fmt::format("lacks the scope connections:write ({})", address.error().code),
         fmt::format("{}: Basic Information, App-Level Tokens, generate one with connections:write, "
                     "and put it into chat.slack.app_token",
                     k_pages)});
  } else {
    found.push_back(token_finding(address.error(), what, k_app_page));
  }
  co_return found;
}

Task<Findings> Examiner::same_app() {
  const std::string what = "slack app";
  const std::string ours = app_named_in(options_.app_token);
  Fields fields;
  fields.push_back({"bot", bot_id_});
  const auto reply = co_await api_.call("bots.info", std::move(fields));
  Findings found;
  if (!reply && reply.error().code == "missing_scope") {
    found.push_back({Level::warning, what, "not checked: needs the scope users:read", ""});
    co_return found;
  }
  if (!reply) {
    found.push_back({Level::failed, what,
                     "which app the bot token is of cannot be asked: " + with_code(reply.error()),
                     "run doctor again"});
    co_return found;
  }
  const std::string theirs = text_at(*reply->body, {"bot", "app_id"});
  if (ours.empty() || theirs.empty()) {
    found.push_back({Level::warning, what,
                     "the tokens do not tell which app they are of, so they cannot be compared",
                     "make sure that both are of one app"});
  } else if (ours == theirs) {
    found.push_back({Level::fine, what, "both tokens are of " + ours, ""});
  } else {
    found.push_back(
        {Level::failed, what,
         fmt::format("the app token is of {}, the bot token of {}: clicks would go to the one, cards "
                     "come from the other",
                     ours, theirs),
         fmt::format("take both tokens from one app's pages: {}; {}", k_bot_page, k_app_page)});
  }
  co_return found;
}

}  // namespace jitbot::slack

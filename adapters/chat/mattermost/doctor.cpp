#include "adapters/chat/mattermost/doctor.hpp"

#include "adapters/chat/mattermost/directory.hpp"
#include "adapters/chat/mattermost/introduction.hpp"
#include "adapters/chat/mattermost/setup_settings.hpp"
#include "adapters/chat/read/http_date.hpp"
#include "adapters/chat/read/json_read.hpp"
#include "adapters/net/url.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace jitbot::mattermost {

namespace {

using Level = Finding::Level;

// The bot audits jumps of its clock beyond this, and beyond k_refused it grants nothing new after a pause.
constexpr Millis k_suspicious = 30s;
constexpr Millis k_refused = 5min;

RestOptions rest_options(const ExaminerOptions& options) {
  RestOptions rest;
  rest.url = options.url;
  rest.token = options.token;
  rest.attempt = options.attempt;
  rest.patience = options.patience;
  return rest;
}

std::string reason_of(const Error& error) {
  return error.detail.empty() ? error.message : fmt::format("{}: {}", error.message, error.detail);
}

std::optional<Finding> clock_finding(const net::Headers& headers, Time now) {
  const auto date = net::find_header(headers, "date");
  const auto theirs = date ? chat::parse_http_date(*date) : std::nullopt;
  if (!theirs) return std::nullopt;
  const Millis off = now > *theirs ? now - *theirs : *theirs - now;
  const auto seconds = off.count() / 1000;
  if (off <= k_suspicious)
    return Finding{Level::fine, "clock", fmt::format("{} s from the Mattermost server's", seconds), ""};
  return Finding{off > k_refused ? Level::failed : Level::warning, "clock",
                 fmt::format("{} s from the Mattermost server's", seconds),
                 "let this machine and the server keep time by NTP"};
}

Finding unanswered(const Error& error, std::string what) {
  return {Level::failed, std::move(what), "cannot be asked about: " + reason_of(error),
          "run doctor again; when it stays so, look at the server's log"};
}

Finding finding_of(Lack lack, Examiner::Reliance::Emails emails) {
  const bool links = emails == Examiner::Reliance::Emails::link;
  switch (lack.kind) {
    case Lack::Kind::setting_up:
      break;
    case Lack::Kind::working:
      return {Level::failed, "mattermost settings", "they are in the bot's way", std::move(lack.words)};
    case Lack::Kind::safety:
      return {links ? Level::failed : Level::warning, "mattermost settings",
              links ? "identity: trusted believes e-mails that this server does not prove"
                    : "e-mails do not prove here who somebody is",
              std::move(lack.words)};
  }
  return {Level::warning, "mattermost settings", "no bot could be made now", std::move(lack.words)};
}

bool is_administrator(const nlohmann::json& user) {
  return (" " + chat::text_at(user, {"roles"}) + " ").find(" system_admin ") != std::string::npos;
}

// What lets the server call private addresses is shown to administrators alone.
std::optional<Finding> unseen_permission(const std::string& callbacks_url) {
  const auto url = net::parse_url(callbacks_url);
  if (!url || may_be_called(url->host, "")) return std::nullopt;
  return Finding{Level::warning, "mattermost callbacks",
                 "the server calls a private address only with permission, which it does not show to the bot",
                 fmt::format("see that ServiceSettings.AllowedUntrustedInternalConnections has {}; jitbot "
                             "mattermost setup looks at it",
                             url->host)};
}

}  // namespace

Examiner::Examiner(Clock& clock, Random& random, net::HttpClient& http, ExaminerOptions options)
    : clock_(clock),
      options_(std::move(options)),
      rest_(clock, random, http, rest_options(options_)),
      names_(clock, rest_),
      messenger_(clock, random, rest_, names_) {}

Task<Findings> Examiner::reach() {
  RestCall call;
  call.path = "/system/ping?get_server_status=true";
  call.as = As::nobody;
  auto reply = co_await rest_.call(std::move(call));
  Findings found;
  if (!reply) {
    const bool ailing = reply.error().status != 0;
    found.push_back(
        {Level::failed, "mattermost",
         ailing ? "answers that it is not well" : "does not answer: " + reason_of(reply.error().error),
         ailing ? "look at the server and its database"
                : fmt::format("see whether {} can be reached from here", options_.url)});
    co_return found;
  }
  found.push_back({Level::fine, "mattermost", fmt::format("{} answers, and is well", options_.url), ""});
  if (auto clock = clock_finding(reply->headers, clock_.now())) found.push_back(std::move(*clock));
  co_return found;
}

Task<Findings> Examiner::token() {
  auto known = co_await introduce(rest_, options_.url, options_.team);
  Findings found;
  if (!known) {
    found.push_back({Level::failed, "mattermost token", reason_of(known.error()),
                     "jitbot mattermost setup makes the account, its token and its memberships"});
    co_return found;
  }
  self_ = known->self;
  messenger_.know(self_);
  found.push_back(
      {Level::fine, "mattermost token",
       fmt::format("accepted, as @{} in team {} (server {})", self_.username, options_.team, known->version),
       ""});
  if (known->signing_key.empty()) {
    found.push_back({Level::warning, "mattermost callbacks",
                     "the server publishes no key to check by who pressed a button",
                     "keep the way between server and bot to yourselves: TLS, or one machine"});
  }
  co_return found;
}

Task<Findings> Examiner::settings(Reliance reliance) {
  Findings found;
  nlohmann::json settings;
  auto me = co_await rest_.get("/users/me");
  const bool sees_all = me && is_administrator(*me->body);
  if (sees_all) {
    auto config = co_await rest_.get("/config");
    if (config) settings = *config->body;
  }
  if (!settings.is_object()) {
    auto client = co_await rest_.get("/config/client?format=old");
    if (!client) {
      found.push_back(unanswered(client.error().error, "mattermost settings"));
      co_return found;
    }
    settings = settings_in(*client->body, reliance.callbacks_url);
    if (auto unseen = unseen_permission(reliance.callbacks_url)) found.push_back(std::move(*unseen));
  }
  for (Lack& lack : lacking_settings(settings, reliance.callbacks_url)) {
    if (lack.kind != Lack::Kind::setting_up) found.push_back(finding_of(std::move(lack), reliance.emails));
  }
  auto team = co_await rest_.get("/teams/" + self_.team);
  if (team && chat::flag_at(*team->body, {"allow_open_invite"})) {
    found.push_back({Level::warning, "mattermost team " + options_.team, "lets anybody of the server in",
                     "switch the open invitation off in the team's settings"});
  }
  if (found.empty()) found.push_back({Level::fine, "mattermost settings", "as the bot needs them", ""});
  co_return found;
}

Task<Findings> Examiner::channel(std::string name_or_id, std::string used_by) {
  std::string what = fmt::format("channel {} ({})", name_or_id, used_by);
  auto info = co_await messenger_.channel(std::move(name_or_id));
  Findings found;
  if (!info && info.error().kind == ErrorKind::unavailable) {
    found.push_back(unanswered(info.error(), std::move(what)));
  } else if (!info) {
    found.push_back({Level::failed, std::move(what), "the server shows the bot no such channel",
                     fmt::format("check the spelling; a private channel shows once somebody adds @{} to it",
                                 self_.username)});
  } else if (info->archived) {
    found.push_back({Level::failed, std::move(what), "is archived", "unarchive it, or name another channel"});
  } else if (info->shared_outside) {
    found.push_back({Level::failed, std::move(what), "is shared with another server, and so gets no cards",
                     "name a channel of your own server alone"});
  } else if (!info->member) {
    found.push_back({Level::failed, std::move(what), "the bot is not in it",
                     fmt::format("type /invite @{} in that channel", self_.username)});
  } else {
    found.push_back({Level::fine, std::move(what), "found, the bot is in it", ""});
  }
  co_return found;
}

Task<Findings> Examiner::group(std::string name, std::string from) {
  std::string what = fmt::format("group {} ({})", name, from);
  PeopleOfMattermost people(rest_);
  people.know(self_);
  auto members = co_await people.members(std::move(from));
  Findings found;
  if (!members) {
    found.push_back(
        {Level::failed, std::move(what), reason_of(members.error()),
         "name a private channel that the bot is in, a team without an open invitation, or a group of a "
         "server with a licence for them"});
  } else if (members->empty()) {
    found.push_back({Level::warning, std::move(what), "has nobody in it", ""});
  } else {
    found.push_back({Level::fine, std::move(what), fmt::format("{} people", members->size()), ""});
  }
  co_return found;
}

}  // namespace jitbot::mattermost

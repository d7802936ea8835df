#include "adapters/net/url.hpp"
#include "bot/app/doctor_parts.hpp"
#include "bot/model/channel.hpp"

#include <fmt/format.h>

namespace jitbot {

namespace {

std::vector<slack::WantedChannel> wanted_channels(const Doctor::Parts& parts) {
  std::vector<slack::WantedChannel> wanted;
  for (PlaceInUse& place : channels_of(parts, "slack"))
    wanted.push_back({std::string(without_platform(place.channel)), std::move(place.used_by)});
  return wanted;
}

std::vector<slack::WantedGroup> wanted_groups(const Doctor::Parts& parts) {
  std::vector<slack::WantedGroup> wanted;
  for (auto& [name, from] : groups_of(parts, "slack")) wanted.push_back({name, from});
  return wanted;
}

Finding not_checked(std::string_view what, std::string_view why) {
  return {Level::warning, "slack", fmt::format("not checked, because {}: {}", why, what), ""};
}

enum class Reached { no, yes };

// Nothing: Slack is asked directly.
std::optional<Finding> proxy_finding(const SlackSettings& slack, Reached reached) {
  const auto url = net::parse_url(slack.api_url);
  if (!url) return std::nullopt;
  const auto proxy = slack.out.proxies.choose(*url);
  if (!proxy) return Finding{Level::failed, "proxy", proxy.error().message, ""};
  if (!*proxy) return std::nullopt;
  const std::string where = fmt::format("{} stands between the bot and {}", (*proxy)->where(), url->host);
  if (reached == Reached::yes) return Finding{Level::fine, "proxy", where + ", and lets it through", ""};
  return Finding{Level::warning, "proxy", where,
                 fmt::format("if {} can be reached without it, put that name into NO_PROXY", url->host)};
}

// One errand for all names, which share one question, and one for each id.
std::vector<DoctorErrand> start_channels(Doctor::Parts& parts) {
  std::vector<DoctorErrand> errands;
  std::vector<slack::WantedChannel> named;
  Findings otherwise;
  for (slack::WantedChannel& wanted : wanted_channels(parts)) {
    if (slack::is_channel_name(wanted.name_or_id)) {
      otherwise.push_back(no_answer(slack::title_of(wanted), parts.options.patience));
      named.push_back(std::move(wanted));
      continue;
    }
    const std::string what = slack::title_of(wanted);
    errands.push_back(parts.start(parts.examiner->channel_by_id(std::move(wanted)), what));
  }
  auto names = parts.examiner->channels_by_name(std::move(named));
  errands.insert(errands.begin(),
                 parts.start(std::move(names), parts.options.patience, std::move(otherwise)));
  return errands;
}

}  // namespace

Task<void> examine_slack(Doctor::Parts& parts) {
  auto reach = parts.start(parts.examiner->reach(), "slack");
  const bool reached = co_await tell_of(parts, std::move(reach));
  if (auto proxy = proxy_finding(*parts.config->slack, reached ? Reached::yes : Reached::no))
    parts.tell(std::move(*proxy));
  if (!reached) {
    parts.tell(not_checked("tokens, scopes, clock, channels and groups", "Slack does not answer"));
    co_return;
  }
  auto app_token = parts.start(parts.examiner->app_token(), "slack app token");
  auto bot_token = parts.start(parts.examiner->bot_token(), "slack bot token");
  const bool accepted = co_await tell_of(parts, std::move(bot_token));
  (void)co_await tell_of(parts, std::move(app_token));
  if (!accepted) {
    parts.tell(not_checked("scopes, channels, groups, and whether both tokens are of one app",
                           "the bot token cannot be used"));
    co_return;
  }
  std::vector<DoctorErrand> errands{parts.start(parts.examiner->same_app(), "slack app")};
  for (DoctorErrand& channel : start_channels(parts)) errands.push_back(std::move(channel));
  for (slack::WantedGroup& group : wanted_groups(parts)) {
    const std::string what = slack::title_of(group);
    errands.push_back(parts.start(parts.examiner->group(std::move(group)), what));
  }
  for (DoctorErrand& errand : errands) (void)co_await tell_of(parts, std::move(errand));
}

}  // namespace jitbot

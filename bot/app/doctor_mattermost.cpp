#include "bot/app/doctor_parts.hpp"
#include "bot/app/outbound.hpp"

#include <fmt/format.h>

// Everything that is asked of a Mattermost server.
namespace jitbot {

namespace {

void make_examiner(Doctor::Parts& parts) {
  const MattermostSettings& settings = *parts.config->mattermost;
  mattermost::ExaminerOptions options;
  options.url = settings.url;
  options.token = settings.token;
  options.team = settings.team;
  options.attempt = parts.options.patience * 2 / 5;
  options.patience = parts.options.patience * 4 / 5;
  parts.mattermost_http = std::make_unique<net::HttpClient>(http_options(settings.out));
  parts.mattermost = std::make_unique<mattermost::Examiner>(parts.ports.clock, parts.ports.random,
                                                            *parts.mattermost_http, std::move(options));
}

mattermost::Examiner::Reliance reliance_of(const Config& config) {
  using Emails = mattermost::Examiner::Reliance::Emails;
  mattermost::Examiner::Reliance reliance;
  if (config.mattermost->callbacks) reliance.callbacks_url = config.mattermost->callbacks->url;
  if (config.identity == Identity::trusted && config.slack) reliance.emails = Emails::link;
  return reliance;
}

}  // namespace

Task<void> examine_mattermost(Doctor::Parts& parts) {
  make_examiner(parts);
  if (parts.config->mattermost->callbacks) {
    auto callbacks = parts.start(examine_callbacks(parts), "callbacks");
    (void)co_await tell_of(parts, std::move(callbacks));
  }
  auto reach = parts.start(parts.mattermost->reach(), "mattermost");
  const bool reached = co_await tell_of(parts, std::move(reach));
  if (!reached) co_return;
  auto token = parts.start(parts.mattermost->token(), "mattermost token");
  const bool accepted = co_await tell_of(parts, std::move(token));
  if (!accepted) co_return;
  std::vector<DoctorErrand> errands;
  errands.push_back(
      parts.start(parts.mattermost->settings(reliance_of(*parts.config)), "mattermost settings"));
  for (PlaceInUse& place : channels_of(parts, "mattermost")) {
    const std::string what = fmt::format("channel {} ({})", place.channel, place.used_by);
    errands.push_back(
        parts.start(parts.mattermost->channel(std::move(place.channel), std::move(place.used_by)), what));
  }
  for (const auto& [name, from] : groups_of(parts, "mattermost"))
    errands.push_back(
        parts.start(parts.mattermost->group(name, from), fmt::format("group {} ({})", name, from)));
  for (DoctorErrand& errand : errands) (void)co_await tell_of(parts, std::move(errand));
}

}  // namespace jitbot

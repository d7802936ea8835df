#include "adapters/chat/read/json_read.hpp"
#include "adapters/net/url.hpp"
#include "bot/app/demo/mattermost/build.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace jitbot::town {

namespace {

using chat::number_at;
using chat::text_at;

tl::unexpected<Error> refused(std::string words) {
  return fail(ErrorKind::refused, std::move(words));
}

Task<Result<std::string>> ensure_channel(AdminPtr admin, TownPtr town, Room room) {
  const std::string name = Town::prefixed(room.name);
  auto found =
      co_await admin->look_for("/teams/" + town->team_id + "/channels/name/" + name + "?include_deleted=true",
                               "looking for channel " + name);
  if (!found) co_return tl::unexpected<Error>(found.error());
  if (*found) {
    std::string id = text_at(**found, {"id"});
    if (!text_at(**found, {"header"}).starts_with(k_mark)) {
      co_return refused(
          fmt::format("team {} has a channel {} that no demo made; it is left alone, and the demo "
                      "needs the name",
                      town->team, name));
    }
    if (number_at(**found, {"delete_at"}) == 0) co_return id;
    auto restored =
        co_await admin->send("POST", "/channels/" + id + "/restore", nullptr, "restoring channel " + name);
    if (!restored) co_return tl::unexpected<Error>(restored.error());
    co_return id;
  }
  auto made = co_await admin->send("POST", "/channels",
                                   body_of({{"team_id", town->team_id},
                                            {"name", name},
                                            {"display_name", std::string(room.title)},
                                            {"type", room.kind == Room::Kind::open ? "O" : "P"},
                                            {"header", std::string(k_mark)}}),
                                   "making channel " + name);
  if (!made) co_return tl::unexpected<Error>(made.error());
  co_return text_at(**made, {"id"});
}

Task<Result<void>> join(AdminPtr admin, TownPtr town, Inhabitant who) {
  const Resident& resident = town->people.find(who.name)->second;
  for (const std::string_view room : who.channels) {
    auto added = co_await admin->send(
        "POST", "/channels/" + town->channels.find(room)->second + "/members",
        body_of({{"user_id", resident.id}}),
        fmt::format("adding @{} to channel {}", resident.username, Town::prefixed(room)));
    if (!added) co_return tl::unexpected<Error>(added.error());
  }
  co_return Result<void>();
}

// Whoever makes a channel is in it; whoever is in these counts as an approver.
Task<Result<void>> leave_groups(AdminPtr admin, TownPtr town) {
  for (const std::string_view group : {"approvers", "sre"}) {
    const std::string path =
        fmt::format("/channels/{}/members/{}", town->channels.find(group)->second, town->admin);
    const std::string step = "leaving channel " + Town::prefixed(group);
    auto member = co_await admin->look_for(path, step);
    if (!member) co_return tl::unexpected<Error>(member.error());
    if (!*member) continue;
    auto left = co_await admin->send("DELETE", path, nullptr, step);
    if (!left) co_return tl::unexpected<Error>(left.error());
  }
  co_return Result<void>();
}

}  // namespace

Task<Result<void>> build_team(AdminPtr admin, TownPtr town) {
  auto team = co_await admin->look_for("/teams/name/" + net::percent_encode(town->team),
                                       "looking for team " + town->team);
  if (!team) co_return tl::unexpected<Error>(team.error());
  if (*team && number_at(**team, {"delete_at"}) > 0) {
    co_return refused(
        fmt::format("team {} is archived; restore it in the System Console, or name another one "
                    "with --team",
                    town->team));
  }
  if (*team && town->own_team && text_at(**team, {"display_name"}) != k_team_title) {
    co_return refused(fmt::format("there is a team {} that no demo made; if it is meant, say so: --team {}",
                                  town->team, town->team));
  }
  if (*team) {
    town->team_id = text_at(**team, {"id"});
    co_return Result<void>();
  }
  if (!town->own_team) co_return refused("there is no team " + town->team + " on this server");
  auto made = co_await admin->send(
      "POST", "/teams",
      body_of({{"name", town->team}, {"display_name", std::string(k_team_title)}, {"type", "I"}}),
      "making team " + town->team);
  if (!made) co_return tl::unexpected<Error>(made.error());
  town->team_id = text_at(**made, {"id"});
  co_return Result<void>();
}

Task<Result<void>> build_channels(AdminPtr admin, TownPtr town) {
  for (const Room& room : rooms()) {
    auto id = co_await ensure_channel(admin, town, room);
    if (!id) co_return tl::unexpected<Error>(id.error());
    town->channels.insert_or_assign(std::string(room.name), *id);
  }
  for (const Inhabitant& who : inhabitants()) {
    auto joined = co_await join(admin, town, who);
    if (!joined) co_return joined;
  }
  co_return co_await leave_groups(admin, town);
}

}  // namespace jitbot::town

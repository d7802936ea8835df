#include "adapters/chat/mattermost/setup.hpp"
#include "adapters/chat/read/json_read.hpp"
#include "bot/app/demo/mattermost/build.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace jitbot::town {

namespace {

using chat::flag_at;
using chat::text_at;
using Json = nlohmann::json;

constexpr std::string_view k_trigger = "jit";
// A bot that starts looks back for twenty hours, by the server's clock; this one, whose store is new, would
// do once more what an earlier demo was asked.
constexpr Millis k_heard = 21h;

tl::unexpected<Error> refused(std::string words) {
  return fail(ErrorKind::refused, std::move(words));
}

// The /jit of the team; null: there is none.
Task<Result<JsonPtr>> find_command(AdminPtr admin, TownPtr town) {
  auto listed = co_await admin->get("/commands?custom_only=true&team_id=" + town->team_id,
                                    "looking at the team's slash commands");
  if (!listed) co_return listed;
  const JsonPtr all = *listed;
  if (!all->is_array()) co_return JsonPtr();
  for (const Json& command : *all) {
    if (text_at(command, {"trigger"}) == k_trigger && text_at(command, {"team_id"}) == town->team_id)
      co_return body_of(command);
  }
  co_return JsonPtr();
}

Task<Result<void>> note_command(AdminPtr admin, TownPtr town) {
  auto command = co_await find_command(admin, town);
  if (!command) co_return tl::unexpected<Error>(command.error());
  if (*command) town->command = text_at(**command, {"id"});
  co_return Result<void>();
}

Task<Result<void>> forget_words(AdminPtr admin, TownPtr town, std::string channel, Time since) {
  const std::string step = "looking for what an earlier demo was asked";
  auto path = fmt::format("/channels/{}/posts?since={}", channel, to_ms(since));
  auto listed = co_await admin->get(std::move(path), step);
  if (!listed) co_return tl::unexpected<Error>(listed.error());
  const JsonPtr body = *listed;
  const Json* posts = chat::member(*body, "posts");
  if (posts == nullptr || !posts->is_object()) co_return Result<void>();
  for (const Json& post : *posts) {
    const std::string author = text_at(post, {"user_id"});
    const auto wrote = [&author](const auto& one) { return one.second.id == author; };
    const bool theirs = std::ranges::any_of(town->people, wrote) && text_at(post, {"type"}).empty();
    if (!theirs || chat::number_at(post, {"delete_at"}) != 0 || !text_at(post, {"original_id"}).empty())
      continue;
    auto gone = co_await admin->send("DELETE", "/posts/" + text_at(post, {"id"}), nullptr, step);
    if (!gone) co_return tl::unexpected<Error>(gone.error());
  }
  co_return Result<void>();
}

Task<Result<void>> forget_all_words(AdminPtr admin, TownPtr town, Time since) {
  std::vector<std::string> channels;
  for (const auto& [name, id] : town->channels) channels.push_back(id);
  for (const auto& [name, resident] : town->people) {
    auto direct =
        co_await admin->send("POST", "/channels/direct", body_of(Json::array({resident.id, town->bot})),
                             "looking for messages to the bot");
    if (!direct) co_return tl::unexpected<Error>(direct.error());
    channels.push_back(text_at(**direct, {"id"}));
  }
  for (std::string& channel : channels) {
    auto done = co_await forget_words(admin, town, std::move(channel), since);
    if (!done) co_return done;
  }
  co_return Result<void>();
}

// The bot's account, an earlier demo's; null: there is none.
Task<Result<JsonPtr>> find_account(AdminPtr admin, TownPtr town) {
  const std::string name = town->bot_name();
  auto user = co_await admin->look_for("/users/username/" + name, "looking for @" + name);
  if (!user || !*user) co_return user;
  if (flag_at(**user, {"is_bot"}) && text_at(**user, {"bot_description"}) == k_mark) co_return user;
  co_return refused(fmt::format(
      "there is an account @{} that no demo made; it is left alone, and the demo needs the name", name));
}

Task<Result<void>> ensure_account(AdminPtr admin, TownPtr town, Time now) {
  auto user = co_await find_account(admin, town);
  if (!user) co_return tl::unexpected<Error>(user.error());
  if (*user) {
    town->bot = text_at(**user, {"id"});
    co_return co_await forget_all_words(admin, town, now - k_heard);
  }
  auto made = co_await admin->send("POST", "/bots",
                                   body_of({{"username", town->bot_name()},
                                            {"display_name", "jitbot of the demo"},
                                            {"description", std::string(k_mark)}}),
                                   "making the bot's account");
  if (!made) co_return tl::unexpected<Error>(made.error());
  town->bot = text_at(**made, {"user_id"});
  co_return Result<void>();
}

mattermost::SetupWish wish_of(const Town& town) {
  mattermost::SetupWish wish;
  wish.team = town.team;
  wish.username = town.bot_name();
  for (const Room& room : rooms()) wish.channels.push_back(Town::prefixed(room.name));
  wish.callbacks_url = town.callbacks_url;
  return wish;
}

}  // namespace

Task<Result<void>> check_alone(AdminPtr admin, TownPtr town) {
  auto bot = co_await find_account(admin, town);
  if (!bot) co_return tl::unexpected<Error>(bot.error());
  if (!*bot) co_return Result<void>();
  auto status = co_await admin->get("/users/" + text_at(**bot, {"id"}) + "/status",
                                    "asking whether a demo runs already");
  if (!status) co_return tl::unexpected<Error>(status.error());
  if (text_at(**status, {"status"}) != "online") co_return Result<void>();
  co_return refused(
      fmt::format("a demo is running on this server already: @{} is online. End it first; if it "
                  "was killed, the server notices within two minutes",
                  town->bot_name()));
}

Task<Result<void>> check_command(AdminPtr admin, TownPtr town) {
  auto command = co_await find_command(admin, town);
  if (!command) co_return tl::unexpected<Error>(command.error());
  if (!*command || text_at(**command, {"username"}) == town->bot_name()) co_return Result<void>();
  co_return refused(
      fmt::format("team {} has a slash command /{} that no demo made; it is left alone. Play without "
                  "it (--manner reactions), or in the demo's own team (no --team)",
                  town->team, k_trigger));
}

Task<Result<void>> build_bot(AdminPtr admin, TownPtr town, std::function<mattermost::Rest(Secret)> rest_with,
                             Time now) {
  auto account = co_await ensure_account(admin, town, now);
  if (!account) co_return account;
  std::function<void(const mattermost::SetupStep&)> tell = [](const mattermost::SetupStep& step) {
    spdlog::info("demo: {}", step.words);
  };
  auto wish = wish_of(*town);
  auto made =
      co_await mattermost::set_up(admin->rest(), std::move(rest_with), std::move(wish), std::move(tell));
  if (!made) {
    const Error& error = made.error();
    co_return fail(error.kind, fmt::format("setting the bot up: {} ({})", error.message, error.detail));
  }
  town->bot_token = made->token;
  town->command_token = made->command_token;
  if (!town->presses()) co_return Result<void>();
  co_return co_await note_command(admin, town);
}

}  // namespace jitbot::town

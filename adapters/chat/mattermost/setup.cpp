#include "adapters/chat/mattermost/setup.hpp"

#include "adapters/chat/mattermost/ids.hpp"
#include "adapters/chat/mattermost/setup_settings.hpp"
#include "adapters/chat/read/json_read.hpp"
#include "adapters/net/url.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace jitbot::mattermost {

namespace {

using Json = nlohmann::json;
using JsonPtr = std::shared_ptr<const Json>;
using chat::flag_at;
using chat::number_at;
using chat::text_at;
using What = SetupStep::What;

constexpr int k_not_found = 404;
constexpr std::string_view k_trigger = "jit";  // what the bot tells people to type

// What the steps share. Lives as long as set_up().
struct Setup {
  Rest& admin;
  std::function<Rest(Secret)> rest_with;
  SetupWish wish;
  std::function<void(const SetupStep&)> tell;
  std::string team;  // ids
  std::string bot;
};
using SetupPtr = std::shared_ptr<Setup>;

JsonPtr body_of(Json json) {
  return std::make_shared<const Json>(std::move(json));
}

Error stopped_at(std::string_view step, const RestFault& fault) {
  return {fault.error.kind, fmt::format("{}: {}", step, fault.error.message), fault.error.detail};
}

// Nothing: there is none.
Task<Result<JsonPtr>> look_for(SetupPtr setup, std::string path, std::string step) {
  auto found = co_await setup->admin.get(std::move(path));
  if (found) co_return found->body;
  if (found.error().status == k_not_found) co_return JsonPtr();
  co_return tl::unexpected<Error>(stopped_at(step, found.error()));
}

Task<Result<JsonPtr>> make(SetupPtr setup, std::string path, JsonPtr body, std::string step) {
  RestCall call;
  call.method = "POST";
  call.path = std::move(path);
  call.body = std::move(body);
  call.repeat = Repeat::unsent;
  auto made = co_await setup->admin.call(std::move(call));
  if (made) co_return made->body;
  co_return tl::unexpected<Error>(stopped_at(step, made.error()));
}

Task<Result<void>> check_administrator(SetupPtr setup) {
  auto me = co_await setup->admin.get(k_who_am_i);
  if (!me) co_return tl::unexpected<Error>(stopped_at("the administrator's token", me.error()));
  const std::string roles = " " + text_at(*me->body, {"roles"}) + " ";
  if (roles.find(" system_admin ") == std::string::npos) {
    co_return fail(
        ErrorKind::refused,
        fmt::format("@{} is no system administrator of this server", text_at(*me->body, {"username"})),
        "roles:" + roles);
  }
  co_return Result<void>();
}

Task<Result<void>> find_team(SetupPtr setup) {
  auto team = co_await look_for(setup, "/teams/name/" + net::percent_encode(setup->wish.team), "the team");
  if (!team) co_return tl::unexpected<Error>(team.error());
  if (!*team) co_return fail(ErrorKind::not_found, "there is no team " + setup->wish.team, "teams/name: 404");
  setup->team = text_at(**team, {"id"});
  co_return Result<void>();
}

Task<Result<void>> enable_bot(SetupPtr setup) {
  auto enabled = co_await make(setup, "/bots/" + setup->bot + "/enable", nullptr, "enabling the bot");
  if (!enabled) co_return tl::unexpected<Error>(enabled.error());
  setup->tell({What::done, fmt::format("@{} was disabled, and is enabled again", setup->wish.username)});
  co_return Result<void>();
}

Task<Result<void>> ensure_bot(SetupPtr setup) {
  const std::string& name = setup->wish.username;
  auto user = co_await look_for(setup, "/users/username/" + net::percent_encode(name), "the bot account");
  if (!user) co_return tl::unexpected<Error>(user.error());
  if (*user) {
    setup->bot = text_at(**user, {"id"});
    if (!flag_at(**user, {"is_bot"})) {
      co_return fail(ErrorKind::refused,
                     fmt::format("@{} is a person's account; choose another name with --username", name),
                     "is_bot is false");
    }
    if (number_at(**user, {"delete_at"}) > 0) co_return co_await enable_bot(setup);
    setup->tell({What::there, fmt::format("bot account @{}", name)});
    co_return Result<void>();
  }
  auto bot = co_await make(setup, "/bots",
                           body_of({{"username", name},
                                    {"display_name", "jitbot"},
                                    {"description", "Just-in-time access, approved here"}}),
                           "making the bot account");
  if (!bot) co_return tl::unexpected<Error>(bot.error());
  setup->bot = text_at(**bot, {"user_id"});
  setup->tell({What::done, fmt::format("bot account @{} made", name)});
  co_return Result<void>();
}

// Whether the token of an earlier run still is the bot's.
Task<bool> token_works(SetupPtr setup) {
  if (setup->wish.known_token.empty()) co_return false;
  Rest bot = setup->rest_with(setup->wish.known_token);
  auto me = co_await bot.get(k_who_am_i);
  co_return me&& text_at(*me->body, {"id"}) == setup->bot;
}

Task<Result<Secret>> ensure_token(SetupPtr setup) {
  const bool works = co_await token_works(setup);
  if (works) {
    setup->tell({What::there, "the bot's token works"});
    co_return setup->wish.known_token;
  }
  auto token = co_await make(setup, "/users/" + setup->bot + "/tokens", body_of({{"description", "jitbot"}}),
                             "making the bot's token");
  if (!token) co_return tl::unexpected<Error>(token.error());
  setup->tell({What::done, "a token for the bot made"});
  Secret made(text_at(**token, {"token"}));
  const auto kept = setup->wish.keep_token ? setup->wish.keep_token(made) : Result<void>();
  if (!kept) co_return tl::unexpected<Error>(kept.error());
  co_return made;
}

Task<Result<void>> ensure_in_team(SetupPtr setup) {
  const std::string path = "/teams/" + setup->team + "/members";
  auto member = co_await look_for(setup, path + "/" + setup->bot, "the team's members");
  if (!member) co_return tl::unexpected<Error>(member.error());
  if (*member && number_at(**member, {"delete_at"}) == 0) {
    setup->tell({What::there, "the bot is in team " + setup->wish.team});
    co_return Result<void>();
  }
  auto added = co_await make(setup, path, body_of({{"team_id", setup->team}, {"user_id", setup->bot}}),
                             "adding the bot to the team");
  if (!added) co_return tl::unexpected<Error>(added.error());
  setup->tell({What::done, "the bot added to team " + setup->wish.team});
  co_return Result<void>();
}

Task<Result<void>> ensure_in_channel(SetupPtr setup, std::string named) {
  const std::string name = named.starts_with('#') ? named.substr(1) : named;
  auto channel =
      co_await look_for(setup,
                        is_id(name) ? "/channels/" + name
                                    : "/teams/" + setup->team + "/channels/name/" + net::percent_encode(name),
                        "channel " + name);
  if (!channel) co_return tl::unexpected<Error>(channel.error());
  if (!*channel) {
    setup->tell({What::wanting,
                 fmt::format("there is no channel {} in this team; make it, and run this again", name)});
    co_return Result<void>();
  }
  const std::string path = "/channels/" + text_at(**channel, {"id"}) + "/members";
  auto member = co_await look_for(setup, path + "/" + setup->bot, "the members of " + name);
  if (!member) co_return tl::unexpected<Error>(member.error());
  if (*member) {
    setup->tell({What::there, "the bot is in channel " + name});
    co_return Result<void>();
  }
  auto added =
      co_await make(setup, path, body_of({{"user_id", setup->bot}}), "adding the bot to channel " + name);
  if (!added) co_return tl::unexpected<Error>(added.error());
  setup->tell({What::done, "the bot added to channel " + name});
  co_return Result<void>();
}

Json command_of(const Setup& setup) {
  return {{"team_id", setup.team},
          {"method", "P"},
          {"trigger", std::string(k_trigger)},
          {"url", setup.wish.callbacks_url + "/command"},
          {"username", setup.wish.username},
          {"auto_complete", true},
          {"auto_complete_desc", "Ask for access, and decide on it"},
          {"auto_complete_hint", "request | approve | deny | mine | pending | help"},
          {"display_name", "jitbot"},
          {"description", "Just-in-time access, approved here"}};
}

// The address may have moved; the name that it answers by is ours.
Task<Result<Secret>> mend_command(SetupPtr setup, Json command) {
  if (text_at(command, {"username"}) != setup->wish.username) {
    co_return fail(
        ErrorKind::refused,
        fmt::format("team {} has a slash command /{} of somebody else's; remove it there, or leave "
                    "--callbacks-url out",
                    setup->wish.team, k_trigger),
        "commands: its username is another");
  }
  const Json wanted = command_of(*setup);
  command.update(wanted);
  const std::string id = text_at(command, {"id"});
  auto changed = co_await setup->admin.put("/commands/" + id, body_of(command));
  if (!changed) co_return tl::unexpected<Error>(stopped_at("changing the slash command", changed.error()));
  setup->tell(
      {What::done, fmt::format("slash command /{} now reaches {}", k_trigger, text_at(wanted, {"url"}))});
  co_return Secret(text_at(command, {"token"}));
}

std::string left_over() {
  return fmt::format("remove the slash command /{} of an earlier set-up: without callbacks it reaches nobody",
                     k_trigger);
}

Task<Result<Secret>> ensure_command(SetupPtr setup) {
  if (setup->wish.callbacks_url.empty())
    setup->tell({What::there, "no callbacks: people write to the bot, or mention it"});
  auto listed = co_await setup->admin.get("/commands?custom_only=true&team_id=" + setup->team);
  if (!listed && setup->wish.callbacks_url.empty()) co_return Secret();  // they may be switched off
  if (!listed) co_return tl::unexpected<Error>(stopped_at("the slash commands", listed.error()));
  for (const Json& command : listed->body->is_array() ? *listed->body : Json::array()) {
    if (text_at(command, {"trigger"}) != k_trigger) continue;
    if (setup->wish.callbacks_url.empty()) {
      if (text_at(command, {"username"}) == setup->wish.username) setup->tell({What::wanting, left_over()});
      co_return Secret();
    }
    const bool same = text_at(command, {"url"}) == setup->wish.callbacks_url + "/command" &&
                      text_at(command, {"method"}) == "P";
    if (!same) co_return co_await mend_command(setup, command);
    setup->tell({What::there, fmt::format("slash command /{}", k_trigger)});
    co_return Secret(text_at(command, {"token"}));
  }
  if (setup->wish.callbacks_url.empty()) co_return Secret();
  auto made = co_await make(setup, "/commands", body_of(command_of(*setup)), "making the slash command");
  if (!made) co_return tl::unexpected<Error>(made.error());
  setup->tell({What::done, fmt::format("slash command /{} made", k_trigger)});
  co_return Secret(text_at(**made, {"token"}));
}

// What the server does not allow, or will not do, as its settings are.
Task<Result<void>> look_at_settings(SetupPtr setup) {
  auto config = co_await setup->admin.get("/config");
  if (!config) {
    setup->tell({What::wanting,
                 "the server's settings cannot be read with this token; see them in the System Console"});
    co_return Result<void>();
  }
  for (Lack& lack : lacking_settings(*config->body, setup->wish.callbacks_url))
    setup->tell({What::wanting, std::move(lack.words)});
  co_return Result<void>();
}

}  // namespace

Task<Result<SetupDone>> set_up(Rest& admin, std::function<Rest(Secret)> rest_with, SetupWish wish,
                               std::function<void(const SetupStep&)> tell) {
  const SetupPtr setup =
      std::make_shared<Setup>(Setup{admin, std::move(rest_with), std::move(wish), std::move(tell), {}, {}});
  constexpr std::array k_first{check_administrator, look_at_settings, find_team, ensure_bot};
  for (const auto step : k_first) {
    auto done = co_await step(setup);
    if (!done) co_return tl::unexpected<Error>(done.error());
  }
  auto token = co_await ensure_token(setup);
  if (!token) co_return tl::unexpected<Error>(token.error());
  auto in_team = co_await ensure_in_team(setup);
  if (!in_team) co_return tl::unexpected<Error>(in_team.error());
  for (const std::string& channel : setup->wish.channels) {
    auto in_channel = co_await ensure_in_channel(setup, channel);
    if (!in_channel) co_return tl::unexpected<Error>(in_channel.error());
  }
  auto command = co_await ensure_command(setup);
  if (!command) co_return tl::unexpected<Error>(command.error());
  co_return SetupDone{std::move(*token), std::move(*command)};
}

}  // namespace jitbot::mattermost

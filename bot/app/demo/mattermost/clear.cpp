#include "adapters/chat/read/json_read.hpp"
#include "bot/app/demo/mattermost/build.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ostream>
#include <vector>

namespace jitbot::town {

namespace {

using chat::text_at;
using Json = nlohmann::json;

// One kind of thing after the other; what cannot be done is said, and the next is tried.
struct Clearing {
  AdminPtr admin;
  TownPtr town;
  std::ostream& out;
  bool all = true;
  bool silent = false;  // the server does not answer: nothing more is tried

  void say(std::string_view what, const std::string& things) const {
    if (!things.empty()) out << fmt::format("  {:<12} {}\n", what, things) << std::flush;
  }
};
using ClearingPtr = std::shared_ptr<Clearing>;

Task<bool> undo(ClearingPtr clearing, std::string method, std::string path, JsonPtr body, std::string step) {
  if (clearing->silent) {
    clearing->all = false;
    co_return false;
  }
  auto done =
      co_await clearing->admin->send(std::move(method), std::move(path), std::move(body), std::move(step));
  if (done) co_return true;
  clearing->all = false;
  clearing->silent =
      done.error().kind == ErrorKind::unavailable || done.error().kind == ErrorKind::outcome_unknown;
  clearing->say("NOT done", done.error().message);
  co_return false;
}

void add(std::string& list, const std::string& name) {
  list += (list.empty() ? "" : ", ") + name;
}

Task<void> clear_command(ClearingPtr clearing) {
  const std::string id = clearing->town->command;
  if (id.empty()) co_return;
  const bool gone =
      co_await undo(clearing, "DELETE", "/commands/" + id, nullptr, "removing the slash command /jit");
  if (gone) clearing->say("removed", "the slash command /jit");
}

Task<void> revoke_tokens(ClearingPtr clearing) {
  auto tokens = co_await clearing->admin->get("/users/" + clearing->town->bot + "/tokens?per_page=200",
                                              "looking at the bot's tokens");
  if (!tokens) {
    clearing->all = false;
    clearing->silent =
        tokens.error().kind == ErrorKind::unavailable || tokens.error().kind == ErrorKind::outcome_unknown;
    clearing->say("NOT done", tokens.error().message);
    co_return;
  }
  const JsonPtr all = *tokens;
  if (!all->is_array()) co_return;
  for (const Json& token : *all) {
    auto body = body_of({{"token_id", text_at(token, {"id"})}});
    (void)co_await undo(clearing, "POST", "/users/tokens/revoke", std::move(body),
                        "revoking the bot's token");
  }
}

Task<void> clear_bot(ClearingPtr clearing) {
  const Town& town = *clearing->town;
  if (town.bot.empty() || clearing->silent) co_return;
  co_await revoke_tokens(clearing);
  const std::string about = "the bot @" + town.bot_name();
  const bool off =
      co_await undo(clearing, "POST", "/bots/" + town.bot + "/disable", nullptr, "disabling " + about);
  if (off) clearing->say("disabled", about + ", and its tokens revoked");
}

Task<void> clear_channels(ClearingPtr clearing) {
  std::string archived;
  for (const auto& [name, id] : clearing->town->channels) {
    const std::string shown = "~" + Town::prefixed(name);
    const bool gone = co_await undo(clearing, "DELETE", "/channels/" + id, nullptr, "archiving " + shown);
    if (gone) add(archived, shown);
  }
  clearing->say("archived", archived);
}

Task<void> clear_people(ClearingPtr clearing) {
  std::string deactivated;
  for (const auto& [name, resident] : clearing->town->people) {
    const std::string shown = "@" + resident.username;
    auto body = body_of({{"active", false}});
    const bool gone = co_await undo(clearing, "PUT", "/users/" + resident.id + "/active", std::move(body),
                                    "deactivating " + shown);
    if (gone) add(deactivated, shown);
  }
  clearing->say("deactivated", deactivated);
}

std::string staying(const Town& town) {
  std::vector<std::string> stays;
  if (town.own_team) stays.push_back("team " + town.team);
  if (!town.channels.empty()) stays.emplace_back("what was written");
  if (stays.empty()) return {};
  return fmt::format("{}; a next demo takes all of it up again", fmt::join(stays, ", and "));
}

std::string left_as_it_is(const Town& town) {
  return fmt::format(
      "people, channels and bot as they are: all named {}…, in team {}. A next demo takes them up "
      "again; until then deactivate and archive them in the System Console",
      k_prefix, town.team);
}

}  // namespace

Task<bool> clear(AdminPtr admin, TownPtr town, std::ostream& out) {
  if (town->team_id.empty()) co_return true;
  auto clearing = std::make_shared<Clearing>(Clearing{std::move(admin), std::move(town), out});
  out << "\nTaken back on " << clearing->town->url << ":\n";
  co_await clear_command(clearing);
  co_await clear_bot(clearing);
  co_await clear_channels(clearing);
  co_await clear_people(clearing);
  clearing->say("stays", clearing->silent ? left_as_it_is(*clearing->town) : staying(*clearing->town));
  co_return clearing->all;
}

}  // namespace jitbot::town

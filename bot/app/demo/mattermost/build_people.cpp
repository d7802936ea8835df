#include "adapters/chat/read/json_read.hpp"
#include "adapters/net/url.hpp"
#include "bot/app/demo/mattermost/build.hpp"
#include "bot/app/demo/private_postgres.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace jitbot::town {

namespace {

using chat::number_at;
using chat::text_at;
using Json = nlohmann::json;

constexpr int k_not_possible = 501;
constexpr std::size_t k_random_part = 14;

// Whatever the server asks of passwords: small and capital letters, a digit, a sign.
Secret password() {
  return Secret("Jit-7" + generate_password().reveal().substr(0, k_random_part));
}

std::string email_of(std::string_view name) {
  return fmt::format("{}@{}", name, k_domain);
}

JsonPtr as_new(const Inhabitant& who, const Resident& resident) {
  return body_of({{"username", resident.username},
                  {"email", email_of(who.name)},
                  {"email_verified", true},
                  {"first_name", std::string(who.name)},
                  {"last_name", fmt::format("({})", who.title)},
                  {"position", std::string(k_mark)},
                  {"password", resident.password.reveal()},
                  {"disable_welcome_email", true}});
}

bool is_ours(const Json& user, const Inhabitant& who) {
  return text_at(user, {"email"}) == email_of(who.name) && text_at(user, {"position"}) == k_mark;
}

// One of an earlier demo, who was deactivated when it ended.
Task<Result<void>> take_up(AdminPtr admin, Resident resident, JsonPtr user) {
  const std::string path = "/users/" + resident.id;
  const std::string about = "@" + resident.username;
  if (number_at(*user, {"delete_at"}) > 0) {
    auto active =
        co_await admin->send("PUT", path + "/active", body_of({{"active", true}}), "reactivating " + about);
    if (!active) co_return tl::unexpected<Error>(active.error());
  }
  auto changed =
      co_await admin->send("PUT", path + "/password", body_of({{"new_password", resident.password.reveal()}}),
                           "giving " + about + " a new password");
  if (!changed) co_return tl::unexpected<Error>(changed.error());
  co_return Result<void>();
}

Task<Result<JsonPtr>> ensure_person(AdminPtr admin, TownPtr town, Inhabitant who) {
  Resident resident{{}, Town::prefixed(who.name), password()};
  auto user =
      co_await admin->look_for("/users/username/" + resident.username, "looking for @" + resident.username);
  if (!user) co_return user;
  if (*user && !is_ours(**user, who)) {
    co_return fail(ErrorKind::refused,
                   fmt::format("there is an account @{} that no demo made; it is left alone, and the demo "
                               "needs the name",
                               resident.username));
  }
  if (*user) {
    resident.id = text_at(**user, {"id"});
    town->people.insert_or_assign(std::string(who.name), resident);
    auto taken = co_await take_up(admin, resident, *user);
    if (!taken) co_return tl::unexpected<Error>(taken.error());
    co_return user;
  }
  auto made = co_await admin->send("POST", "/users", as_new(who, resident), "making @" + resident.username);
  if (!made) co_return made;
  resident.id = text_at(**made, {"id"});
  town->people.insert_or_assign(std::string(who.name), resident);
  co_return made;
}

Task<Result<void>> join_team(AdminPtr admin, TownPtr town, std::string name) {
  const Resident& resident = town->people.at(name);
  auto body = body_of({{"team_id", town->team_id}, {"user_id", resident.id}});
  auto added = co_await admin->send("POST", "/teams/" + town->team_id + "/members", std::move(body),
                                    "adding @" + resident.username + " to team " + town->team);
  if (!added) co_return tl::unexpected<Error>(added.error());
  co_return Result<void>();
}

// Guests need a licence and a setting; a server without says so when it is asked for one.
Task<Result<void>> make_guest(AdminPtr admin, TownPtr town, JsonPtr user) {
  if (text_at(*user, {"roles"}).find("system_guest") != std::string::npos) co_return Result<void>();
  const std::string id = text_at(*user, {"id"});
  mattermost::RestCall call;
  call.method = "POST";
  call.path = "/users/" + id + "/demote";
  call.repeat = mattermost::Repeat::unsent;
  auto demoted = co_await admin->rest().call(std::move(call));
  if (demoted) co_return Result<void>();
  if (demoted.error().status == k_not_possible) {
    town->no_guests = "this server has no guest accounts (they need a licence, and GuestAccountsSettings)";
    co_return Result<void>();
  }
  co_return fail(demoted.error().error.kind, "making a guest: " + words_of(demoted.error()));
}

}  // namespace

Task<Result<void>> build_people(AdminPtr admin, TownPtr town) {
  for (const Inhabitant& who : inhabitants()) {
    std::string name(who.name);
    auto user = co_await ensure_person(admin, town, who);
    if (!user) co_return tl::unexpected<Error>(user.error());
    if (name == "sam") continue;
    auto joined = co_await join_team(admin, town, name);
    if (!joined) co_return joined;
    if (name != "gina") continue;
    auto guest = co_await make_guest(admin, town, *user);
    if (!guest) co_return guest;
  }
  co_return Result<void>();
}

}  // namespace jitbot::town

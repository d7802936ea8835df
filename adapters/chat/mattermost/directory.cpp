#include "adapters/chat/mattermost/directory.hpp"

#include "adapters/chat/mattermost/groups.hpp"
#include "adapters/chat/mattermost/ids.hpp"
#include "adapters/chat/mattermost/text_in.hpp"
#include "adapters/chat/read/json_read.hpp"
#include "adapters/net/url.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>

namespace jitbot::mattermost {

namespace {

using Json = nlohmann::json;

using chat::flag_at;
using chat::member;
using chat::text_at;

bool has_role(std::string_view roles, std::string_view role) {
  while (!roles.empty()) {
    const auto space = std::min(roles.find(' '), roles.size());
    if (roles.substr(0, space) == role) return true;
    roles.remove_prefix(std::min(space + 1, roles.size()));
  }
  return false;
}

// A guest's role is system_guest in place of system_user.
bool is_guest(const Json& user) {
  const std::string roles = text_at(user, {"roles"});
  return has_role(roles, "system_guest") || !has_role(roles, "system_user");
}

// Somebody of another server, shown here by a shared channel, has that server's id.
bool is_remote(const Json& user) {
  const Json* remote = member(user, "remote_id");
  if (remote == nullptr || remote->is_null()) return false;
  return !remote->is_string() || !remote->get_ref<const std::string&>().empty();
}

// When he was deactivated, 0 else.
bool is_deactivated(const Json& user) {
  const Json* deleted = member(user, "delete_at");
  return deleted != nullptr && (!deleted->is_number_integer() || chat::number_at(user, {"delete_at"}) != 0);
}

// Only where the directory says so: servers leave the field out for others than administrators.
bool email_doubted(const Json& user) {
  const Json* verified = member(user, "email_verified");
  return verified != nullptr && verified->is_boolean() && !verified->get<bool>();
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

Result<Person> person_in(const RestReply& reply, const Self& self) {
  if (!is_id(text_at(*reply.body, {"id"}))) {
    return fail(ErrorKind::unavailable, "Mattermost does not describe that person", "users: no user");
  }
  return read_person(*reply.body, self);
}

}  // namespace

std::string zone_in(const Json& user) {
  const bool automatic = text_at(user, {"timezone", "useAutomaticTimezone"}) != "false";
  return text_at(user, {"timezone", automatic ? "automaticTimezone" : "manualTimezone"});
}

Person read_person(const Json& user, const Self& self) {
  Person person;
  person.id = self.principal(text_at(user, {"id"}));
  person.email = clean_text(text_at(user, {"email"}));
  person.email_confirmed = !email_doubted(user);
  person.deactivated = is_deactivated(user);
  person.bot = flag_at(user, {"is_bot"}) || person.id.user == self.user;
  person.guest = is_guest(user);
  person.outsider = is_remote(user);
  person.timezone = zone_in(user);
  person.shown_name = clean_text(text_at(user, {"username"}));
  return person;
}

Task<Result<Person>> PeopleOfMattermost::person(PrincipalId id) {
  if (id.workspace != self_.workspace() || !is_id(id.user)) {
    co_return fail(ErrorKind::not_found, "nobody here is " + id.user, "not of this server: " + to_string(id));
  }
  const auto reply = co_await rest_.get("/users/" + id.user);
  if (!reply) co_return tl::make_unexpected(reply.error().error);
  auto person = person_in(*reply, self_);
  if (person && person->id != id) {
    co_return fail(ErrorKind::unavailable, "Mattermost describes somebody else", "users: another id");
  }
  if (!person || !may_decide_at_all(*person)) co_return person;
  const auto ours = co_await is_ours(std::move(id));
  if (!ours) co_return tl::make_unexpected(ours.error());
  person->outsider = !*ours;
  co_return person;
}

Task<Result<bool>> PeopleOfMattermost::is_ours(PrincipalId id) {
  auto in_team = co_await is_in_team(rest_, self_.team, id.user);
  if (!in_team || *in_team || !sources_) co_return in_team;
  const auto sources = sources_();
  for (const std::string& source : sources) {
    if (!parse_source(source)) continue;
    const auto people = co_await members(source);
    if (people && people->contains(id)) co_return true;
    // What names nobody at all does not name him either.
    if (!people && people.error().kind != ErrorKind::refused && people.error().kind != ErrorKind::not_found)
      co_return tl::make_unexpected(people.error());
  }
  co_return false;
}

Task<Result<std::set<PrincipalId>>> PeopleOfMattermost::members(std::string group) {
  auto source = parse_source(group);
  if (!source) {
    co_return fail(
        ErrorKind::invalid,
        "\"" + group +
            "\" is no group of Mattermost's; write mattermost:channel/<id>, mattermost:team/<name> or "
            "mattermost:group/<id>",
        "");
  }
  switch (source->kind) {
    case Source::Kind::channel:
      co_return co_await members_of_channel(rest_, std::move(source->id), self_);
    case Source::Kind::group:
      co_return co_await members_of_group(rest_, std::move(source->id), self_);
    case Source::Kind::team:
      co_return co_await members_of_team(rest_, std::move(source->id), self_);
  }
  co_return fail(ErrorKind::internal, "unknown kind of group");
}

Task<Result<Person>> PeopleOfMattermost::by_email(std::string email) {
  RestCall call;
  call.path = "/users/email/" + net::percent_encode(email);
  call.shown = "GET /users/email";
  const auto reply = co_await rest_.call(std::move(call));
  if (!reply) co_return tl::make_unexpected(reply.error().error);
  auto person = person_in(*reply, self_);
  if (person && (person->outsider || lower(person->email) != lower(email))) {
    co_return fail(ErrorKind::not_found, "nobody has that e-mail here",
                   "users/email: an outsider, or another");
  }
  co_return person;
}

}  // namespace jitbot::mattermost

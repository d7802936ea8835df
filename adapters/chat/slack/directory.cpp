#include "adapters/chat/slack/directory.hpp"

#include "adapters/chat/slack/channel_group.hpp"
#include "adapters/chat/slack/json_read.hpp"
#include "adapters/chat/slack/text_in.hpp"

#include <nlohmann/json.hpp>

namespace jitbot::slack {

namespace {

using Json = nlohmann::json;
using Fields = std::vector<net::FormField>;

constexpr std::string_view k_slackbot = "USLACKBOT";  // has is_bot=false
constexpr std::string_view k_group_prefix = "slack:usergroup/";

// is_stranger is there for foreign people only, and its absence proves nothing: the team decides, or on
// Enterprise Grid the organisation.
bool is_outsider(const Json& user, const Self& self) {
  if (flag_at(user, {"is_stranger"})) return true;
  if (!self.team.empty() && text_at(user, {"team_id"}) == self.team) return false;
  if (self.enterprise.empty()) return true;
  return text_at(user, {"enterprise_user", "enterprise_id"}) != self.enterprise;
}

// Only where the directory says so: Slack leaves the field out for people it has nothing to say about.
bool email_doubted(const Json& user) {
  const Json* confirmed = member(user, "is_email_confirmed");
  return confirmed != nullptr && confirmed->is_boolean() && !confirmed->get<bool>();
}

std::string shown_name(const Json& user) {
  for (const char* name : {"display_name", "real_name"}) {
    std::string text = clean_text(text_at(user, {"profile", name}));
    if (!text.empty()) return text;
  }
  return clean_text(text_at(user, {"name"}));
}

Result<Person> person_in(const ApiReply& reply, const Self& self) {
  const Json* user = member(*reply.body, "user");
  if (user == nullptr || !is_user_id(text_at(*user, {"id"}))) {
    return fail(ErrorKind::unavailable, "Slack does not describe that person", "no user in the answer");
  }
  return read_person(*user, self);
}

}  // namespace

Person read_person(const Json& user, const Self& self) {
  Person person;
  person.id = PrincipalId{self.workspace(), text_at(user, {"id"})};
  person.email = clean_text(text_at(user, {"profile", "email"}));
  person.email_confirmed = !email_doubted(user);
  person.deactivated = flag_at(user, {"deleted"});
  // is_app_user tells that somebody installed the app, not that he is one: it counts for nothing here.
  person.bot = flag_at(user, {"is_bot"}) || flag_at(user, {"is_workflow_bot"}) ||
               flag_at(user, {"is_connector_bot"}) || person.id.user == k_slackbot ||
               person.id.user == self.user;
  person.guest = flag_at(user, {"is_restricted"}) || flag_at(user, {"is_ultra_restricted"}) ||
                 flag_at(user, {"is_invited_user"});
  person.outsider = is_outsider(user, self);
  person.timezone = text_at(user, {"tz"});
  person.shown_name = shown_name(user);
  return person;
}

Task<Result<Person>> PeopleOfSlack::person(PrincipalId id) {
  if (id.workspace != self_.workspace() || !is_user_id(id.user)) {
    co_return fail(ErrorKind::not_found, "nobody here is " + id.user,
                   "not of this workspace: " + to_string(id));
  }
  Fields fields;
  fields.push_back({"user", id.user});
  auto reply = co_await api_.call("users.info", std::move(fields));
  if (!reply) co_return tl::make_unexpected(std::move(reply).error().error);
  auto person = person_in(*reply, self_);
  if (person && person->id != id) {
    co_return fail(ErrorKind::unavailable, "Slack describes somebody else", "users.info: another id");
  }
  co_return person;
}

Task<Result<std::set<PrincipalId>>> PeopleOfSlack::members(std::string group) {
  if (auto channel = channel_of_source(group))
    co_return co_await members_of_channel(api_, std::move(*channel), self_);
  if (!group.starts_with(k_group_prefix) || group.size() == k_group_prefix.size()) {
    co_return fail(ErrorKind::invalid,
                   "\"" + group + "\" is no group of Slack's; write slack:usergroup/S… or slack:channel/C…",
                   "");
  }
  Fields fields;
  fields.push_back({"usergroup", group.substr(k_group_prefix.size())});
  auto reply = co_await api_.call("usergroups.users.list", std::move(fields));
  if (!reply) co_return tl::make_unexpected(std::move(reply).error().error);
  const Json* users = member(*reply->body, "users");
  if (users == nullptr || !users->is_array()) {
    co_return fail(ErrorKind::unavailable, "Slack does not list the group",
                   "usergroups.users.list: no users");
  }
  std::set<PrincipalId> members;
  for (const Json& user : *users) {
    if (user.is_string() && is_user_id(user.get_ref<const std::string&>())) {
      members.insert(PrincipalId{self_.workspace(), user.get<std::string>()});
    }
  }
  co_return members;
}

Task<Result<Person>> PeopleOfSlack::by_email(std::string email) {
  Fields fields;
  fields.push_back({"email", email});
  auto reply = co_await api_.call("users.lookupByEmail", std::move(fields));
  if (!reply) co_return tl::make_unexpected(std::move(reply).error().error);
  auto person = person_in(*reply, self_);
  if (person && person->outsider) {
    co_return fail(ErrorKind::not_found, "nobody has that e-mail here", "users.lookupByEmail: an outsider");
  }
  co_return person;
}

}  // namespace jitbot::slack

#include "tests/support/mattermost/attachments.hpp"
#include "tests/support/mattermost/integrations.hpp"
#include "tests/support/mattermost/outgoing.hpp"

#include <algorithm>
#include <array>
#include <map>

// Slash commands [cmd_*].
namespace jitbot::mattermost_stand_in {

namespace {

constexpr std::int64_t k_hook_life_ms = 30LL * 60 * 1000;
constexpr int k_hook_uses = 5;

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

// "/jit  a" is "jit" and " a": one white space alone is taken away.
struct Typed {
  std::string trigger;
  std::string text;
};

Typed typed(const std::string& command) {
  const std::size_t end = std::min(command.find_first_of(" \t\n\r"), command.size());
  Typed result;
  result.trigger = lower(command.substr(1, end - 1));
  if (end < command.size()) result.text = command.substr(end + 1);
  return result;
}

const Command* find_command(const Core& core, const std::string& trigger) {
  for (const Command& command : core.commands) {
    if (command.delete_at == 0 && lower(text_of(command.fields, "trigger")) == trigger) return &command;
  }
  return nullptr;
}

std::vector<std::string> names_after(const std::string& text, char mark) {
  constexpr std::string_view k_letters = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
  std::vector<std::string> names;
  for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1)) {
    const std::size_t end = std::min(text.find_first_not_of(k_letters, at + 1), text.size());
    std::string name = text.substr(at + 1, end - at - 1);
    while (name.ends_with('.')) name.pop_back();
    if (!name.empty()) names.push_back(std::move(name));
  }
  return names;
}

// Members of the team and public channels only [cmd_mentions].
void add_mentions(Core& core, const std::string& text, std::vector<net::FormField>& form) {
  for (const std::string& name : names_after(text, '@')) {
    const User* user = core.user_named(name);
    if (user == nullptr || !core.team_members.contains(user->id)) continue;
    form.push_back({"user_mentions", name});
    form.push_back({"user_mentions_ids", user->id});
  }
  for (const std::string& name : names_after(text, '~')) {
    const Channel* channel = core.channel_named(name);
    if (channel == nullptr || channel->type != "O") continue;
    form.push_back({"channel_mentions", name});
    form.push_back({"channel_mentions_ids", channel->id});
  }
}

// As Go encodes forms: by name, several of one name as they came.
void sort_by_name(std::vector<net::FormField>& form) {
  std::multimap<std::string, std::string> sorted;
  for (net::FormField& field : form) sorted.emplace(std::move(field.name), std::move(field.value));
  form.clear();
  for (const auto& [name, value] : sorted) form.push_back({name, value});
}

Outgoing form_call(Core& core, const Call& call, const Command& command, const std::string& text,
                   const Trigger& trigger, const std::string& hook) {
  const Channel& channel = *core.channel(text_of(call.body, "channel_id"));
  std::vector<net::FormField> form = {{"channel_id", channel.id},
                                      {"channel_name", channel.name},
                                      {"command", "/" + text_of(command.fields, "trigger")},
                                      {"response_url", core.site_url + "/hooks/commands/" + hook},
                                      {"team_domain", text_of(core.team_json, "name")},
                                      {"team_id", core.team},
                                      {"text", text},
                                      {"token", command.token},
                                      {"trigger_id", trigger.whole},
                                      {"user_id", call.user},
                                      {"user_name", core.user(call.user)->username}};
  add_mentions(core, text, form);
  sort_by_name(form);
  Outgoing what;
  what.url = text_of(command.fields, "url");
  what.headers = {{"Accept", "application/json"}, {"Authorization", "Token " + command.token}};
  if (text_of(command.fields, "method") == "G") {
    what.method = "GET";
    what.url += (what.url.find('?') == std::string::npos ? "?" : "&") + net::encode_form(form);
    return what;
  }
  what.headers.push_back({"Content-Type", "application/x-www-form-urlencoded"});
  what.body = net::encode_form(form);
  return what;
}

Answer failed(const std::string& trigger) {
  return failure(500, "api.command.execute_command.failed.app_error",
                 "Command with a trigger of '" + trigger + "' failed.");
}

std::string status_text(int status) {
  const std::array<std::pair<int, const char*>, 8> texts = {{{204, "No Content"},
                                                             {400, "Bad Request"},
                                                             {401, "Unauthorized"},
                                                             {403, "Forbidden"},
                                                             {404, "Not Found"},
                                                             {429, "Too Many Requests"},
                                                             {500, "Internal Server Error"},
                                                             {503, "Service Unavailable"}}};
  for (const auto& [number, text] : texts) {
    if (number == status) return std::to_string(status) + " " + text;
  }
  return std::to_string(status);
}

// What the integration said, as the server understands it; nothing: it makes no sense.
std::optional<Json> understood(Core& core, const Reply& reply) {
  if (!reply.content_type.starts_with("application/json")) return Json{{"text", reply.body}};
  Json answer = Json::parse(reply.body, nullptr, false);
  if (!answer.is_object()) return std::nullopt;
  if (!flag_of(answer, "skip_slack_parsing")) answer["text"] = mentions_from_slack(text_of(answer, "text"));
  if (answer.contains("attachments") && answer["attachments"].is_array())
    answer["attachments"] = kept_attachments(core, answer["attachments"]);
  return answer;
}

Json shown_answer(const Json& answer, const std::string& trigger) {
  Json shown = {{"trigger_id", trigger}, {"skip_slack_parsing", flag_of(answer, "skip_slack_parsing")}};
  for (const char* text :
       {"response_type", "text", "username", "channel_id", "icon_url", "type", "goto_location"})
    shown[text] = text_of(answer, text);
  for (const char* any : {"props", "attachments", "extra_responses"})
    shown[any] = answer.contains(any) ? answer[any] : Json();
  if (!shown["extra_responses"].is_array()) return shown;
  for (Json& extra : shown["extra_responses"]) extra = shown_answer(extra, "");
  return shown;
}

std::optional<Answer> refused(Core& core, const Call& call) {
  const std::string command = text_of(call.body, "command");
  if (command.size() <= 1 || command[0] != '/') return bad_param("command");
  const Channel* channel = core.channel(text_of(call.body, "channel_id"));
  if (channel == nullptr || !channel->members.contains(call.user)) return forbidden();
  if (channel->delete_at != 0) return forbidden();
  // Also in a direct message the client says which team it shows [cmd_in_dm_without_team].
  const std::string team = channel->direct() ? text_of(call.body, "team_id") : channel->team;
  if (team != core.team || !core.team_members.contains(call.user)) return forbidden();
  return std::nullopt;
}

}  // namespace

Task<Answer> execute_command(std::shared_ptr<Core> core, Call call) {
  if (auto refusal = refused(*core, call)) co_return std::move(*refusal);
  const Typed what = typed(text_of(call.body, "command"));
  const Command* found = find_command(*core, what.trigger);
  if (found == nullptr)
    co_return failure(404, "api.command.execute_command.not_found.app_error",
                      "Command with a trigger of '" + what.trigger +
                          "' not found. To send a message beginning with \"/\", try adding an empty space at "
                          "the beginning of the message.");
  const Command command = *found;
  const std::string channel = text_of(call.body, "channel_id");
  core->places[call.user] = channel;
  const Trigger trigger = make_trigger(*core, call.user);
  const std::string hook = core->new_id();
  core->hooks[hook] = {command.id, call.user, channel, text_of(call.body, "root_id"), 0, core->stamp()};
  Outgoing out = form_call(*core, call, command, what.text, trigger, hook);
  const Reply reply = co_await call_out(core, std::move(out));
  if (!reply.came) co_return failed(what.trigger);
  if (reply.status != 200)
    co_return failure(500, "api.command.execute_command.failed_resp.app_error",
                      "Command with a trigger of '" + what.trigger + "' returned response " +
                          status_text(reply.status) + ".");
  const auto answer = understood(*core, reply);
  if (!answer) co_return failed(what.trigger);
  Answered where;
  where.command = &command;
  where.user = call.user;
  where.channel = channel;
  where.root = text_of(call.body, "root_id");
  if (auto refusal = post_answer(*core, where, *answer)) co_return std::move(*refusal);
  co_return good(shown_answer(*answer, trigger.client));
}

Answer delayed_answer(Core& core, const Call& call) {
  const auto found = core.hooks.find(call.parts[0]);
  const bool alive =
      found != core.hooks.end() && to_ms(core.clock.now()) - found->second.create_at < k_hook_life_ms;
  if (!alive) return failure(404, "app.command_webhook.get.missing", "Unable to find the webhook.");
  Hook& hook = found->second;
  const bool json = call.content_type.starts_with("application/json");
  const Json answer = json ? call.body : Json{{"text", call.raw}};
  if (!answer.is_object())
    return failure(400, "web.command_webhook.parse.app_error", "Unable to parse incoming data.");
  if (hook.uses >= k_hook_uses)
    return failure(400, "app.command_webhook.try_use.invalid", "Invalid webhook.");
  hook.uses += 1;
  const auto command = std::ranges::find(core.commands, hook.command, &Command::id);
  Answered where;
  where.command = &*command;
  where.user = hook.user;
  where.channel = hook.channel;
  where.root = hook.root;
  Json converted = answer;
  converted["text"] = mentions_from_slack(text_of(answer, "text"));
  if (auto refusal = post_answer(core, where, converted)) return std::move(*refusal);
  Answer ok;
  ok.text = "ok";
  return ok;
}

}  // namespace jitbot::mattermost_stand_in

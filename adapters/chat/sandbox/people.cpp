#include "adapters/chat/sandbox/people.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <fmt/format.h>

// Commands, messages, shortcuts, Home.
namespace jitbot::sandbox {

using Json = nlohmann::json;

Outcome not_possible(std::string error) {
  Outcome outcome;
  outcome.error = std::move(error);
  return outcome;
}

void post_for_app(Core& core, const AppPost& post, const AppMessage& message) {
  Message out;
  out.channel = post.channel;
  out.user = core.workspace.world.bot.user_id;
  out.bot_id = core.workspace.world.bot.bot_id;
  out.thread_ts = post.thread_ts;
  if (post.in_channel == Switch::off) out.only_for = post.user;
  out.text = message.text;
  out.blocks = message.blocks;
  core.workspace.post(std::move(out));
}

namespace {

struct Where {
  Person* person = nullptr;
  Channel* channel = nullptr;
  std::string error;
};

// Who and where, as the client resolves them: only conversations the person is in.
Where find_where(Core& core, const std::string& user, const std::string& which) {
  Where where;
  where.person = core.workspace.world.find_person(user);
  if (where.person == nullptr) {
    where.error = "user_not_found";
  } else if (where.person->deactivated) {
    where.error = "user_deactivated";
  } else {
    where.channel = core.workspace.resolve(which);
    if (where.channel == nullptr) where.error = "channel_not_found";
    // Making a direct message may move the channels; people stay where they are.
    else if (!core.workspace.is_member(*where.channel, where.person->id))
      where.error = "not_in_channel";
    else if (where.channel->is_archived)
      where.error = "is_archived";
  }
  return where;
}

std::string channel_name(const Channel& channel) {
  if (channel.is_dm()) return "directmessage";
  return channel.is_private ? "privategroup" : channel.name;
}

// The message a command's acknowledgement carries; an empty one shows nothing.
void show_ack(Core& core, const AppPost& where, Outcome& outcome) {
  if (!outcome.ack.is_object() || outcome.ack.empty()) return;
  const auto message = read_app_message(outcome.ack);
  if (!message) {
    outcome.error = "invalid_command_response";
    return;
  }
  AppPost post = where;
  const Json type = outcome.ack.value("response_type", Json());
  post.in_channel = type == "in_channel" ? Switch::on : Switch::off;
  post_for_app(core, post, *message);
}

}  // namespace

Task<Outcome> run_command(std::shared_ptr<Core> core, CommandInput input) {
  const Where where = find_where(*core, input.user, input.channel);
  if (!where.error.empty()) co_return not_possible(where.error);
  // Slash commands are for members of the installing workspace.
  if (where.person->kind == PersonKind::stranger) co_return not_possible("not_available_to_external_people");
  if (where.person->kind == PersonKind::bot) co_return not_possible("bots_run_no_commands");
  const std::string command = input.command.empty() ? core->options.command : input.command;
  if (command != core->options.command) co_return not_possible("unknown_command");
  if (!input.thread_ts.empty()) co_return not_possible("not_in_threads");
  const World& world = core->workspace.world;
  Outcome outcome;
  outcome.trigger_id = core->handles.issue_trigger(where.person->id, "");
  ResponseUrl details;
  details.user = where.person->id;
  details.channel = where.channel->id;
  outcome.response_url = core->url(core->handles.issue_response_url("commands", world.team_id, details).path);
  const std::string text =
      input.wire_text ? *input.wire_text : typed_to_wire(world, input.text, Labels::with);
  Envelope envelope;
  envelope.type = "slash_commands";
  envelope.accepts_response = Switch::on;
  envelope.payload = {{"token", "verification-token"},
                      {"team_id", world.team_id},
                      {"team_domain", world.team_domain},
                      {"channel_id", where.channel->id},
                      {"channel_name", channel_name(*where.channel)},
                      {"user_id", where.person->id},
                      {"user_name", where.person->name},
                      {"command", command},
                      {"text", text},
                      {"api_app_id", core->options.app_id},
                      {"is_enterprise_install", "false"},  // a string here, a boolean elsewhere
                      {"response_url", outcome.response_url},
                      {"trigger_id", outcome.trigger_id}};
  AppPost post;
  post.user = where.person->id;
  post.channel = where.channel->id;
  const Delivery delivery = co_await Sockets::deliver(core, std::move(envelope));
  outcome.error = delivery.error;
  outcome.ack = delivery.ack;
  outcome.envelope_id = delivery.envelope_id;
  if (outcome.ok()) show_ack(*core, post, outcome);
  co_return outcome;
}

Result<std::string> say(Core& core, SayInput input) {
  const Where where = find_where(core, input.user, input.channel);
  if (!where.error.empty()) return fail(ErrorKind::refused, where.error);
  World& world = core.workspace.world;
  if (!input.thread_ts.empty()) {
    const Message* root = core.workspace.find(where.channel->id, input.thread_ts);
    if (root == nullptr || root->deleted || !root->only_for.empty())
      return fail(ErrorKind::not_found, "thread_not_found");
    if (!root->thread_ts.empty()) input.thread_ts = root->thread_ts;  // a reply's thread is its root's
  }
  Message message;
  message.channel = where.channel->id;
  message.user = where.person->id;
  message.thread_ts = input.thread_ts;
  message.text = input.wire_text ? *input.wire_text : typed_to_wire(world, input.text, Labels::without);
  if (message.text.empty()) return fail(ErrorKind::invalid, "no_text");
  const Message posted = core.workspace.post(std::move(message));
  Json event = message_json(core, posted, Detail::without_metadata);
  event["blocks"] = rich_text_of(core.random, posted.text);
  event["channel"] = posted.channel;
  event["client_msg_id"] = fmt::format("{}-{}", posted.user, posted.ts);
  event["event_ts"] = posted.ts;
  if (where.channel->is_dm()) {
    event["channel_type"] = "im";
    send_event(core, std::move(event));
  } else if (posted.text.find("<@" + world.bot.user_id) != std::string::npos &&
             core.workspace.is_member(*where.channel, world.bot.user_id)) {
    event["type"] = "app_mention";
    if (where.channel->is_ext_shared) {
      event["user_team"] = world.team_of(*where.person);
      event["source_team"] = world.team_of(*where.person);
    }
    send_event(core, std::move(event));
  }
  return posted.ts;
}

Task<Outcome> use_shortcut(std::shared_ptr<Core> core, ShortcutInput input) {
  const Person* person = core->workspace.world.find_person(input.user);
  if (person == nullptr) co_return not_possible("user_not_found");
  if (person->deactivated) co_return not_possible("user_deactivated");
  if (person->kind == PersonKind::stranger) co_return not_possible("not_available_to_external_people");
  Outcome outcome;
  outcome.trigger_id = core->handles.issue_trigger(person->id, "");
  Envelope envelope;
  envelope.type = "interactive";
  envelope.payload = interaction_base(*core, *person, "shortcut");
  envelope.payload["callback_id"] =
      input.callback_id.empty() ? core->options.shortcut_callback : input.callback_id;
  envelope.payload["trigger_id"] = outcome.trigger_id;
  envelope.payload["action_ts"] = core->workspace.next_ts();
  const Delivery delivery = co_await Sockets::deliver(core, std::move(envelope));
  outcome.error = delivery.error;
  outcome.ack = delivery.ack;
  outcome.envelope_id = delivery.envelope_id;
  co_return outcome;
}

Result<void> open_home(Core& core, const std::string& user, HomeTab tab) {
  const Person* person = core.workspace.world.find_person(user);
  if (person == nullptr) return fail(ErrorKind::not_found, "user_not_found");
  if (person->deactivated) return fail(ErrorKind::refused, "user_deactivated");
  if (tab == HomeTab::home && core.options.home_tab == Switch::off)
    return fail(ErrorKind::refused, "not_enabled");
  const std::string id = person->id;
  Json event = {{"type", "app_home_opened"},
                {"user", id},
                {"channel", core.workspace.dm_of(id).id},
                {"tab", tab == HomeTab::home ? "home" : "messages"}};
  const auto home = core.workspace.homes().find(id);
  if (tab == HomeTab::home && home != core.workspace.homes().end())
    event["view"] = view_json(core, home->second);
  send_event(core, std::move(event));
  return {};
}

Result<std::string> open_dm(Core& core, const std::string& user) {
  const auto opened = open_home(core, user, HomeTab::messages);
  if (!opened) return tl::unexpected(opened.error());
  return core.workspace.dm_of(core.workspace.world.find_person(user)->id).id;
}

}  // namespace jitbot::sandbox

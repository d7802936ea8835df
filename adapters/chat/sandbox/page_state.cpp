#include "adapters/chat/sandbox/page.hpp"
#include "adapters/chat/sandbox/wire_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

// What the page shows, as JSON.
namespace jitbot::sandbox {

using Json = nlohmann::json;

namespace {

constexpr std::size_t k_shown_messages = 300;  // of each channel

std::string_view kind_name(PersonKind kind) {
  switch (kind) {
    case PersonKind::member:
      return "member";
    case PersonKind::guest:
      return "guest";
    case PersonKind::single_channel_guest:
      return "single_channel_guest";
    case PersonKind::bot:
      return "bot";
    case PersonKind::stranger:
      return "stranger";
  }
  return "";
}

Json people_json(const World& world) {
  Json people = Json::array();
  for (const Person& person : world.people) {
    people.push_back({{"id", person.id},
                      {"name", person.name},
                      {"real_name", person.real_name},
                      {"email", person.email},
                      {"kind", kind_name(person.kind)},
                      {"deactivated", person.deactivated},
                      {"admin", person.is_admin},
                      {"tz", person.tz},
                      {"team_id", world.team_of(person)}});
  }
  return people;
}

Json shown_message(const Core& core, const Message& message) {
  Json out = message_json(core, message, Detail::with_metadata);
  out["channel"] = message.channel;
  if (!message.only_for.empty()) out["only_for"] = message.only_for;
  return out;
}

Json messages_of(const Core& core, const Channel& channel, const std::string& user) {
  std::vector<const Message*> found = core.workspace.in_channel(channel.id);
  for (const Message& message : core.workspace.ephemerals()) {
    if (message.channel == channel.id && message.only_for == user && !message.deleted)
      found.push_back(&message);
  }
  std::ranges::sort(found, {}, [](const Message* message) { return message->ts; });
  const std::size_t first = found.size() > k_shown_messages ? found.size() - k_shown_messages : 0;
  Json out = Json::array();
  for (std::size_t i = first; i < found.size(); ++i) out.push_back(shown_message(core, *found[i]));
  return out;
}

Json shown_view(const Core& core, const View& view) {
  Json out = view_json(core, view);
  out["errors"] = view.errors;
  return out;
}

}  // namespace

Json outcome_json(const Outcome& outcome) {
  return {{"ok", outcome.ok()},
          {"error", outcome.error},
          {"ack", outcome.ack},
          {"envelope_id", outcome.envelope_id},
          {"trigger_id", outcome.trigger_id},
          {"response_url", outcome.response_url}};
}

Json page_state(Core& core, const std::string& user) {
  const World& world = core.workspace.world;
  const Person* me = world.find_person(user);
  Json words = Json::array();
  for (const CommandWord& word : core.options.command_words) {
    words.push_back({{"word", word.word}, {"hint", word.hint}});
  }
  Json state = {
      {"sequence", core.workspace.changes.sequence()},
      {"now", to_ms(core.clock.now())},
      {"team", {{"id", world.team_id}, {"name", world.team_name}}},
      {"bot", {{"user_id", world.bot.user_id}, {"bot_id", world.bot.bot_id}, {"name", world.bot.name}}},
      {"command", core.options.command},
      {"command_words", std::move(words)},
      {"shortcut", core.options.shortcut_name},
      {"banner", core.options.banner},
      {"people", people_json(world)},
      {"connections", core.sockets.list().size()},
      {"down", core.faults.down},
      {"rate_limits", core.rate_limits == Switch::on},
      {"groups", Json::array()},
      {"channels", Json::array()},
      {"messages", Json::object()},
      {"views", Json::array()},
      {"home", nullptr},
      {"me", nullptr}};
  for (const UserGroup& group : world.groups)
    state["groups"].push_back(group_json(world, group, Detail::full));
  if (me == nullptr) return state;
  state["me"] = me->id;
  for (const Channel& channel : world.channels) {
    if (!channel.members.contains(me->id)) continue;
    state["channels"].push_back({{"id", channel.id},
                                 {"name", channel.name},
                                 {"private", channel.is_private},
                                 {"ext_shared", channel.is_ext_shared},
                                 {"archived", channel.is_archived},
                                 {"dm", channel.is_dm()},
                                 {"members", channel.members}});
    state["messages"][channel.id] = messages_of(core, channel, me->id);
  }
  if (const auto* stack = std::as_const(core.workspace).stack(me->id)) {
    for (const View& view : *stack) state["views"].push_back(shown_view(core, view));
  }
  const auto home = core.workspace.homes().find(me->id);
  if (home != core.workspace.homes().end()) state["home"] = shown_view(core, home->second);
  return state;
}

Json page_log(const Core& core, std::size_t after) {
  Json calls = Json::array();
  for (const ApiCall& call : core.calls) {
    if (call.number <= after) continue;
    calls.push_back({{"number", call.number},
                     {"at", to_ms(call.at)},
                     {"method", call.method},
                     {"args", call.args},
                     {"status", call.status},
                     {"answer", call.answer},
                     {"fault", call.fault}});
  }
  Json envelopes = Json::array();
  for (const EnvelopeRecord& envelope : core.envelopes) {
    envelopes.push_back({{"envelope_id", envelope.envelope_id},
                         {"type", envelope.type},
                         {"payload", envelope.payload},
                         {"connection", envelope.connection},
                         {"sent_at", to_ms(envelope.sent_at)},
                         {"acked_at", envelope.acked_at ? Json(to_ms(*envelope.acked_at)) : Json()},
                         {"ack", envelope.ack},
                         {"late", envelope.late},
                         {"retry_attempt", envelope.retry_attempt},
                         {"retry_reason", envelope.retry_reason}});
  }
  Json connections = Json::array();
  for (const ConnectionInfo& connection : core.sockets.list()) {
    connections.push_back({{"id", connection.id},
                           {"opened", to_ms(connection.opened)},
                           {"greeted", connection.greeted},
                           {"frozen", connection.frozen}});
  }
  return {{"calls", std::move(calls)},
          {"envelopes", std::move(envelopes)},
          {"connections", std::move(connections)}};
}

}  // namespace jitbot::sandbox

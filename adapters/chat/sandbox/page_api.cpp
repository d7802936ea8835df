#include "adapters/chat/sandbox/directory.hpp"
#include "adapters/chat/sandbox/page.hpp"
#include "adapters/chat/sandbox/people.hpp"

#include <map>

// What the page and tests in other languages may ask for.
namespace jitbot::sandbox {

using Json = nlohmann::json;

namespace {

std::string text(const Json& request, const char* name) {
  return request.contains(name) && !request[name].is_null() ? request[name].get<std::string>()
                                                            : std::string();
}

std::optional<std::string> maybe_text(const Json& request, const char* name) {
  if (!request.contains(name) || request[name].is_null()) return std::nullopt;
  return request[name].get<std::string>();
}

Switch switch_of(const Json& request, const char* name) {
  return request.value(name, true) ? Switch::on : Switch::off;
}

Json done() {
  return {{"ok", true}};
}
Json refused(const std::string& error) {
  return {{"ok", false}, {"error", error}};
}

Json result_json(const Result<void>& result) {
  return result ? done() : refused(result.error().message);
}

Json named_result(const char* name, const Result<std::string>& result) {
  if (!result) return refused(result.error().message);
  return {{"ok", true}, {name, *result}};
}

CommandInput command_input(const Json& r) {
  CommandInput input;
  input.user = text(r, "user");
  input.channel = text(r, "channel");
  input.text = text(r, "text");
  input.command = text(r, "command");
  input.wire_text = maybe_text(r, "wire_text");
  input.thread_ts = text(r, "thread_ts");
  return input;
}

SayInput say_input(const Json& r) {
  SayInput input;
  input.user = text(r, "user");
  input.channel = text(r, "channel");
  input.text = text(r, "text");
  input.thread_ts = text(r, "thread_ts");
  input.wire_text = maybe_text(r, "wire_text");
  return input;
}

ClickInput click_input(const Json& r) {
  ClickInput input;
  input.user = text(r, "user");
  input.channel = text(r, "channel");
  input.ts = text(r, "ts");
  input.view = text(r, "view");
  input.action_id = text(r, "action_id");
  input.block_id = text(r, "block_id");
  input.confirm = text(r, "confirm") == "decline" ? Confirm::decline : Confirm::accept;
  input.replay = text(r, "replay") == "any_version" ? Replay::any_version : Replay::current;
  input.value = maybe_text(r, "value");
  input.chosen = r.value("chosen", Json());
  input.values = r.value("values", Json::object());
  return input;
}

SuggestInput suggest_input(const Json& r) {
  SuggestInput input;
  input.user = text(r, "user");
  input.channel = text(r, "channel");
  input.ts = text(r, "ts");
  input.view = text(r, "view");
  input.block_id = text(r, "block_id");
  input.action_id = text(r, "action_id");
  input.text = text(r, "text");
  return input;
}

Json suggestions_json(const Suggestions& seen) {
  return {{"ok", seen.ok()},
          {"error", seen.error},
          {"options", seen.options},
          {"option_groups", seen.option_groups},
          {"envelope_id", seen.envelope_id}};
}

SubmitInput submit_input(const Json& r) {
  SubmitInput input;
  input.user = text(r, "user");
  input.view = text(r, "view");
  input.values = r.value("values", Json::object());
  return input;
}

CloseInput close_input(const Json& r) {
  CloseInput input;
  input.user = text(r, "user");
  input.view = text(r, "view");
  input.what = text(r, "what") == "stack" ? CloseWhat::stack : CloseWhat::view;
  return input;
}

ShortcutInput shortcut_input(const Json& r) {
  ShortcutInput input;
  input.user = text(r, "user");
  input.callback_id = text(r, "callback_id");
  return input;
}

std::optional<PersonKind> person_kind(std::string_view name) {
  if (name == "member") return PersonKind::member;
  if (name == "guest") return PersonKind::guest;
  if (name == "single_channel_guest") return PersonKind::single_channel_guest;
  if (name == "bot") return PersonKind::bot;
  if (name == "stranger") return PersonKind::stranger;
  return std::nullopt;
}

Json set_kind(Core& core, const Json& r) {
  const auto kind = person_kind(text(r, "kind"));
  if (!kind) return refused("kind is member, guest, single_channel_guest, bot or stranger");
  return result_json(directory::set_kind(core, text(r, "user"), *kind));
}

Json add_fault(Core& core, const Json& r) {
  const auto kind = method_fault_kind(text(r, "kind"));
  if (!kind) return refused("there is no such kind of fault");
  MethodFault fault;
  fault.method = text(r, "method");
  fault.kind = *kind;
  fault.count = r.value("count", fault.count);
  fault.status = r.value("status", fault.status);
  fault.error = r.value("error", fault.error);
  fault.retry_after = r.value("retry_after", fault.retry_after);
  core.faults.add(std::move(fault));
  return done();
}

Json disconnect(Core& core, const Json& r) {
  const auto reason = disconnect_reason(text(r, "reason"));
  if (!reason) return refused("reason is warning, refresh_requested, too_many_websockets or link_disabled");
  if (*reason == DisconnectReason::link_disabled) core.faults.link_disabled = true;
  core.sockets.disconnect(*reason);
  return done();
}

Json set_down(Core& core, const Json& r) {
  core.faults.down = switch_of(r, "on") == Switch::on;
  if (core.faults.down) core.sockets.drop_all();
  core.workspace.changes.touch();
  return done();
}

}  // namespace

Task<Json> page_act(std::shared_ptr<Core> core, Json request) {
  const std::string what = text(request, "do");
  Outcome outcome;
  if (what == "command") {
    outcome = co_await run_command(core, command_input(request));
  } else if (what == "click") {
    outcome = co_await click(core, click_input(request));
  } else if (what == "suggest") {
    const Suggestions seen = co_await suggest(core, suggest_input(request));
    co_return suggestions_json(seen);
  } else if (what == "submit") {
    outcome = co_await submit(core, submit_input(request));
  } else if (what == "close") {
    outcome = co_await close_view(core, close_input(request));
  } else if (what == "shortcut") {
    outcome = co_await use_shortcut(core, shortcut_input(request));
  } else if (what == "say") {
    co_return named_result("ts", say(*core, say_input(request)));
  } else if (what == "open_dm") {
    co_return named_result("channel", open_dm(*core, text(request, "user")));
  } else if (what == "open_home") {
    const HomeTab tab = text(request, "tab") == "messages" ? HomeTab::messages : HomeTab::home;
    co_return result_json(open_home(*core, text(request, "user"), tab));
  } else {
    co_return refused("there is no such action: " + what);
  }
  co_return outcome_json(outcome);
}

Json page_directory(Core& core, const Json& r) {
  using namespace directory;
  const std::string what = text(r, "do");
  const std::string user = text(r, "user");
  const std::string channel = text(r, "channel");
  if (what == "deactivate") return result_json(set_active(core, user, Change::deactivate));
  if (what == "reactivate") return result_json(set_active(core, user, Change::reactivate));
  if (what == "set_email") return result_json(set_email(core, user, NewEmail{text(r, "email")}));
  if (what == "set_kind") return set_kind(core, r);
  if (what == "set_group") {
    return result_json(
        set_group_members(core, text(r, "group"), r.at("members").get<std::vector<std::string>>()));
  }
  if (what == "enable_group")
    return result_json(set_group_enabled(core, text(r, "group"), switch_of(r, "on")));
  if (what == "join") return result_json(set_membership(core, channel, user, Membership::join));
  if (what == "leave") return result_json(set_membership(core, channel, user, Membership::leave));
  if (what == "archive") return result_json(archive(core, channel, switch_of(r, "on")));
  if (what == "rename") return result_json(rename(core, channel, NewName{text(r, "name")}));
  if (what == "share") return result_json(share(core, channel, switch_of(r, "on")));
  return refused("there is no such change: " + what);
}

Json page_fault(Core& core, const Json& r) {
  const std::string what = text(r, "do");
  if (what == "disconnect") return disconnect(core, r);
  if (what == "fail") return add_fault(core, r);
  if (what == "outage") return set_down(core, r);
  if (what == "enable_link") {
    core.faults.link_disabled = false;
  } else if (what == "drop") {
    core.sockets.drop_all();
  } else if (what == "freeze") {
    core.sockets.freeze_all();
  } else if (what == "refuse_upgrades") {
    core.faults.add(UpgradeFault{r.value("status", 409), r.value("count", 1)});
  } else if (what == "withhold_hello") {
    core.faults.hello_withheld = switch_of(r, "on") == Switch::on;
  } else if (what == "release") {
    core.release_hanging();
  } else if (what == "rate_limits") {
    core.rate_limits = switch_of(r, "on");
    core.limits.reset();
  } else if (what == "clear") {
    core.faults.clear();
    core.release_hanging();
  } else {
    return refused("there is no such fault: " + what);
  }
  core.workspace.changes.touch();
  return done();
}

}  // namespace jitbot::sandbox

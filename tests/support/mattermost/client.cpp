#include "tests/support/mattermost/client.hpp"

#include "tests/support/mattermost/attachments.hpp"
#include "tests/support/mattermost/front.hpp"

#include <algorithm>
#include <stdexcept>

namespace jitbot::mattermost_stand_in {

namespace {

Outcome outcome_of(const Answer& answer) {
  Outcome outcome;
  outcome.status = answer.status;
  outcome.json = answer.json;
  if (answer.status >= 400 || answer.status == 0) outcome.error = text_of(answer.json, "id");
  return outcome;
}

Result<Json> result_of(const Answer& answer) {
  if (answer.status < 400 && answer.status != 0) return answer.json;
  return fail(ErrorKind::refused, text_of(answer.json, "message"), text_of(answer.json, "id"));
}

Result<void> nothing_of(const Answer& answer) {
  return result_of(answer).map([](const Json&) {});
}

Button button_of(const Json& action) {
  Button button;
  button.id = text_of(action, "id");
  button.name = text_of(action, "name");
  button.style = text_of(action, "style");
  button.menu = text_of(action, "type") == "select";
  button.cookie = text_of(action, "cookie");
  if (action.contains("options") && action["options"].is_array()) {
    for (const Json& option : action["options"]) button.options.push_back(text_of(option, "value"));
  }
  return button;
}

// Coroutines that outlive the Client they were asked of hold what they need themselves.
Task<Outcome> later(std::shared_ptr<Core> core, std::string user, std::string path, Json body) {
  const Answer answer = co_await call_as(core, std::move(user), "POST", std::move(path), std::move(body));
  co_return outcome_of(answer);
}

OpenDialog* newest_dialog(Core& core, const std::string& user) {
  const auto found = std::find_if(core.dialogs.rbegin(), core.dialogs.rend(),
                                  [&](const OpenDialog& each) { return each.user == user; });
  return found == core.dialogs.rend() ? nullptr : &*found;
}

enum class Ending { submitted, cancelled };

Task<Outcome> end_dialog(std::shared_ptr<Core> core, std::string user, Json values, Ending ending) {
  const OpenDialog* open = newest_dialog(*core, user);
  if (open == nullptr) throw std::logic_error("no dialog is open");
  const std::string trigger = open->trigger;
  const auto is_it = [&trigger](const OpenDialog& each) { return each.trigger == trigger; };
  const bool cancelled = ending == Ending::cancelled;
  Outcome outcome;
  outcome.status = 200;
  if (cancelled && !flag_of(open->dialog, "notify_on_cancel")) {
    std::erase_if(core->dialogs, is_it);
    co_return outcome;
  }
  Json body = {{"url", open->url},
               {"callback_id", text_of(open->dialog, "callback_id")},
               {"state", text_of(open->dialog, "state")},
               {"channel_id", open->channel},
               {"team_id", core->team},
               {"submission", std::move(values)},
               {"cancelled", cancelled}};
  const Answer answer =
      co_await call_as(core, std::move(user), "POST", "/actions/dialogs/submit", std::move(body));
  outcome = outcome_of(answer);
  if (cancelled || (answer.status == 200 && answer.json.empty())) {
    std::erase_if(core->dialogs, is_it);
    co_return outcome;
  }
  for (OpenDialog& each : core->dialogs) {
    if (is_it(each)) each.told = answer.json;
  }
  co_return outcome;
}

void add_line(std::string& all, const std::string& line) {
  if (!line.empty()) all += (all.empty() ? "" : "\n") + line;
}

}  // namespace

std::string Message::all_text() const {
  std::string all = text;
  for (const Json& attachment : attachments) {
    for (const char* part : {"pretext", "title", "text"}) add_line(all, text_of(attachment, part));
    if (attachment.contains("fields") && attachment["fields"].is_array()) {
      for (const Json& field : attachment["fields"])
        add_line(all, text_of(field, "title") + ": " + text_of(field, "value"));
    }
    add_line(all, text_of(attachment, "footer"));
  }
  return all;
}

const Button* Message::button(std::string_view name_or_id) const {
  const auto is_it = [&](const Button& button) {
    return button.name == name_or_id || button.id == name_or_id;
  };
  const auto found = std::ranges::find_if(buttons, is_it);
  return found == buttons.end() ? nullptr : &*found;
}

Message shown(const Core& core, const Post& post) {
  Message message;
  message.id = post.id;
  const User* author = core.user(post.user);
  message.author = author == nullptr ? std::string() : author->username;
  message.root = post.root;
  message.text = post.message;
  message.props = without_integrations(post.props);
  message.reactions = post.reactions;
  message.create_at = post.create_at;
  message.update_at = post.update_at;
  if (!message.props.contains("attachments") || !message.props["attachments"].is_array()) return message;
  for (const Json& attachment : message.props["attachments"]) {
    message.attachments.push_back(attachment);
    if (!attachment.contains("actions")) continue;
    for (const Json& action : attachment["actions"]) message.buttons.push_back(button_of(action));
  }
  return message;
}

std::string Client::place(const std::string& channel) const {
  if (channel.starts_with('#')) {
    const Channel* found = core_->channel_named(std::string_view(channel).substr(1));
    if (found == nullptr) throw std::logic_error("no such channel: " + channel);
    return found->id;
  }
  if (!channel.starts_with('@')) return channel;
  const User* other = core_->user_named(std::string_view(channel).substr(1));
  if (other == nullptr) throw std::logic_error("no such user: " + channel);
  const Answer opened = call("POST", "/channels/direct", Json::array({user_, other->id}));
  return text_of(opened.json, "id");
}

Answer Client::call(const std::string& method, const std::string& path, Json body) const {
  return call_at_once(*core_, user_, method, path, std::move(body));
}

Task<Answer> Client::call_later(std::string method, std::string path, Json body) const {
  return call_as(core_, user_, std::move(method), std::move(path), std::move(body));
}

Result<std::string> Client::say(const std::string& channel, const std::string& text,
                                const std::string& root) {
  const Json body = {{"channel_id", place(channel)}, {"message", text}, {"root_id", root}};
  return result_of(call("POST", "/posts", body)).map([](const Json& post) { return text_of(post, "id"); });
}

Result<std::string> Client::say_with(const std::string& channel, const std::string& text, Json props) {
  const Json body = {{"channel_id", place(channel)}, {"message", text}, {"props", std::move(props)}};
  return result_of(call("POST", "/posts", body)).map([](const Json& post) { return text_of(post, "id"); });
}

Result<void> Client::edit(const std::string& post, const std::string& text) {
  return nothing_of(call("PUT", "/posts/" + post + "/patch", {{"message", text}}));
}

Result<void> Client::remove(const std::string& post) {
  return nothing_of(call("DELETE", "/posts/" + post));
}

Result<void> Client::react(const std::string& post, const std::string& emoji) {
  const Json body = {{"user_id", user_}, {"post_id", post}, {"emoji_name", emoji}};
  return nothing_of(call("POST", "/reactions", body));
}

Result<void> Client::unreact(const std::string& post, const std::string& emoji) {
  return nothing_of(call("DELETE", "/users/me/posts/" + post + "/reactions/" + emoji));
}

Task<Outcome> Client::command(std::string channel, std::string text, std::string root) {
  Json body = {
      {"channel_id", place(channel)}, {"command", text}, {"team_id", core_->team}, {"root_id", root}};
  return later(core_, user_, "/commands/execute", std::move(body));
}

Task<Outcome> Client::click(std::string post, std::string button) {
  return choose(std::move(post), std::move(button), {});
}

Task<Outcome> Client::choose(std::string post, std::string menu, std::string value) {
  const auto is_it = [&](const Ephemeral& each) { return each.to == user_ && each.post.id == post; };
  const auto ephemeral = std::ranges::find_if(core_->ephemerals, is_it);
  const bool stored = ephemeral == core_->ephemerals.end();
  const Post* source = stored ? core_->post(post) : &ephemeral->post;
  std::string action = menu;
  Json body = Json::object();
  if (source != nullptr) {
    const Message message = shown(*core_, *source);
    const Button* found = message.button(menu);
    if (found != nullptr) action = found->id;
    if (found != nullptr && !found->cookie.empty()) body["cookie"] = found->cookie;
  }
  if (!value.empty()) body["selected_option"] = value;
  return later(core_, user_, "/posts/" + post + "/actions/" + action, std::move(body));
}

std::optional<Dialog> Client::dialog() const {
  const OpenDialog* open = newest_dialog(*core_, user_);
  if (open == nullptr) return std::nullopt;
  Dialog dialog;
  dialog.title = text_of(open->dialog, "title");
  dialog.introduction = text_of(open->dialog, "introduction_text");
  dialog.state = text_of(open->dialog, "state");
  dialog.callback = text_of(open->dialog, "callback_id");
  dialog.url = open->url;
  dialog.elements = open->dialog["elements"];
  if (open->told.contains("errors")) dialog.errors = open->told["errors"];
  dialog.error = text_of(open->told, "error");
  return dialog;
}

Task<Outcome> Client::relay(Json submission) {
  Json body = std::move(submission);
  const std::string square = core_->channel_named("town-square")->id;
  if (!body.contains("channel_id")) body["channel_id"] = square;
  if (!body.contains("team_id")) body["team_id"] = core_->team;
  if (!body.contains("cancelled")) body["cancelled"] = false;
  return later(core_, user_, "/actions/dialogs/submit", std::move(body));
}

Task<Outcome> Client::submit(Json values) {
  return end_dialog(core_, user_, std::move(values), Ending::submitted);
}

Task<Outcome> Client::cancel() {
  return end_dialog(core_, user_, Json::object(), Ending::cancelled);
}

std::vector<Message> Client::ephemerals() const {
  std::vector<Message> mine;
  for (const Ephemeral& each : core_->ephemerals) {
    if (each.to == user_) mine.push_back(shown(*core_, each.post));
  }
  return mine;
}

std::vector<Message> Client::messages(const std::string& channel) const {
  const std::string id = place(channel);
  std::vector<Message> seen;
  for (const Post& post : core_->posts) {
    if (post.channel == id && post.delete_at == 0) seen.push_back(shown(*core_, post));
  }
  return seen;
}

}  // namespace jitbot::mattermost_stand_in

#include "tests/scenario/harness.hpp"

#include <algorithm>

// What people see, and what they do with it.
namespace jitbot::scenario {

namespace {

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

// "<!date^1772330400^{time}|02:00 UTC> (02:00 UTC)" as its UTC.
void plain_dates(std::string& text) {
  for (auto at = text.find("<!date^"); at != std::string::npos; at = text.find("<!date^", at)) {
    const auto bar = text.find('|', at);
    const auto end = text.find('>', at);
    const auto paren = text.find(')', end);
    const std::string shown = text.substr(bar + 1, end - bar - 1);
    text.replace(at, paren - at + 1, shown);
  }
}

std::string readable(std::string text, const sandbox::World& world) {
  plain_dates(text);
  for (const auto& person : world.people) replace_all(text, "<@" + person.id + ">", "@" + person.name);
  for (const auto& channel : world.channels) replace_all(text, "<#" + channel.id + ">", "#" + channel.name);
  replace_all(text, "&lt;", "<");
  replace_all(text, "&gt;", ">");
  replace_all(text, "&amp;", "&");
  return text;
}

void add_text(const Json& json, std::string& out) {
  if (json.is_array()) {
    for (const Json& one : json) add_text(one, out);
    return;
  }
  if (!json.is_object()) return;
  const std::string type = json.value("type", "");
  if (type == "button") {
    out += "[" + json["text"].value("text", "") + "] ";
    return;
  }
  if (type == "rich_text_quote" || type == "rich_text_section") {
    for (const Json& part : json["elements"])
      out +=
          part.value("type", "") == "user" ? "<@" + part.value("user_id", "") + ">" : part.value("text", "");
    out += "\n";
    return;
  }
  if (json.contains("text") && json["text"].is_string()) {
    out += json["text"].get<std::string>() + "\n";
    return;
  }
  for (const char* key : {"text", "fields", "elements"}) {
    if (json.contains(key)) add_text(json[key], out);
  }
}

// The button that does this to that request; to any, when no id is given.
std::string action_of(const Json& blocks, const std::string& act, const std::string& id) {
  for (const Json& block : blocks) {
    if (block.value("type", "") != "actions") continue;
    for (const Json& element : block["elements"]) {
      const std::string action = element.value("action_id", "");
      const std::string value = "JIT-" + element.value("value", "");
      const bool same = id.empty() || value.starts_with(id + "|") || value.starts_with(id + ".");
      if (same && action.starts_with(act + ":")) return action;
    }
  }
  return {};
}

// The header of a card names what it is about; other lines may name other requests.
bool is_about(const Message& message, const std::string& id) {
  return contains(raw_of(message), "· " + id);
}

struct Button {
  std::string channel;
  std::string ts;
  std::string action;
};

// The newest message of that id that has the button, or once had it.
std::optional<Button> find_button(const Stage& stage, const std::string& act, const std::string& id,
                                  const std::vector<std::string>& channels, sandbox::Replay replay) {
  std::optional<Button> found;
  for (const std::string& channel : channels) {
    for (const Message& message : stage.sandbox->messages(channel)) {
      std::string action = action_of(message.blocks, act, id);
      for (const auto& version : message.earlier) {
        if (action.empty() && replay == sandbox::Replay::any_version)
          action = action_of(version.blocks, act, id);
      }
      if (!action.empty()) found = Button{message.channel, message.ts, action};
    }
  }
  return found;
}

}  // namespace

std::string text_of(const Message& message, const sandbox::World& world) {
  std::string text;
  add_text(message.blocks, text);
  if (text.empty()) text = message.text;
  return readable(text, world);
}

std::string raw_of(const Message& message) {
  return message.text + "\n" + message.blocks.dump();
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

bool has_button(const Message& message, const std::string& act) {
  return !action_of(message.blocks, act, {}).empty();
}

std::string id_in(const std::string& text) {
  const auto at = text.find("JIT-");
  if (at == std::string::npos) return {};
  auto end = at + 4;
  while (end < text.size() && std::isalnum(static_cast<unsigned char>(text[end])) != 0) ++end;
  return text.substr(at, end - at);
}

// --- people
// -------------------------------------------------------------------------------------------------

PrincipalId Someone::id() const {
  const auto& world = stage_.sandbox->world();
  return {"slack:" + world.team_id, world.find_person(name_)->id};
}

std::vector<std::string> Someone::told() const {
  std::vector<std::string> all;
  for (const Message& message : stage_.sandbox->ephemerals(name_)) all.push_back(stage_.read(message));
  return all;
}

std::vector<Message> Someone::dms() const {
  return stage_.sandbox->messages("@" + name_);
}

std::string Someone::dm(const std::string& part) const {
  std::string newest;
  for (const Message& message : dms()) {
    std::string text = stage_.read(message);
    if (contains(text, part)) newest = std::move(text);
  }
  return newest;
}

int Someone::dms_with(const std::string& part) const {
  return static_cast<int>(std::ranges::count_if(
      dms(), [&](const Message& message) { return contains(stage_.read(message), part); }));
}

std::string Someone::says(const std::string& words, const std::string& channel) {
  const std::size_t before = told().size();
  sandbox::CommandInput input;
  input.user = name_;
  input.channel = channel;
  input.text = words;
  const auto outcome = stage_.begin(stage_.sandbox->run_command(std::move(input)));
  stage_.until([&] { return outcome->has_value(); }, 10s);
  if (!(*outcome)->ok()) return "error: " + (*outcome)->error;
  stage_.happens([&] { return told().size() > before; }, 30s);
  stage_.settle();
  const auto all = told();
  return all.size() > before ? all.back() : std::string();
}

std::string Someone::requests(const std::string& what) {
  const std::string answer = says("request " + what);
  INFO(name_ << " was told: " << answer);
  const std::string id = id_in(answer);
  REQUIRE(!id.empty());
  stage_.settle();
  return id;
}

std::string Someone::extends(const std::string& id, const std::string& rest) {
  const std::string answer = says("extend " + id + " " + rest);
  INFO(name_ << " was told: " << answer);
  const std::string extension = id_in(answer);
  REQUIRE(!extension.empty());
  stage_.settle();
  return extension;
}

void Someone::starts_pressing(const std::string& act, const std::string& id, sandbox::Replay replay,
                              std::optional<std::string> value) {
  const auto button = find_button(stage_, act, id, {k_staging, k_prod, "@" + name_}, replay);
  INFO("button " << act << " of " << id);
  REQUIRE(button.has_value());
  sandbox::ClickInput input;
  input.user = name_;
  input.channel = button->channel;
  input.ts = button->ts;
  input.action_id = button->action;
  input.replay = replay;
  input.value = std::move(value);
  (void)stage_.begin(stage_.sandbox->click(std::move(input)));
}

std::string Someone::presses(const std::string& act, const std::string& id) {
  stage_.until([&] {
    return find_button(stage_, act, id, {k_staging, k_prod, "@" + name_}, sandbox::Replay::current)
        .has_value();
  });
  const std::size_t before = told().size();
  starts_pressing(act, id);
  stage_.settle();
  stage_.happens([&] { return told().size() > before; }, 3s);
  const auto all = told();
  return all.size() > before ? all.back() : std::string();
}

std::string Someone::form(const std::string& act, const std::string& id, const std::string& reason) {
  stage_.until([&] {
    return find_button(stage_, act, id, {k_staging, k_prod, "@" + name_}, sandbox::Replay::current)
        .has_value();
  });
  starts_pressing(act, id);
  stage_.until([&] { return !stage_.sandbox->open_views(name_).empty(); }, 5s);
  const std::size_t before = told().size();
  sandbox::SubmitInput input;
  input.user = name_;
  if (!reason.empty()) input.values = {{"field:reason", reason}};
  const auto outcome = stage_.begin(stage_.sandbox->submit(std::move(input)));
  stage_.until([&] { return outcome->has_value(); }, 10s);
  stage_.happens([&] { return told().size() > before; }, 3s);
  if (!(*outcome)->ok()) return "error: " + (*outcome)->error;
  const auto all = told();
  return all.size() > before ? all.back() : std::string();
}

std::string Someone::asks_by_form(const nlohmann::json& values) {
  sandbox::CommandInput command;
  command.user = name_;
  command.channel = "#general";
  const auto opened = stage_.begin(stage_.sandbox->run_command(std::move(command)));
  stage_.until([&] { return opened->has_value() && !stage_.sandbox->open_views(name_).empty(); }, 10s);
  nlohmann::json rest = values;
  if (const auto resource = values.value("field:resource", ""); !resource.empty()) {
    searches("resource", resource);
    CHECK(chooses("resource", resource) == "");
    rest.erase("field:resource");
  }
  return submits(rest);
}

std::string Someone::denies(const std::string& id, const std::string& reason) {
  return form("deny", id, reason);
}

std::string Someone::ends(const std::string& id, const std::string& reason) {
  return form("end", id, reason);
}

// --- the stage
// ----------------------------------------------------------------------------------------------

std::optional<Message> Stage::card_message(const std::string& id, const std::string& channel) const {
  std::optional<Message> found;
  for (Message& message : sandbox->messages(channel)) {
    const bool reply = !message.thread_ts.empty() && message.thread_ts != message.ts;
    if (!reply && is_about(message, id)) found = std::move(message);
  }
  return found;
}

std::string Stage::card(const std::string& id, const std::string& channel) const {
  const auto message = card_message(id, channel);
  return message ? read(*message) : std::string();
}

int Stage::cards(const std::string& id, const std::string& channel) const {
  return static_cast<int>(std::ranges::count_if(sandbox->messages(channel), [&](const Message& message) {
    const bool reply = !message.thread_ts.empty() && message.thread_ts != message.ts;
    return !reply && is_about(message, id);
  }));
}

std::string Stage::thread(const std::string& id, const std::string& channel) const {
  const auto root = card_message(id, channel);
  std::string text;
  if (!root) return text;
  for (const Message& message : sandbox->thread(channel, root->ts)) {
    if (message.ts != root->ts) text += read(message) + "\n";
  }
  return text;
}

// The DM that is edited from asking to end is the first one about the id.
std::string Stage::requester_card(const std::string& id, const std::string& who) const {
  for (const Message& message : sandbox->messages("@" + who)) {
    const Json& metadata = message.metadata;
    const std::string key = metadata.is_object()
                                ? metadata.value("event_payload", Json::object()).value("key", "")
                                : std::string();
    if (key.starts_with("card/") && is_about(message, id)) return read(message);
  }
  return {};
}

std::string Stage::channel_text(const std::string& channel) const {
  std::string text;
  for (const Message& message : sandbox->messages(channel)) text += read(message) + "\n";
  return text;
}

int Stage::told_admins(const std::string& part) const {
  return static_cast<int>(std::ranges::count_if(
      sandbox->messages(k_admins), [&](const Message& message) { return contains(read(message), part); }));
}

}  // namespace jitbot::scenario

#include "bot/app/demo/mattermost/townsfolk.hpp"

#include "adapters/chat/read/json_read.hpp"
#include "bot/app/demo/mattermost/admin.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <regex>

namespace jitbot::town {

using story::Attempt;
using story::Message;
using story::Told;

namespace {

using chat::text_at;
using Json = nlohmann::json;

constexpr Millis k_patience{15s};
constexpr Millis k_between{300};  // before the bot is called once more: nobody tells that it listens
constexpr auto k_yes = "white_check_mark";

tl::unexpected<Error> unseen(std::string words) {
  return fail(ErrorKind::unavailable, std::move(words));
}

tl::unexpected<Error> shown(const std::string& person, const std::string& did,
                            const mattermost::RestFault& fault) {
  return unseen(fmt::format("{} {}, and {}", person, did, words_of(fault)));
}

// The id as it is typed: "7K3F", "7K3F.2".
std::string typed_id(const std::string& text) {
  static const std::regex k_id("JIT-([0-9A-Z]+(\\.[0-9]+)?)");
  std::smatch found;
  return std::regex_search(text, found, k_id) ? found[1].str() : std::string();
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

Townsfolk::Townsfolk(Executor executor, std::shared_ptr<const Line> line, std::shared_ptr<const Town> town)
    : executor_(std::move(executor)),
      line_(std::move(line)),
      town_(std::move(town)),
      watch_(line_->clock),
      sights_(std::make_shared<Sights>()),
      listening_(sights_->on_change(watch_.trigger())) {}

Townsfolk::~Townsfolk() {
  for (const auto& [name, member] : members_) member->leave();
}

std::string Townsfolk::absence(const std::string& person) const {
  return person == "gina" ? town_->no_guests : std::string();
}

std::string Townsfolk::outsider() const {
  return "who is in none of their teams";
}

std::string Townsfolk::mention(const std::string& person) const {
  return "@" + Town::prefixed(person);
}

std::string Townsfolk::channel_name(const std::string& place) const {
  return place.starts_with('#') ? "~" + Town::prefixed(std::string_view(place).substr(1)) : place;
}

std::string Townsfolk::plain(const std::string& text) const {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool bold = text[at] == '*' && at + 1 < text.size() && text[at + 1] == '*';
    if (bold) ++at;
    if (!bold && text[at] != '`') out += text[at] == '\n' ? ' ' : text[at];
  }
  return out;
}

std::string Townsfolk::channel_id(const std::string& place) const {
  const std::string_view name = std::string_view(place).substr(1);
  if (place.starts_with('@')) return member(std::string(name)).direct();
  const auto found = town_->channels.find(name);
  return found == town_->channels.end() ? std::string() : found->second;
}

// --- coming

Task<Told> Townsfolk::connected() {
  auto done = co_await all_log_in();
  if (done) done = co_await bot_answers();
  co_return done;
}

Task<Told> Townsfolk::all_log_in() {
  for (const auto& [name, resident] : town_->people) {
    if (!absence(name).empty()) continue;
    const std::string resident_name = name;
    Member::Hooks hooks;
    hooks.on_post = [sights = sights_](const Json& post) { sights->take(post); };
    hooks.on_whisper = [sights = sights_, who = resident_name](const Json& post) {
      sights->whisper(who, post);
    };
    hooks.on_dialog = watch_.trigger();
    auto member = std::make_shared<Member>(line_, resident, std::move(hooks));
    std::string bot = town_->bot;
    auto in = co_await member->log_in(std::move(bot));
    if (!in) co_return in;
    members_.insert_or_assign(name, member);
    std::vector<std::string> channels;
    for (const Inhabitant& who : inhabitants()) {
      if (who.name != name) continue;
      for (const std::string_view room : who.channels) channels.push_back(town_->channels.find(room)->second);
    }
    boost::asio::co_spawn(executor_, member->listen(std::move(channels)), boost::asio::detached);
  }
  co_return Told();
}

// Whether the bot is reached is seen by asking it something.
Task<Told> Townsfolk::bot_answers() {
  if (town_->presses()) co_return co_await bot_is_called();
  auto asked = co_await write("alice", "help");
  if (!asked) co_return asked;
  std::function<bool()> there = [this] { return !answers("alice").empty(); };
  const bool came = co_await watch_.until(std::move(there), k_patience);
  if (!came) co_return unseen("the bot does not answer what alice writes to it");
  co_return Told();
}

// Before it listens, and where the server does not get through, it is the server that answers.
Task<Told> Townsfolk::bot_is_called() {
  const std::shared_ptr<Timer> pause = line_->clock.make_timer();
  const Millis deadline = line_->clock.steady() + k_patience;
  Told answered;
  do {
    answered = co_await command("alice", "help");
    if (answered) co_return answered;
    co_await pause->wait(k_between);
  } while (line_->clock.steady() < deadline);
  co_return unseen(
      fmt::format("{}; the server does not get through to {}: its own log tells why. --manner "
                  "reactions plays without",
                  answered.error().message, town_->callbacks_url));
}

// --- doing

Task<Told> Townsfolk::command(std::string person, std::string words) {
  Json body = {{"channel_id", town_->channels.find("general")->second},
               {"team_id", town_->team_id},
               {"command", "/jit " + words}};
  const auto done = co_await member(person).send("POST", "/commands/execute", std::move(body));
  if (done) co_return Told();
  co_return shown(person, "typed /jit " + words, done.error());
}

Task<Told> Townsfolk::write(std::string person, std::string words) {
  Json body = {{"channel_id", member(person).direct()}, {"message", words}};
  const auto done = co_await member(person).send("POST", "/posts", std::move(body));
  if (done) co_return Told();
  co_return shown(person, "wrote to the bot: " + words, done.error());
}

Task<Told> Townsfolk::press(std::string person, std::string post, std::string act) {
  const std::string action = action_of(post, act);
  const auto done =
      co_await member(person).send("POST", "/posts/" + post + "/actions/" + action, Json::object());
  if (done) co_return Told();
  co_return shown(person, "pressed " + act, done.error());
}

Task<Told> Townsfolk::react(std::string person, std::string post) {
  Json body = {{"user_id", member(person).id()}, {"post_id", post}, {"emoji_name", k_yes}};
  const auto done = co_await member(person).send("POST", "/reactions", std::move(body));
  if (done) co_return Told();
  co_return shown(person, "reacted with ✅", done.error());
}

std::string Townsfolk::action_of(const std::string& post, const std::string& act) const {
  const Json* found = sights_->post(post);
  const Json* attachments = found == nullptr ? nullptr : chat::member(*found, {"props", "attachments"});
  if (attachments == nullptr || !attachments->is_array()) return {};
  for (const Json& attachment : *attachments) {
    const Json* actions = chat::member(attachment, "actions");
    if (actions == nullptr || !actions->is_array()) continue;
    for (const Json& action : *actions) {
      std::string id = text_at(action, {"id"});
      const bool numbered = id.find_first_not_of("0123456789", act.size()) == std::string::npos;
      if (id.starts_with(act) && numbered) return id;
    }
  }
  return {};
}

Task<Result<std::string>> Townsfolk::fill_in(std::string person, std::string channel, std::string resource) {
  std::function<bool()> there = [this, person] { return member(person).has_dialog(); };
  const bool open = co_await watch_.until(std::move(there), k_patience);
  if (!open) co_return unseen(fmt::format("no dialog opened for {}", person));
  const Json dialog = *member(person).take_dialog();
  Json body = {{"url", text_at(dialog, {"url"})},
               {"callback_id", text_at(dialog, {"dialog", "callback_id"})},
               {"state", text_at(dialog, {"dialog", "state"})},
               {"channel_id", std::move(channel)},
               {"team_id", town_->team_id},
               {"submission", {{"name", resource}}},
               {"cancelled", false}};
  const auto sent = co_await member(person).send("POST", "/actions/dialogs/submit", std::move(body));
  if (!sent) co_return shown(person, "sent the dialog", sent.error());
  std::string words = text_at(*sent->body, {"error"});
  if (const Json* errors = chat::member(*sent->body, "errors"); errors != nullptr && errors->is_object()) {
    for (const auto& [field, error] : errors->items())
      words += error.is_string() ? error.get<std::string>() : "";
  }
  if (!words.empty()) sights_->whisper(person, words);
  co_return fmt::format("presses Approve… and types {}, which is of high risk", resource);
}

// "approve 7K3F", and for what is of high risk the resource's name, as the card asks for.
std::string Townsfolk::approving(const Message& card, const std::string& resource) {
  const std::string words = "approve " + typed_id(card.text);
  return contains(card.text, "high risk") ? words + " " + resource : words;
}

Task<Result<std::string>> Townsfolk::ask(std::string person, std::string words) {
  std::string how = town_->presses() ? "types  /jit " + words : "writes to the bot:  " + words;
  Told done;
  if (town_->presses()) {
    done = co_await command(person, std::move(words));
  } else {
    done = co_await write(person, std::move(words));
  }
  if (!done) co_return tl::unexpected<Error>(done.error());
  co_return how;
}

Task<Result<std::string>> Townsfolk::approve(std::string person, Message card, std::string resource) {
  if (town_->presses()) {
    const bool typed = !action_of(card.id, "confirm").empty();
    std::string act = typed ? "confirm" : "approve";
    auto pressed = co_await press(person, card.id, std::move(act));
    if (!pressed) co_return tl::unexpected<Error>(pressed.error());
    if (!typed) co_return std::string("presses Approve");
    auto channel = channel_id(card.place);
    co_return co_await fill_in(std::move(person), std::move(channel), std::move(resource));
  }
  if (town_->manner == cli::DemoManner::reactions && contains(card.text, "React with")) {
    auto reacted = co_await react(std::move(person), card.id);
    if (!reacted) co_return tl::unexpected<Error>(reacted.error());
    co_return std::string("reacts with ✅");
  }
  const std::string words = approving(card, resource);
  auto written = co_await write(std::move(person), words);
  if (!written) co_return tl::unexpected<Error>(written.error());
  co_return "writes to the bot:  " + words;
}

Task<Result<Attempt>> Townsfolk::forge(std::string person, Message card) {
  Attempt attempt;
  if (town_->manner == cli::DemoManner::commands) {
    attempt.how = "writes to the bot:  " + approving(card, "");
    auto written = co_await write(std::move(person), approving(card, ""));
    if (!written) co_return tl::unexpected<Error>(written.error());
    co_return attempt;
  }
  attempt.how = town_->presses() ? "forges a press of Approve" : "forges a reaction with ✅";
  std::string path = "/reactions";
  Json body = {{"user_id", member(person).id()}, {"post_id", card.id}, {"emoji_name", k_yes}};
  if (town_->presses()) {
    path = "/posts/" + card.id + "/actions/" + action_of(card.id, "approve");
    body = Json::object();
  }
  const auto done = co_await member(person).send("POST", std::move(path), std::move(body));
  if (done) co_return attempt;
  if (done.error().status != 403) co_return shown(person, attempt.how, done.error());
  attempt.refused = "the server itself refuses (403)";
  co_return attempt;
}

Task<Result<std::string>> Townsfolk::give_back(std::string person, Message message) {
  if (town_->presses()) {
    auto pressed = co_await press(std::move(person), message.id, "done");
    if (!pressed) co_return tl::unexpected<Error>(pressed.error());
    co_return std::string("presses I'm done");
  }
  const std::string words = "done " + typed_id(message.text);
  auto written = co_await write(std::move(person), words);
  if (!written) co_return tl::unexpected<Error>(written.error());
  co_return "writes to the bot:  " + words;
}

// --- seeing

std::vector<Message> Townsfolk::messages(const std::string& place) const {
  return sights_->posts(channel_id(place), town_->bot, place);
}

// Where nothing else is private, the bot writes directly.
std::vector<Message> Townsfolk::answers(const std::string& person) const {
  std::vector<Message> all = sights_->whispers(person);
  std::ranges::move(messages("@" + person), std::back_inserter(all));
  std::ranges::sort(all, {}, &Message::mark);
  return all;
}

std::shared_ptr<void> Townsfolk::on_change(std::function<void()> handler) {
  return sights_->on_change(std::move(handler));
}

}  // namespace jitbot::town

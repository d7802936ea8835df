#include "bot/app/demo/sandbox_company.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace jitbot::story {

namespace {

constexpr Millis k_patience{15s};
constexpr auto k_asking = "#general";

std::string button_of(const sandbox::Message& message, const std::string& act) {
  for (const auto& block : message.blocks) {
    if (block.value("type", "") != "actions") continue;
    for (const auto& element : block["elements"]) {
      std::string id = element.value("action_id", "");
      if (id.starts_with(act + ":")) return id;
    }
  }
  return {};
}

std::vector<Message> as_read(const std::vector<sandbox::Message>& messages, const std::string& place) {
  std::vector<Message> read;
  read.reserve(messages.size());
  for (const auto& message : messages) read.push_back({message.ts, place, message.text, message.ts});
  return read;
}

// What a token between '<' and '>' shows.
std::string shown_token(const std::string& token, const sandbox::World& world) {
  const std::string named = token.substr(0, token.find('|'));
  if (named.starts_with("@")) {
    const auto* person = world.find_person(named.substr(1));
    return "@" + (person == nullptr ? named.substr(1) : person->name);
  }
  return named.size() == token.size() ? token : token.substr(named.size() + 1);
}

}  // namespace

SandboxCompany::SandboxCompany(Clock& clock, sandbox::Sandbox& workspace)
    : workspace_(workspace), watch_(clock), listening_(workspace.on_change(watch_.trigger())) {}

std::string SandboxCompany::absence(const std::string& /*person*/) const {
  return {};
}

std::string SandboxCompany::outsider() const {
  return "of another company";
}

std::string SandboxCompany::mention(const std::string& person) const {
  const auto* found = workspace_.world().find_person(person);
  return found == nullptr ? person : found->id;
}

std::string SandboxCompany::channel_name(const std::string& place) const {
  return place;
}

std::string SandboxCompany::plain(const std::string& text) const {
  std::string out;
  // Of a date token just shown; the bot writes the same again for those who see another zone.
  std::string time;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text[at] == '<' ? text.find('>', at) : std::string::npos;
    const std::string repeated = " (" + time + ")";
    if (end != std::string::npos) {
      const std::string token = text.substr(at + 1, end - at - 1);
      const std::string shown = shown_token(token, workspace_.world());
      time = token.starts_with("!date") ? shown : "";
      out += shown;
      at = end + 1;
    } else if (!time.empty() && text.compare(at, repeated.size(), repeated) == 0) {
      at += repeated.size();
      time.clear();
    } else {
      if (text[at] != '*' && text[at] != '`') out += text[at];
      ++at;
    }
  }
  return out;
}

Task<Told> SandboxCompany::connected() {
  std::function<bool()> there = [this] {
    return std::ranges::any_of(workspace_.connections(), &sandbox::ConnectionInfo::greeted);
  };
  const bool came = co_await watch_.until(std::move(there), k_patience);
  if (!came) co_return fail(ErrorKind::unavailable, "the bot did not connect to the workspace");
  co_return Told();
}

Task<Result<std::string>> SandboxCompany::ask(std::string person, std::string words) {
  sandbox::CommandInput input;
  input.user = person;
  input.channel = k_asking;
  input.text = words;
  const auto outcome = co_await workspace_.run_command(std::move(input));
  if (outcome.ok()) co_return "types  /jit " + words;
  co_return fail(ErrorKind::unavailable,
                 fmt::format("{} typed /jit {}, and the workspace showed: {}", person, words, outcome.error));
}

std::string SandboxCompany::button(const Message& on, const std::string& act) const {
  const auto message = workspace_.find_message(on.place, on.id);
  return message ? button_of(*message, act) : std::string();
}

Task<Told> SandboxCompany::press(sandbox::ClickInput input, std::string act) {
  const std::string person = input.user;
  const auto outcome = co_await workspace_.click(std::move(input));
  if (outcome.ok()) co_return Told();
  co_return fail(ErrorKind::unavailable,
                 fmt::format("{} pressed {}, and the workspace showed: {}", person, act, outcome.error));
}

Task<Told> SandboxCompany::submit(std::string person, std::string resource) {
  std::function<bool()> there = [this, person] { return !workspace_.open_views(person).empty(); };
  const bool open = co_await watch_.until(std::move(there), k_patience);
  if (!open) co_return fail(ErrorKind::unavailable, fmt::format("no form opened for {}", person));
  sandbox::SubmitInput input;
  input.user = person;
  input.values["field:name"] = std::move(resource);
  const auto outcome = co_await workspace_.submit(std::move(input));
  if (outcome.ok()) co_return Told();
  co_return fail(ErrorKind::unavailable,
                 fmt::format("{} sent the form, and the workspace showed: {}", person, outcome.error));
}

Task<Result<std::string>> SandboxCompany::approve(std::string person, Message card, std::string resource) {
  const std::string typed = button(card, "confirm");
  sandbox::ClickInput input;
  input.user = person;
  input.channel = card.place;
  input.ts = card.id;
  input.action_id = typed.empty() ? button(card, "approve") : typed;
  auto pressed = co_await press(std::move(input), "Approve");
  if (!pressed) co_return tl::unexpected<Error>(pressed.error());
  if (typed.empty()) co_return std::string("presses Approve");
  auto sent = co_await submit(std::move(person), resource);
  if (!sent) co_return tl::unexpected<Error>(sent.error());
  co_return fmt::format("presses Approve… and types {}, which is of high risk", resource);
}

Task<Result<Attempt>> SandboxCompany::forge(std::string person, Message card) {
  sandbox::ClickInput input;
  input.user = std::move(person);
  input.channel = card.place;
  input.ts = card.id;
  input.action_id = button(card, "approve");
  input.replay = sandbox::Replay::any_version;
  auto pressed = co_await press(std::move(input), "Approve");
  if (!pressed) co_return tl::unexpected<Error>(pressed.error());
  co_return Attempt{"forges a press of Approve", {}};
}

Task<Result<std::string>> SandboxCompany::give_back(std::string person, Message message) {
  sandbox::ClickInput input;
  input.user = std::move(person);
  input.channel = message.place;
  input.ts = message.id;
  input.action_id = button(message, "done");
  auto pressed = co_await press(std::move(input), "I'm done");
  if (!pressed) co_return tl::unexpected<Error>(pressed.error());
  co_return std::string("presses I'm done");
}

std::vector<Message> SandboxCompany::messages(const std::string& place) const {
  return as_read(workspace_.messages(place), place);
}

std::vector<Message> SandboxCompany::answers(const std::string& person) const {
  return as_read(workspace_.ephemerals(person), "@" + person);
}

std::shared_ptr<void> SandboxCompany::on_change(std::function<void()> handler) {
  return workspace_.on_change(std::move(handler));
}

}  // namespace jitbot::story

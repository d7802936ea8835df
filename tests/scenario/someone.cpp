#include "tests/scenario/harness.hpp"

#include <algorithm>

// What people do and are told, on any platform.
namespace jitbot::scenario {

PrincipalId Someone::id() const {
  return stage_.scene().id_of(name_);
}

// --- what they are told

std::vector<std::string> Someone::told() const {
  std::vector<std::string> all;
  for (const Message& message : stage_.scene().answers(name_)) all.push_back(message.text);
  return all;
}

std::vector<Message> Someone::dms() const {
  return stage_.scene().messages("@" + name_);
}

std::string Someone::dm(const std::string& part) const {
  std::string newest;
  for (const Message& message : dms()) {
    if (contains(message.text, part)) newest = message.text;
  }
  return newest;
}

int Someone::dms_with(const std::string& part) const {
  const auto all = dms();
  return static_cast<int>(
      std::ranges::count_if(all, [&](const Message& message) { return contains(message.text, part); }));
}

std::string Someone::newest_answer(std::size_t before, Millis patience) {
  stage_.happens([&] { return told().size() > before; }, patience);
  const auto all = told();
  return all.size() > before ? all.back() : std::string();
}

// --- what they do

Deed Someone::starts_saying(const std::string& words) {
  return stage_.scene().types(name_, words, std::nullopt);
}

std::string Someone::says(const std::string& words, const std::optional<std::string>& channel) {
  const std::size_t before = told().size();
  const Deed deed = stage_.scene().types(name_, words, channel);
  stage_.until(deed.done, 10s);
  if (const std::string error = deed.error(); !error.empty()) return "error: " + error;
  const std::string answer = newest_answer(before, 30s);
  stage_.settle();
  return answer;
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

std::optional<Message> Someone::offer(const std::string& act, const std::string& id) const {
  std::optional<Message> newest;
  for (const std::string& place : {k_staging, k_prod, "@" + name_}) {
    for (Message& message : stage_.messages(place)) {
      if (message.offers(act, id)) newest = std::move(message);
    }
  }
  return newest;
}

void Someone::starts_pressing(const std::string& act, const std::string& id) {
  Scene& scene = stage_.scene();
  const bool votes = act == "approve" || act == "deny";
  if (scene.way() == Way::typing || (scene.way() == Way::reacting && !votes))
    return (void)starts_saying(typed_for(act, id));
  const auto message = offer(act, id);
  INFO(name_ << " presses " << act << " of " << id);
  REQUIRE(message.has_value());
  if (scene.way() == Way::pressing) return (void)scene.clicks(name_, *message, act, id);
  // What stands there already says nothing new.
  if (!scene.reacts(name_, *message, act)) (void)starts_saying(typed_for(act, id));
}

std::string Someone::presses(const std::string& act, const std::string& id) {
  if (stage_.scene().way() != Way::typing) stage_.until([&] { return offer(act, id).has_value(); });
  const std::size_t before = told().size();
  starts_pressing(act, id);
  stage_.settle();
  return newest_answer(before, 3s);
}

void Someone::starts_trying(const std::string& act, const std::string& id) {
  Scene& scene = stage_.scene();
  if (scene.way() == Way::pressing && scene.clicks_in_old_window(name_, act, id)) return;
  if (scene.way() != Way::typing && offer(act, id)) return starts_pressing(act, id);
  (void)starts_saying(typed_for(act, id));
}

std::string Someone::tries(const std::string& act, const std::string& id) {
  const std::size_t before = told().size();
  starts_trying(act, id);
  return newest_answer(before, 30s);
}

namespace {

// The fields of a form as they are typed: names sort as the commands want them.
std::string typed_values(const std::string& act, const Json& values) {
  std::string all;
  for (const auto& [field, value] : values.items()) {
    const bool after_role = act == "shorter" && field == "reason" && !values.contains("name");
    all += (all.empty() ? "" : " ") + std::string(after_role ? "because " : "") + value.get<std::string>();
  }
  return all;
}

}  // namespace

std::string Someone::fills_in(const std::string& act, const std::string& id, const nlohmann::json& values) {
  Scene& scene = stage_.scene();
  if (scene.way() != Way::pressing) return says(typed_for(act, id, typed_values(act, values)));
  stage_.until([&] { return offer(act, id).has_value(); });
  starts_pressing(act, id);
  stage_.settle();
  stage_.until([&] { return scene.sees_form(name_); }, 5s);
  return submits(values);
}

std::string Someone::denies(const std::string& id, const std::string& reason) {
  return fills_in("deny", id, reason.empty() ? Json::object() : Json{{"reason", reason}});
}

std::string Someone::ends(const std::string& id, const std::string& reason) {
  return fills_in("end", id, {{"reason", reason}});
}

std::string Someone::asks_by_form(const nlohmann::json& values) {
  Scene& scene = stage_.scene();
  const Deed deed = starts_saying("");
  stage_.until([&] { return deed.done() && scene.sees_form(name_); }, 10s);
  return submits(values);
}

std::string Someone::submits(const nlohmann::json& values) {
  const std::size_t before = told().size();
  const std::string wrong = stage_.scene().submits(name_, values);
  return wrong.empty() ? newest_answer(before, 3s) : wrong;
}

std::string Someone::mentions(const std::string& words, const Message& in_thread_of) {
  const auto replies = [&] {
    auto all = stage_.messages(in_thread_of.channel);
    std::erase_if(all, [&](const Message& message) { return message.thread != in_thread_of.id; });
    return all;
  };
  const std::size_t before = told().size();
  const std::size_t there = replies().size();
  stage_.scene().replies(name_, words, in_thread_of);
  stage_.happens([&] { return told().size() > before || replies().size() > there; }, 30s);
  stage_.settle();
  if (told().size() > before) return told().back();
  const auto now = replies();
  return now.size() > there ? now.back().text : std::string();
}

}  // namespace jitbot::scenario

#include "adapters/chat/mattermost/twins.hpp"

#include <algorithm>
#include <string_view>

namespace jitbot::mattermost {

namespace {

// "/jit deny 7K3F" of "deny 7K3F REASON".
std::string beginning_of(const std::string& twin) {
  const auto verb = twin.find(' ');
  const auto id = verb == std::string::npos ? verb : twin.find(' ', verb + 1);
  return "/jit " + twin.substr(0, id);
}

bool says(const std::vector<Line>& lines, const std::string& beginning) {
  return std::ranges::any_of(lines, [&beginning](const Line& line) {
    return std::ranges::any_of(line, [&beginning](const Span& span) {
      const auto* code = std::get_if<Code>(&span);
      return code != nullptr && code->text.starts_with(beginning);
    });
  });
}

bool has(const Card& card, Act act) {
  return std::ranges::any_of(card.buttons, [act](const Button& button) { return button.value.act == act; });
}

std::string named(std::string label) {
  constexpr std::string_view k_more = "…";
  if (label.ends_with(k_more)) label.resize(label.size() - k_more.size());
  return label;
}

void add_reactions(std::vector<Line>& lines, const Card& card, const Dress& dress) {
  if (!votes_by_reaction(card, dress).empty()) {
    lines.push_back(
        {Plain{"React with ✅ to approve or with ❌ to deny; taking the reaction back before it is "
               "decided withdraws it."}});
  } else if (has(card, Act::confirm)) {
    lines.push_back({Plain{"This is of high risk: reactions do not count, it is decided by what is typed."}});
  }
}

}  // namespace

std::optional<std::string> typed_twin(const ButtonValue& button) {
  const std::string id = typed_id(button);
  switch (button.act) {
    case Act::approve:
      return "approve " + id;
    case Act::confirm:
      return "approve " + id + " RESOURCE";
    case Act::deny:
      return "deny " + id + " REASON";
    case Act::shorter:
      return "revise " + id + " DURATION because REASON";
    case Act::question:
      return "ask " + id + " QUESTION";
    case Act::cancel:
      return "cancel " + id;
    case Act::done:
      return "done " + id;
    case Act::end:
      return "revoke " + id + " REASON";
    case Act::extend:
      return "extend " + id + " DURATION";
    case Act::request:
      return "request RESOURCE:ROLE DURATION REASON";
    case Act::again:
      return std::nullopt;
  }
  return std::nullopt;
}

// Where the resource's name is to be typed there is no plain approval to give, and nothing to deny by
// mistake.
std::vector<ButtonValue> votes_by_reaction(const Card& card, const Dress& dress) {
  std::vector<ButtonValue> votes;
  if (dress.clicks || !dress.votes || !has(card, Act::approve)) return votes;
  for (const Button& button : card.buttons) {
    if (button.value.act == Act::approve || button.value.act == Act::deny) votes.push_back(button.value);
  }
  return votes;
}

std::vector<Line> without_buttons(const Card& card, const Dress& dress) {
  std::vector<Line> lines;
  if (dress.votes) add_reactions(lines, card, dress);
  for (const Button& button : card.buttons) {
    const auto twin = typed_twin(button.value);
    if (!twin || says(card.facts, beginning_of(*twin)) || says(card.footer, beginning_of(*twin))) continue;
    lines.push_back({Plain{named(button.label) + ": "}, Code{"/jit " + *twin}});
  }
  return lines;
}

}  // namespace jitbot::mattermost

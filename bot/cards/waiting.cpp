#include "bot/cards/waiting.hpp"

#include "bot/cards/notice_args.hpp"
#include "bot/cards/notice_parts.hpp"
#include "bot/cards/phrases.hpp"
#include "bot/model/nudges.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace jitbot {

namespace {

constexpr std::size_t k_most_subjects = 4;  // the rest is counted

Line asking(const SubjectView& view) {
  Line line{person(view.request.asked.asker), Plain{" asks for "}};
  line += asked_terms(view.request.asked);
  return line;
}

Line waiting_line(const SubjectView& view) {
  Line line{Plain{"waits since "}, Moment{view.request.asked.asked_at}, Plain{" · "}};
  line += deadline_line(view.request);
  return line;
}

// High risk wants the resource's name typed.
std::string name_to_type(const SubjectView& view) {
  return view.request.asked.risk == Risk::high ? view.request.asked.resource : std::string();
}

Line how_to_decide(const SubjectView& view) {
  return {Plain{"deciding works by "}, typed(view, "approve", name_to_type(view)), Plain{" · "},
          typed(view, "deny", "<reason>")};
}

// Notices are written once and read later: principals as text, what is none is left out.
Line mentions(const nlohmann::json& args) {
  Line line;
  const auto people = args.find("people");
  if (people == args.end() || !people->is_array()) return line;
  for (const auto& one : *people) {
    const auto who = one.is_string() ? parse_principal_id(one.get<std::string>()) : std::nullopt;
    if (!who) continue;
    if (!line.empty()) line.emplace_back(Plain{" "});
    line.push_back(person(*who));
  }
  const std::string more = arg_string(args, "more");
  if (!line.empty() && !more.empty() && more != "0") line.emplace_back(Plain{" and " + more + " more"});
  return line;
}

Line in_channel(std::string_view before, const nlohmann::json& args) {
  return {Plain{std::string(before)}, ChannelMention{arg_string(args, "channel")}};
}

}  // namespace

std::string subjects_text(const std::vector<Subject>& subjects) {
  std::vector<std::string> names;
  for (const Subject& subject : subjects) {
    if (names.size() < k_most_subjects) names.push_back(to_string(subject));
  }
  std::string text = fmt::format("{}", fmt::join(names, ", "));
  if (subjects.size() > names.size()) text += fmt::format(" and {} more", subjects.size() - names.size());
  return text;
}

Line escalation_words(const Request& request) {
  const auto next = next_escalation(request);
  if (!next) return {};
  const auto& to = request.asked.escalate[*next->escalation].to;
  return {Plain{" · escalates to " + subjects_text(to) + " at "}, Moment{next->at}};
}

Line deadline_line(const Request& request) {
  Line line{Plain{"times out at "}, Moment{request.times_out_at}};
  line += escalation_words(request);
  return line;
}

Line stuck_line(const Request& request) {
  if (request.state != RequestState::pending || request.stuck.empty()) return {};
  return plain(fmt::format("nobody can approve {} {} now", request.stuck.size() == 1 ? "step" : "steps",
                           fmt::join(request.stuck, ", ")));
}

Card moved_card(const SubjectView& view, const std::vector<std::string>& places) {
  Card card;
  card.emoji = "↪️";
  card.headline = "Moved · " + shown_id(view.request);
  Line line{Plain{"this channel is shared with another organisation; "}};
  if (view.request.state != RequestState::pending) {
    line.emplace_back(Plain{"the card is not shown here"});
  } else {
    line.emplace_back(Plain{"whoever may decide got the card as a direct message"});
    for (std::size_t i = 0; i < places.size(); ++i) {
      line.emplace_back(Plain{i == 0 ? ", and finds it in " : ", "});
      line.emplace_back(ChannelMention{places[i]});
    }
  }
  add(card, std::move(line));
  return card;
}

Card nobody_can_approve(const SubjectView& view, const nlohmann::json& args) {
  if (view.request.state != RequestState::pending) return by_state(view);
  Card card = about(view, "⚠️", "Nobody can approve");
  add(card, asking(view));
  const std::string step = arg_string(args, "step");
  const std::string what = step.empty() ? std::string{} : "step " + step + " of ";
  add(card, plain(fmt::format("{}rule {} cannot be met by those who may decide now", what,
                              view.request.asked.rule)));
  add(card, arg_words("", args, "detail"));
  add(card, {Plain{"it times out at "}, Moment{view.request.times_out_at}});
  return card;
}

Card card_not_posted(const SubjectView& view, const nlohmann::json& args) {
  Card card = about(view, "⚠️", "Card not posted");
  add(card, asking(view));
  const std::string place = arg_string(args, "place");
  Line where{Plain{"the card could not be posted"}};
  if (!place.empty()) where += {Plain{" in "}, ChannelMention{place}};
  add(card, std::move(where));
  add(card, arg_words("problem ", args, "problem"));
  if (view.request.state == RequestState::pending) {
    if (has_arg(args, "nowhere")) add(card, plain("whoever may decide gets it as a direct message"));
    card.footer.push_back(how_to_decide(view));
  }
  return card;
}

Card reminder(const SubjectView& view, const nlohmann::json& args) {
  if (view.request.state != RequestState::pending) return by_state(view);
  Card card = about(view, "⏰", "Still waiting");
  add(card, mentions(args));
  add(card, asking(view));
  add(card, waiting_line(view));
  card.footer.push_back({Plain{"decide on the card above, or type "},
                         typed(view, "approve", name_to_type(view)), Plain{" · "},
                         typed(view, "deny", "<reason>")});
  return card;
}

Card escalated(const SubjectView& view, const nlohmann::json& args) {
  if (view.request.state != RequestState::pending) return by_state(view);
  Card card = about(view, "🔺", "Escalated");
  add(card, asking(view));
  add(card, waiting_line(view));
  if (has_arg(args, "may_decide")) {
    card.footer.push_back(how_to_decide(view));
    return card;
  }
  for (const Step& step : view.request.asked.steps)
    add(card, plain(fmt::format("{} may be decided by {}", step.name, subjects_text(step.from))));
  add(card, plain(fmt::format("rule {} tells you because it still waits; it does not let you decide",
                              view.request.asked.rule)));
  return card;
}

Card channel_lost(const nlohmann::json& args) {
  Card card = house_card("⚠️", "No cards in a channel");
  Line line = in_channel("no cards are shown in ", args);
  line.emplace_back(Plain{" any more: " + arg_string(args, "why")});
  add(card, std::move(line));
  add(card, arg_text("rules that post there: ", args, "rules"));
  add(card, plain("what is asked there reaches whoever may decide as a direct message, as long as no other "
                  "channel shows it"));
  add(card, arg_text("what to do: ", args, "fix"));
  return card;
}

Card channel_back(const nlohmann::json& args) {
  Card card = house_card("✅", "Cards in a channel again");
  add(card, in_channel("cards are shown again in ", args));
  add(card, arg_text("rules that post there: ", args, "rules"));
  return card;
}

}  // namespace jitbot

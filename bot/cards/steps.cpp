#include "bot/cards/steps.hpp"

#include "bot/cards/clean.hpp"
#include "bot/cards/history.hpp"
#include "bot/cards/notice_args.hpp"
#include "bot/cards/phrases.hpp"
#include "bot/model/grant.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace jitbot {

namespace {

using Json = nlohmann::json;

constexpr std::size_t k_most_words = 500;  // characters of what somebody said

constexpr std::array<std::string_view, 17> k_told{
    "request.asked",          "request.vote",        "request.approved", "request.denied",
    "request.vote_withdrawn", "request.vote_voided", "request.revised",  "request.question",
    "request.cancelled",      "request.timed_out",   "grant.active",     "grant.standing",
    "grant.started",          "grant.extended",      "grant.ending",     "grant.ended",
    "grant.overdue"};

Json detail_of(const AuditEvent& event) {
  Json detail = Json::parse(event.detail, nullptr, false);
  return detail.is_object() ? detail : Json::object();
}

bool is_told(const AuditEvent& event) {
  if (std::ranges::find(k_told, event.action) == k_told.end()) return false;
  const Json detail = detail_of(event);
  // Asking for access is the card itself.
  if (event.action == "request.asked") return has_arg(detail, "extends");
  // That its time was over is said with what was proven a moment later.
  if (event.action == "grant.ending") return arg_string(detail, "cause") != to_string(EndCause::due);
  return true;
}

AuditEvent event_from(const Json& step) {
  AuditEvent event;
  const auto at = step.find("at");
  if (at != step.end() && at->is_number_integer()) event.at = time_from_ms(at->get<std::int64_t>());
  event.actor = arg_person(step, "actor").value_or(system_principal("log"));
  event.action = arg_string(step, "action");
  event.subject = arg_string(step, "subject");
  const auto detail = step.find("detail");
  event.detail = detail != step.end() && detail->is_object() ? detail->dump() : "{}";
  return event;
}

// The asker's own words stand on the card; those of a target are told as such.
std::string said_with(const AuditEvent& event) {
  const Json detail = detail_of(event);
  const auto words = [&](const char* key) -> std::string {
    const auto found = detail.find(key);
    return found != detail.end() && found->is_string() ? one_line(found->get<std::string>(), k_most_words)
                                                       : std::string();
  };
  if (is_system(event.actor)) return {};
  if (event.action == "request.question") return words("question");
  if (event.action == "grant.ending" || event.action == "grant.ended") return words("text");
  if (event.action.starts_with("request.")) return words("reason");
  return {};
}

Line line_of(const AuditEvent& event, bool ended_with_it) {
  Line line{Moment{event.at, true}, Plain{" · "}};
  const bool only_why = event.action == "grant.ending" && ended_with_it;
  line += only_why ? cause_of_end(event) : history_line(event);
  return line;
}

}  // namespace

std::vector<AuditEvent> told_in_thread(const std::vector<AuditEvent>& events) {
  std::vector<AuditEvent> told;
  std::ranges::copy_if(events, std::back_inserter(told), is_told);
  return told;
}

Json step_args(const std::vector<AuditEvent>& steps, const std::string& of) {
  Json list = Json::array();
  for (const AuditEvent& event : steps) {
    list.push_back({{"at", to_ms(event.at)},
                    {"actor", to_string(event.actor)},
                    {"action", event.action},
                    {"subject", event.subject},
                    {"detail", detail_of(event)}});
  }
  Json args{{"steps", std::move(list)}};
  if (!of.empty()) args["of"] = of;
  return args;
}

Card step_card(const Json& args) {
  Card card;
  const auto steps = args.find("steps");
  if (!args.is_object() || steps == args.end() || !steps->is_array()) {
    card.facts.push_back(plain("something happened; the card says what is now"));
    return card;
  }
  std::vector<AuditEvent> events;
  for (const Json& step : *steps) {
    if (step.is_object()) events.push_back(event_from(step));
  }
  const bool ended = std::ranges::find(events, "grant.ended", &AuditEvent::action) != events.end();
  const std::string of = arg_string(args, "of");
  for (const AuditEvent& event : events) {
    Line line = line_of(event, ended);
    if (!of.empty()) line.emplace_back(Plain{" (" + of + ")"});
    card.facts.push_back(std::move(line));
    const std::string words = said_with(event);
    if (words.empty() || card.quote == words) continue;
    card.quote += (card.quote.empty() ? "" : "\n") + words;
  }
  return card;
}

}  // namespace jitbot

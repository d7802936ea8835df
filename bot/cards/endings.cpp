// How access ended, in words: what was proven, never more; and what people said on the way.
#include "bot/cards/clean.hpp"
#include "bot/cards/phrases.hpp"

#include <chrono>
#include <optional>

namespace jitbot {

namespace {

constexpr std::size_t k_most_reason = 500;   // characters of the asker's words
constexpr std::size_t k_most_comment = 300;  // characters of anybody else's
constexpr std::size_t k_most_voices = 8;

struct Voice {
  std::string label;
  std::string words;
};

bool given_by_a_person(const Grant& grant) {
  if (!grant.cause || is_system(grant.ended_by)) return false;
  switch (*grant.cause) {
    case EndCause::done:
    case EndCause::revoked:
    case EndCause::abandoned:
      return true;
    case EndCause::due:
    case EndCause::deactivated:
    case EndCause::barred:
    case EndCause::window_over:
    case EndCause::target_refused:
    case EndCause::existing_refused:
    case EndCause::gone:
    case EndCause::removed_outside:
      return false;
  }
  return false;
}

void add_voice(std::vector<Voice>& voices, std::string label, std::string_view words, std::size_t most) {
  std::string line = one_line(words, most);
  if (!line.empty() && voices.size() < k_most_voices) voices.push_back({std::move(label), std::move(line)});
}

void add_votes(std::vector<Voice>& voices, const SubjectView& view) {
  for (const Vote& vote : view.votes) {
    switch (vote.kind) {
      case VoteKind::approve:
        add_voice(voices, "approved", vote.reason, k_most_comment);
        break;
      case VoteKind::deny:
        add_voice(voices, "denied", vote.reason, k_most_comment);
        break;
      case VoteKind::withdrawn:
        add_voice(voices, "withdrawn", vote.reason, k_most_comment);
        break;
    }
  }
}

void add_decision(std::vector<Voice>& voices, const SubjectView& view) {
  const Request& request = view.request;
  if (is_system(request.decided_by)) return;  // our own words, shown as a fact
  for (const Vote& vote : view.votes) {
    if (vote.voter == request.decided_by && vote.reason == request.decision_reason) return;
  }
  add_voice(voices, std::string(to_string(request.state)), request.decision_reason, k_most_comment);
}

Line reason_of_target(std::string text, const Grant& grant) {
  Line line{Plain{std::move(text)}};
  if (!grant.end_reason.empty()) line += {Plain{": "}, foreign(grant.end_reason)};
  return line;
}

// Our own words, not a target's.
Line barred_line(const Grant& grant) {
  Line line = plain("who was to have it may not have it now");
  if (!grant.end_reason.empty()) line.emplace_back(Plain{": " + one_line(grant.end_reason, k_most_comment)});
  return line;
}

Line absent_line(const Grant& grant) {
  const Time seen = grant.ended_at.value_or(grant.end());
  const Millis lag = seen - grant.end_wanted_at.value_or(grant.end());
  return {Plain{"removed and confirmed absent "}, Moment{seen, true},
          Plain{", " + lag_text(lag) + " after its end"}};
}

// "2026-03-01T03:00:00Z", as format_utc() writes it.
std::optional<Time> parse_utc(std::string_view text) {
  constexpr std::string_view k_shape = "0000-00-00T00:00:00Z";
  if (text.size() != k_shape.size()) return std::nullopt;
  for (std::size_t i = 0; i < k_shape.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (k_shape[i] == '0' ? !digit : text[i] != k_shape[i]) return std::nullopt;
  }
  const auto number = [text](std::size_t at, std::size_t count) {
    int value = 0;
    for (const char c : text.substr(at, count)) value = value * 10 + (c - '0');
    return value;
  };
  const std::chrono::year_month_day date{std::chrono::year{number(0, 4)},
                                         std::chrono::month{static_cast<unsigned>(number(5, 2))},
                                         std::chrono::day{static_cast<unsigned>(number(8, 2))}};
  if (!date.ok()) return std::nullopt;
  return Time{std::chrono::sys_days{date} + std::chrono::hours{number(11, 2)} +
              std::chrono::minutes{number(14, 2)} + std::chrono::seconds{number(17, 2)}};
}

}  // namespace

// A newline in somebody's words never starts a line of the quote, so no voice can imitate the next one.
std::string quote_of(const SubjectView& view) {
  std::vector<Voice> voices;
  add_voice(voices, "asked", view.request.asked.reason, k_most_reason);
  add_voice(voices, "ticket", view.request.asked.ticket, k_most_comment);
  add_votes(voices, view);
  add_decision(voices, view);
  const bool own_grant = view.request.asked.kind == RequestKind::access && view.grant.has_value();
  if (own_grant && given_by_a_person(*view.grant))
    add_voice(voices, "ended", view.grant->end_reason, k_most_comment);

  if (voices.size() == 1 && voices.front().label == "asked") return voices.front().words;
  std::string quote;
  for (const Voice& voice : voices) {
    if (!quote.empty()) quote += '\n';
    quote += voice.label + ": " + voice.words;
  }
  return quote;
}

Line held_line(const std::string& note) {
  if (note.empty()) return plain("access kept because of another grant");
  constexpr std::string_view k_until = " until ";
  const auto split = note.find(k_until);
  if (split != std::string::npos) {
    if (const auto until = parse_utc(std::string_view(note).substr(split + k_until.size()))) {
      return {Plain{"access kept until "}, Moment{*until}, Plain{" because of " + note.substr(0, split)}};
    }
  }
  return plain("access kept because of " + note);
}

Line cause_line(const SubjectView& view) {
  if (!view.grant || !view.grant->cause) return {};
  const Grant& grant = *view.grant;
  const Time at = grant.end_wanted_at.value_or(grant.end());
  switch (*grant.cause) {
    case EndCause::due:
      return {Plain{"its time was over "}, Moment{at, true}};
    case EndCause::done:
      return {Plain{"given back by "}, person(grant.ended_by), Plain{" "}, Moment{at, true}};
    case EndCause::revoked:
      return {Plain{"taken away by "}, person(grant.ended_by), Plain{" "}, Moment{at, true}};
    case EndCause::deactivated:
      return {person(grant.beneficiary), Plain{" was deactivated "}, Moment{at, true}};
    case EndCause::barred:
      return barred_line(grant);
    case EndCause::window_over:
      return reason_of_target("could not be set up in time", grant);
    case EndCause::target_refused:
      return reason_of_target("the target refused", grant);
    case EndCause::existing_refused:
      return plain("the account had this access before, and such requests are refused for this target");
    case EndCause::gone:
      if (grant.ended_as == EndedAs::gone) return {};
      return plain(grant.resource + " does not exist any more");
    case EndCause::removed_outside:
    case EndCause::abandoned:
      return {};  // how it ended says it all
  }
  return {};
}

Line ended_line(const Grant& grant) {
  const Time at = grant.ended_at.value_or(grant.end());
  if (!grant.ended_as) return {Plain{"ended "}, Moment{at, true}};
  switch (*grant.ended_as) {
    case EndedAs::absent:
      return absent_line(grant);
    case EndedAs::held:
      return held_line(grant.note);
    case EndedAs::standing:
      return plain("access was there before, kept");
    case EndedAs::gone:
      return {Plain{"the resource is gone, and the access with it "}, Moment{at, true}};
    case EndedAs::removed_outside:
      return {Plain{"somebody else removed it at the target, seen "}, Moment{at, true},
              Plain{"; nothing is put back"}};
    case EndedAs::failed:
      return {Plain{"never became usable; confirmed absent "}, Moment{at, true}};
    case EndedAs::not_started:
      return {Plain{"not started: the target was never touched"}};
    case EndedAs::abandoned:
      return {Plain{"given up by "}, person(grant.ended_by), Plain{" "}, Moment{at, true},
              Plain{"; whether the access is still there was not proven"}};
  }
  return {};
}

}  // namespace jitbot

#include "bot/cards/notice_parts.hpp"

#include "bot/cards/phrases.hpp"

#include <fmt/format.h>

namespace jitbot {

Card about(const SubjectView& view, std::string_view emoji, std::string_view word) {
  Card card;
  card.emoji = emoji;
  card.headline = fmt::format("{} · {}", word, shown_id(view.request));
  return card;
}

Card by_state(const SubjectView& view) {
  Card card;
  card.emoji = sign_of(phase_of(view)).emoji;
  card.headline = header_of(view);
  card.timed_headline = timed_header_of(view);
  return card;
}

void add(Card& card, Line line) {
  if (!line.empty()) card.facts.push_back(std::move(line));
}

Line subject_line(const SubjectView& view) {
  const Asked& asked = view.request.asked;
  Line line{person(asked.beneficiary), Plain{" · "}};
  line += asked_terms(asked);
  return line;
}

Code typed(const SubjectView& view, std::string_view verb, std::string_view rest) {
  return Code{fmt::format("/jit {} {}{}{}", verb, typed_id(view.request), rest.empty() ? "" : " ", rest)};
}

Card house_card(std::string emoji, std::string headline) {
  Card card;
  card.emoji = std::move(emoji);
  card.headline = std::move(headline);
  return card;
}

}  // namespace jitbot

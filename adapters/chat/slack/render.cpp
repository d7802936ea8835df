#include "adapters/chat/slack/render.hpp"

#include "adapters/chat/slack/text_in.hpp"
#include "adapters/chat/slack/text_object.hpp"
#include "adapters/chat/slack/text_out.hpp"
#include "adapters/chat/slack/utf.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace jitbot::slack {

namespace {

using Json = nlohmann::json;

// docs.slack.dev, "Reference: blocks". All blocks of a message together may hold about 13,200 characters
// (slackapi/bolt-js#2509); nothing says what is counted, so the whole JSON is.
constexpr std::size_t k_header = 150;
constexpr std::size_t k_section = 3000;
constexpr std::size_t k_button_label = 75;
constexpr std::size_t k_button_value = 2000;
constexpr std::size_t k_buttons_per_block = 25;
constexpr std::size_t k_most_buttons = 50;
constexpr std::size_t k_all_blocks = 13'000;
constexpr std::size_t k_notification = 1500;
constexpr std::size_t k_bare_facts = 500;
constexpr std::size_t k_text_alone = 3500;

// Shares of a message; halved until everything together fits.
struct Budget {
  std::size_t facts = 6000;
  std::size_t quote = 3000;
  std::size_t footer = 1500;
  std::size_t buttons = k_most_buttons;
};

std::string title(const Card& card) {
  std::string text = card.emoji;
  if (!text.empty() && !card.headline.empty()) text += ' ';
  return clean_text(text + card.headline);
}

void add_facts(Json& blocks, const std::vector<Line>& facts, std::size_t budget, Time now) {
  std::size_t left = budget;
  Mrkdwn section(std::min(left, k_section));
  const auto flush = [&] {
    std::string text = section.take();
    left -= std::min(left, utf16_units(text));
    if (!is_blank(text)) blocks.push_back({{"type", "section"}, {"text", mrkdwn(std::move(text))}});
    section = Mrkdwn(std::min(left, k_section));
  };
  for (const auto& fact : facts) {
    Mrkdwn longer = section;
    longer.line(fact, now);
    if (longer.full() && !section.empty()) {
      flush();  // the next section has room for the whole line
      longer = section;
      longer.line(fact, now);
    }
    section = std::move(longer);
    if (section.full()) flush();
    if (left <= 1) break;
  }
  flush();
}

Json quote_block(std::string_view quote, std::size_t budget) {
  const std::string text = cut_utf16(clean_text(quote), std::min(budget, k_section));
  const Json words{{"type", "text"}, {"text", text}};
  const Json part{{"type", "rich_text_quote"}, {"elements", Json::array({words})}};
  return {{"type", "rich_text"}, {"elements", Json::array({part})}};
}

void add_footer(Json& blocks, const std::vector<Line>& lines, std::size_t budget, Time now) {
  Mrkdwn text(budget);
  for (const auto& line : lines) {
    if (text.full()) break;
    text.line(line, now);
  }
  const std::string words = text.take();
  if (!is_blank(words)) blocks.push_back({{"type", "context"}, {"elements", Json::array({mrkdwn(words)})}});
}

Json button_element(const Button& button, std::size_t index) {
  Json element{{"type", "button"},
               {"action_id", std::string(to_string(button.value.act)) + ":" + std::to_string(index)},
               {"text", plain_text(button.label, k_button_label)},
               {"value", encode(button.value)}};
  switch (button.style) {
    case ButtonStyle::normal:
      break;
    case ButtonStyle::primary:
      element["style"] = "primary";
      break;
    case ButtonStyle::danger:
      element["style"] = "danger";
      break;
  }
  return element;
}

void add_buttons(Json& blocks, const std::vector<Button>& buttons, std::size_t most) {
  Json elements = Json::array();
  const auto flush = [&] {
    if (!elements.empty()) blocks.push_back({{"type", "actions"}, {"elements", std::move(elements)}});
    elements = Json::array();
  };
  std::size_t index = 0;
  for (const auto& button : buttons) {
    if (index == most) break;
    if (utf16_units(encode(button.value)) > k_button_value) continue;  // no lookup key of ours is that long
    elements.push_back(button_element(button, index++));
    if (elements.size() == k_buttons_per_block) flush();
  }
  flush();
}

Json full_blocks(const Card& card, const Budget& budget, Time now) {
  Json blocks = Json::array();
  const std::string head = title(card);
  if (!is_blank(head)) blocks.push_back({{"type", "header"}, {"text", plain_text(head, k_header)}});
  add_facts(blocks, card.facts, budget.facts, now);
  if (!is_blank(clean_text(card.quote))) blocks.push_back(quote_block(card.quote, budget.quote));
  add_footer(blocks, card.footer, budget.footer, now);
  add_buttons(blocks, card.buttons, budget.buttons);
  return blocks;
}

std::size_t size_of(const Json& blocks) {
  return utf16_units(blocks.dump(-1, ' ', false, Json::error_handler_t::replace));
}

Json fitting_blocks(const Card& card, Time now) {
  Budget budget;
  Json blocks = full_blocks(card, budget, now);
  while (size_of(blocks) > k_all_blocks && budget.facts > 1) {
    budget = {budget.facts / 2, budget.quote / 2, budget.footer / 2,
              std::max<std::size_t>(budget.buttons / 2, 1)};
    blocks = full_blocks(card, budget, now);
  }
  return blocks;
}

// For notifications, where no block is shown: title and facts, never the quote.
std::string words_of(const Card& card, std::size_t limit, Time now) {
  Mrkdwn text(limit);
  const std::string head = title(card);
  if (!is_blank(head)) text.line(plain(head), now);
  for (const auto& fact : card.facts) {
    if (text.full()) break;
    text.line(fact, now);
  }
  if (card.facts.empty() && is_blank(head)) {
    for (const auto& line : card.footer) text.line(line, now);
  }
  const std::string words = text.take();
  return is_blank(words) ? "jitbot" : words;
}

Json bare_blocks(const Card& card, Time now) {
  Json blocks = Json::array();
  blocks.push_back({{"type", "section"}, {"text", mrkdwn(words_of(card, k_bare_facts, now))}});
  add_buttons(blocks, card.buttons, k_buttons_per_block);
  return blocks;
}

}  // namespace

Json render_message(const Card& card, Dress dress, Time now) {
  switch (dress) {
    case Dress::full: {
      Json message{{"text", words_of(card, k_notification, now)}};
      Json blocks = fitting_blocks(card, now);
      if (!blocks.empty()) message["blocks"] = std::move(blocks);
      return message;
    }
    case Dress::bare:
      return {{"text", words_of(card, k_bare_facts, now)}, {"blocks", bare_blocks(card, now)}};
    case Dress::text:
      break;
  }
  return {{"text", words_of(card, k_text_alone, now)}, {"blocks", Json::array()}};
}

Json render_metadata(const std::string& key) {
  return {{"event_type", k_event_type}, {"event_payload", {{"key", key}}}};
}

}  // namespace jitbot::slack

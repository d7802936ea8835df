#include "adapters/chat/slack/render.hpp"

#include "adapters/chat/slack/blocks.hpp"
#include "adapters/chat/slack/text_object.hpp"
#include "adapters/chat/slack/text_out.hpp"
#include "adapters/chat/slack/utf.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace jitbot::slack {

namespace {

using Json = nlohmann::json;

// All blocks of a message together may hold about 13,200 characters
// (slackapi/bolt-js#2509); nothing says what is counted, so the whole JSON is.
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

Json full_blocks(const Card& card, const Budget& budget, Time now) {
  Json blocks = Json::array();
  add_title(blocks, card, now);
  add_facts(blocks, card.facts, budget.facts, now);
  add_quote(blocks, card.quote, budget.quote);
  add_footer(blocks, card.footer, budget.footer, now);
  add_buttons(blocks, card.buttons, {budget.buttons, 0});
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
  const std::string head = title_of(card);
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
  add_buttons(blocks, card.buttons, {k_buttons_per_block, 0});
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

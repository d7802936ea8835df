#include "adapters/chat/slack/blocks.hpp"

#include "adapters/chat/slack/text_in.hpp"
#include "adapters/chat/slack/text_object.hpp"
#include "adapters/chat/slack/text_out.hpp"
#include "adapters/chat/slack/utf.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace jitbot::slack {

namespace {

using Json = nlohmann::json;

// docs.slack.dev, "Reference: blocks".
constexpr std::size_t k_header = 150;
constexpr std::size_t k_section = 3000;
constexpr std::size_t k_button_label = 75;
constexpr std::size_t k_button_value = 2000;
constexpr std::size_t k_timed_title = 600;  // with its escaped words and tokens

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

}  // namespace

std::string title_of(const Card& card) {
  std::string text = card.emoji;
  if (!text.empty() && !card.headline.empty()) text += ' ';
  return clean_text(text + card.headline);
}

// A header is plain text, where no reader's zone works: with a time in it, the title is a bold line.
void add_title(Json& blocks, const Card& card, Time now) {
  if (!card.timed_headline.empty()) {
    Mrkdwn text(k_timed_title);
    Line line = card.timed_headline;
    if (!card.emoji.empty()) line.insert(line.begin(), Plain{card.emoji + " "});
    text.line(line, now);
    blocks.push_back({{"type", "section"}, {"text", mrkdwn("*" + text.take() + "*")}});
    return;
  }
  add_header(blocks, title_of(card));
}

void add_header(Json& blocks, const std::string& text) {
  if (!is_blank(text)) blocks.push_back({{"type", "header"}, {"text", plain_text(text, k_header)}});
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

void add_quote(Json& blocks, std::string_view quote, std::size_t budget) {
  const std::string text = cut_utf16(clean_text(quote), std::min(budget, k_section));
  if (is_blank(text)) return;
  const Json words{{"type", "text"}, {"text", text}};
  const Json part{{"type", "rich_text_quote"}, {"elements", Json::array({words})}};
  blocks.push_back({{"type", "rich_text"}, {"elements", Json::array({part})}});
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

std::size_t add_buttons(Json& blocks, const std::vector<Button>& buttons, ButtonRange range) {
  Json elements = Json::array();
  const auto flush = [&] {
    if (!elements.empty()) blocks.push_back({{"type", "actions"}, {"elements", std::move(elements)}});
    elements = Json::array();
  };
  std::size_t index = range.first;
  for (const auto& button : buttons) {
    if (index == range.first + range.most) break;
    if (utf16_units(encode(button.value)) > k_button_value) continue;  // no lookup key of ours is that long
    elements.push_back(button_element(button, index++));
    if (elements.size() == k_buttons_per_block) flush();
  }
  flush();
  return index;
}

}  // namespace jitbot::slack

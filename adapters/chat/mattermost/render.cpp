#include "adapters/chat/mattermost/render.hpp"

#include "adapters/chat/mattermost/literal.hpp"
#include "adapters/chat/mattermost/seal.hpp"
#include "adapters/chat/mattermost/text_out.hpp"
#include "adapters/chat/mattermost/twins.hpp"
#include "adapters/chat/read/json_read.hpp"
#include "bot/cards/clean.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace jitbot::mattermost {

namespace {

using Json = nlohmann::json;

constexpr std::size_t k_line = 2000;  // code points of one line of facts
constexpr std::size_t k_title = 300;
constexpr std::size_t k_label = 60;
constexpr std::size_t k_fallback = 300;
constexpr std::size_t k_footer = 300;  // clients cut a longer one
constexpr std::size_t k_most_buttons = 20;

// Shares of a post in code points. Facts without a share of the props go into the message.
struct Budget {
  std::size_t facts = 0;
  std::size_t quote = 0;
  std::size_t footer = 0;
  std::size_t buttons = 0;
};
constexpr std::array k_budgets{Budget{4000, 3000, 1500, k_most_buttons},
                               Budget{4000, 1000, 1500, k_most_buttons},
                               Budget{4000, 300, 600, k_most_buttons},
                               Budget{0, 1000, 600, k_most_buttons},
                               Budget{0, 300, 300, k_most_buttons},
                               Budget{0, 100, 0, k_most_buttons},
                               Budget{0, 0, 0, 10},
                               Budget{0, 0, 0, 4},
                               Budget{0, 0, 0, 0}};

std::string title_of(const Card& card, const Dress& dress) {
  const Line line = card.timed_headline.empty() ? plain(card.headline) : card.timed_headline;
  std::string text = markdown(line, dress, k_title);
  // A blank before the closing marks would make stars of them.
  text.erase(text.find_last_not_of(' ') + 1);
  if (text.empty()) return card.emoji;
  return card.emoji + (card.emoji.empty() ? "**" : " **") + text + "**";
}

// The colour that a card's sign stands for.
std::string color_of(std::string_view emoji) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 10> k_colors{{{"⏳", "#f0a30a"},
                                                                                    {"⏰", "#f0a30a"},
                                                                                    {"🔺", "#f0a30a"},
                                                                                    {"⚠️", "#f0a30a"},
                                                                                    {"✅", "#3db887"},
                                                                                    {"⛔", "#d24b4e"},
                                                                                    {"🚨", "#d24b4e"},
                                                                                    {"🔚", "#5d89ea"},
                                                                                    {"💬", "#5d89ea"},
                                                                                    {"✂️", "#5d89ea"}}};
  const auto* found =
      std::ranges::find(k_colors, emoji, &std::pair<std::string_view, std::string_view>::first);
  return std::string(found == k_colors.end() ? std::string_view("#9a9a9a") : found->second);
}

std::vector<std::string> lines_of(const std::vector<Line>& lines, const Dress& dress) {
  std::vector<std::string> all;
  all.reserve(lines.size());
  for (const Line& line : lines) {
    std::string text = markdown(line, dress, k_line);
    if (!text.empty()) all.push_back(std::move(text));
  }
  return all;
}

std::vector<std::string> facts_of(const Card& card, const Dress& dress) {
  std::vector<std::string> facts = lines_of(card.facts, dress);
  if (!dress.clicks)
    std::ranges::move(lines_of(without_buttons(card, dress), dress), std::back_inserter(facts));
  return facts;
}

// The user's words, cut so that with their fence, which grows with what they hold, they stay within `most`.
std::string quote_of(const Card& card, std::size_t most) {
  for (std::size_t words = most; words > 0; words /= 2) {
    std::string fence = fenced(cut(card.quote, words));
    if (length_of(fence) <= most) return fence;
  }
  return {};
}

// Plain words where they fit, since nothing is parsed there; else lines of their own.
void add_footer(Json& attachment, const Card& card, const Dress& dress, std::size_t most) {
  std::string words;
  for (const Line& line : card.footer) {
    const std::string text = plain_words(line, dress);
    if (!text.empty()) words += (words.empty() ? "" : " · ") + text;
  }
  if (words.empty() || most == 0) return;
  if (length_of(words) <= std::min(k_footer, most)) {
    attachment["footer"] = words;
    return;
  }
  const std::string lines = joined(lines_of(card.footer, dress), most);
  const std::string before = chat::text_at(attachment, {"text"});
  attachment["text"] = before.empty() ? lines : before + "\n" + lines;
}

std::string style_of(ButtonStyle style) {
  switch (style) {
    case ButtonStyle::normal:
      return "default";
    case ButtonStyle::primary:
      return "primary";
    case ButtonStyle::danger:
      return "danger";
  }
  return "default";
}

// The server routes clicks by ids of letters and digits alone.
Json action_of(const Button& button, std::size_t index, const Dress& dress) {
  const Clicks& clicks = *dress.clicks;
  const ClickSeal click{button.value, clicks.channel, dress.key, clicks.expires};
  return {{"id", std::string(to_string(button.value.act)) + std::to_string(index)},
          {"type", "button"},
          {"name", literal(one_line(button.label, k_label))},
          {"style", style_of(button.style)},
          {"integration", {{"url", clicks.url}, {"context", {{"sealed", seal(click, clicks.key)}}}}}};
}

Json actions_of(const Card& card, const Dress& dress, std::size_t most) {
  Json actions = Json::array();
  if (!dress.clicks) return actions;
  for (const Button& button : card.buttons) {
    if (actions.size() == most) break;
    actions.push_back(action_of(button, actions.size(), dress));
  }
  return actions;
}

// Title and facts for notifications and clients that show no attachments; never the user's words.
std::string fallback_of(const Card& card, const Dress& dress) {
  std::string text = one_line(card.emoji + " " + card.headline, k_fallback);
  for (const Line& fact : card.facts) text += (text.empty() ? "" : " · ") + plain_words(fact, dress);
  return one_line(text, k_fallback);
}

Json attachments_of(const Card& card, const Dress& dress, const Budget& budget, const std::string& facts) {
  Json attachments = Json::array();
  const auto add = [&attachments, &card](std::string text) {
    attachments.push_back({{"color", color_of(card.emoji)}, {"text", std::move(text)}});
  };
  if (!facts.empty()) add(facts);
  if (std::string quote = quote_of(card, budget.quote); !quote.empty()) add(std::move(quote));
  Json last = Json::object();
  add_footer(last, card, dress, budget.footer);
  Json actions = actions_of(card, dress, budget.buttons);
  if (!actions.empty()) last["actions"] = std::move(actions);
  if (!last.empty()) {
    const bool joins = attachments.size() == 1 && !facts.empty() && !last.contains("text");
    if (!joins) add(chat::text_at(last, {"text"}));
    last.erase("text");
    attachments.back().update(last);
  }
  if (!attachments.empty()) attachments.front()["fallback"] = fallback_of(card, dress);
  return attachments;
}

// A plain answer has no title and nothing to press: all of it is its message.
bool is_plain(const Card& card, const Dress& dress) {
  const bool pressed = dress.clicks && !card.buttons.empty();
  return card.emoji.empty() && card.headline.empty() && card.timed_headline.empty() && !pressed;
}

Json props_of(const Card& card, const Dress& dress) {
  Json props{{k_key_prop, dress.key}};
  auto votes = votes_by_reaction(card, dress);
  if (votes.empty()) return props;
  const Votes& shown = *dress.votes;
  const VoteSeal sealed{std::move(votes), shown.channel, dress.key, shown.since, shown.edited, shown.noted};
  props[k_votes_prop] = seal(sealed, shown.key);
  return props;
}

Json post_of(const Card& card, const Dress& dress, const Budget& budget) {
  std::vector<std::string> message;
  if (std::string title = title_of(card, dress); !title.empty()) message.push_back(std::move(title));
  std::vector<std::string> facts = facts_of(card, dress);
  std::string apart = message.empty() ? std::string() : joined(facts, dress.limits.message);
  if (length_of(apart) > budget.facts) apart.clear();
  if (apart.empty()) std::ranges::move(facts, std::back_inserter(message));
  Json props = props_of(card, dress);
  Json attachments = attachments_of(card, dress, budget, apart);
  if (!attachments.empty()) props["attachments"] = std::move(attachments);
  std::string text = joined(message, dress.limits.message);
  return {{"message", text.empty() ? std::string("jitbot") : std::move(text)}, {"props", std::move(props)}};
}

}  // namespace

std::size_t size_of_props(const Json& props) {
  constexpr std::size_t k_own = 40;  // from_bot
  constexpr std::size_t k_attachment =
      260;                              // pretext, author_…, title_…, image_url, thumb_url, footer_icon, ts
  constexpr std::size_t k_escaped = 5;  // \u003c in place of <
  const std::string text = props.dump(-1, ' ', false, Json::error_handler_t::replace);
  const auto escaped = std::ranges::count_if(text, [](char c) { return c == '<' || c == '>' || c == '&'; });
  const Json* attachments = chat::member(props, "attachments");
  return length_of(text) + k_own + k_escaped * static_cast<std::size_t>(escaped) +
         (attachments == nullptr ? 0 : attachments->size() * k_attachment);
}

std::string key_of_post(const Json& post) {
  return chat::text_at(post, {"props", k_key_prop});
}

std::string render_text(const Card& card, const Dress& dress) {
  Dress words = dress;
  words.clicks.reset();
  std::vector<std::string> lines;
  if (std::string title = title_of(card, words); !title.empty()) lines.push_back(std::move(title));
  std::ranges::move(facts_of(card, words), std::back_inserter(lines));
  if (std::string quote = quote_of(card, dress.limits.message / 4); !quote.empty())
    lines.push_back(std::move(quote));
  std::ranges::move(lines_of(card.footer, words), std::back_inserter(lines));
  std::string text = joined(lines, dress.limits.message);
  return text.empty() ? std::string("jitbot") : text;
}

Json render_post(const Card& card, const Dress& dress) {
  if (is_plain(card, dress)) return {{"message", render_text(card, dress)}, {"props", props_of(card, dress)}};
  Json post;
  for (const Budget& budget : k_budgets) {
    post = post_of(card, dress, budget);
    if (size_of_props(post.at("props")) <= dress.limits.props) break;
  }
  return post;
}

Json command_answer(const Card& card, const Dress& dress) {
  return {{"response_type", "ephemeral"}, {"text", render_text(card, dress)}, {"skip_slack_parsing", true}};
}

Json click_answer(const Card& card, const Dress& dress) {
  return {{"ephemeral_text", render_text(card, dress)}, {"skip_slack_parsing", true}};
}

}  // namespace jitbot::mattermost

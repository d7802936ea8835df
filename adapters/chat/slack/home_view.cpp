#include "adapters/chat/slack/home_view.hpp"

#include "adapters/chat/slack/blocks.hpp"

#include <nlohmann/json.hpp>

namespace jitbot::slack {

namespace {

using Json = nlohmann::json;

// docs.slack.dev, "Reference: views": 100 blocks, 250 KB; some are kept for what ends the page.
constexpr std::size_t k_most_blocks = 92;
constexpr std::size_t k_most_bytes = 200'000;
constexpr std::size_t k_item_facts = 1500;
constexpr std::size_t k_item_quote = 700;
constexpr std::size_t k_footer = 1500;
constexpr std::size_t k_item_buttons = 6;

// The page so far; refuses what would be too much.
class Page {
 public:
  explicit Page(Time now) : now_(now) {}

  void item(const Card& card) {
    Json blocks = Json::array();
    add_title(blocks, card, now_);
    add_facts(blocks, card.facts, k_item_facts, now_);
    add_quote(blocks, card.quote, k_item_quote);
    add_footer(blocks, card.footer, k_footer, now_);
    const std::size_t next = add_buttons(blocks, card.buttons, {k_item_buttons, buttons_});
    if (put(std::move(blocks))) buttons_ = next;
  }
  void heading(const std::string& text) {
    Json blocks = Json::array();
    add_header(blocks, text);
    put(std::move(blocks));
  }
  void small(const std::vector<Line>& lines) {
    Json blocks = Json::array();
    add_footer(blocks, lines, k_footer, now_);
    put(std::move(blocks));
  }

  Json take() {
    if (cut_) {
      const Line more{Plain{"There is more: "}, Code{"/jit mine"}, Plain{" · "}, Code{"/jit pending"}};
      add_footer(blocks_, {more}, k_footer, now_);
    }
    return std::move(blocks_);
  }

 private:
  bool put(Json blocks) {
    const std::size_t bytes = blocks.dump(-1, ' ', true, Json::error_handler_t::replace).size();
    cut_ = cut_ || blocks_.size() + blocks.size() > k_most_blocks || bytes_ + bytes > k_most_bytes;
    if (cut_) return false;
    bytes_ += bytes;
    for (Json& block : blocks) blocks_.push_back(std::move(block));
    return true;
  }

  Time now_;
  Json blocks_ = Json::array();
  std::size_t bytes_ = 0;
  std::size_t buttons_ = 0;
  bool cut_ = false;
};

}  // namespace

Json render_home(const Home& home, Time now) {
  Page page(now);
  page.item(home.top);
  for (const HomeSection& section : home.sections) {
    page.heading(section.title);
    for (const Card& item : section.items) page.item(item);
    if (!section.more.empty()) page.small({section.more});
  }
  page.small(home.footer);
  return {{"type", "home"}, {"callback_id", "jitbot:home"}, {"blocks", page.take()}};
}

}  // namespace jitbot::slack

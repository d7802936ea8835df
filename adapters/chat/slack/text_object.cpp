#include "adapters/chat/slack/text_object.hpp"

#include "adapters/chat/slack/text_in.hpp"
#include "adapters/chat/slack/utf.hpp"

#include <nlohmann/json.hpp>

namespace jitbot::slack {

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \n\t") == std::string_view::npos;
}

nlohmann::json plain_text(std::string_view text, std::size_t max) {
  std::string clean = cut_utf16(clean_text(text), max);
  if (is_blank(clean)) clean = "–";
  return {{"type", "plain_text"}, {"text", std::move(clean)}, {"emoji", false}};
}

nlohmann::json mrkdwn(std::string text) {
  return {{"type", "mrkdwn"}, {"text", std::move(text)}, {"verbatim", true}};
}

}  // namespace jitbot::slack

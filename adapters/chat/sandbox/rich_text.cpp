#include "adapters/chat/sandbox/ids.hpp"
#include "adapters/chat/sandbox/wire_json.hpp"

#include <string>

// A person's message as blocks: what the client sends beside `text`.
namespace jitbot::sandbox {

using Json = nlohmann::json;

namespace {

std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const std::string_view rest = text.substr(i);
    if (rest.starts_with("&lt;")) {
      out += '<';
      i += 4;
    } else if (rest.starts_with("&gt;")) {
      out += '>';
      i += 4;
    } else if (rest.starts_with("&amp;")) {
      out += '&';
      i += 5;
    } else {
      out += text[i++];
    }
  }
  return out;
}

// "@U1", "#C1", "!subteam^S1", "!here", each without its label.
Json element_of(std::string_view token) {
  token = token.substr(0, token.find('|'));
  const auto after = [token](std::string_view mark) { return std::string(token.substr(mark.size())); };
  if (token.starts_with("@")) return {{"type", "user"}, {"user_id", after("@")}};
  if (token.starts_with("#")) return {{"type", "channel"}, {"channel_id", after("#")}};
  if (token.starts_with("!subteam^")) return {{"type", "usergroup"}, {"usergroup_id", after("!subteam^")}};
  if (token.starts_with("!")) return {{"type", "broadcast"}, {"range", after("!")}};
  return {{"type", "link"}, {"url", std::string(token)}};
}

}  // namespace

Json rich_text_of(Random& random, std::string_view wire_text) {
  Json elements = Json::array();
  const auto add_text = [&elements](std::string_view text) {
    if (!text.empty()) elements.push_back({{"type", "text"}, {"text", unescaped(text)}});
  };
  while (!wire_text.empty()) {
    const std::size_t open = wire_text.find('<');
    const std::size_t close = open == std::string_view::npos ? open : wire_text.find('>', open);
    if (close == std::string_view::npos) {
      add_text(wire_text);
      break;
    }
    add_text(wire_text.substr(0, open));
    elements.push_back(element_of(wire_text.substr(open + 1, close - open - 1)));
    wire_text.remove_prefix(close + 1);
  }
  const Json section = {{"type", "rich_text_section"}, {"elements", std::move(elements)}};
  return Json::array({{{"type", "rich_text"},
                       {"block_id", random_id(random, "", 5)},
                       {"elements", Json::array({section})}}});
}

}  // namespace jitbot::sandbox

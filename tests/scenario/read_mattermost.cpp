#include "tests/scenario/scene_mattermost.hpp"

#include <array>
#include <regex>
#include <sstream>
#include <utility>

// What a person reads of a Mattermost post, in the marks of every scene.
namespace jitbot::scenario {

namespace {

// Marks that do nothing look like those that would.
constexpr std::array<std::pair<const char*, const char*>, 16> k_alike{{{"\u2060", ""},
                                                                       {"∗", "*"},
                                                                       {"ˋ", "`"},
                                                                       {"∼", "~"},
                                                                       {"∣", "|"},
                                                                       {"＠", "@"},
                                                                       {"＄", "$"},
                                                                       {"ˍ", "_"},
                                                                       {"＃", "#"},
                                                                       {"‹", "<"},
                                                                       {"］", "]"},
                                                                       {"＼", "\\"},
                                                                       {"＆", "&"},
                                                                       {"∶", ":"},
                                                                       {"∕", "/"},
                                                                       {"․", "."}}};

// "⏳ **Waiting · JIT-7K3F**" is the headline, which has no marks elsewhere.
void plain_headline(std::string& text) {
  const auto end = std::min(text.find('\n'), text.size());
  const auto begin = text.find("**");
  if (begin >= end || end < begin + 4 || text.compare(end - 2, 2, "**") != 0) return;
  if (text.find("**", begin + 2) != end - 2 || text.find(' ') < begin - std::min<std::size_t>(begin, 1))
    return;
  text.erase(end - 2, 2);
  text.erase(begin, 2);
}

bool begins_channel(const std::string& text, std::size_t at) {
  const bool edge = at == 0 || std::string_view(" (\n").find(text[at - 1]) != std::string_view::npos;
  return edge && at + 1 < text.size() && text[at + 1] >= 'a' && text[at + 1] <= 'z';
}

// "04:00 (03:00 UTC)", by the reader's clock and in UTC, as its UTC.
std::string in_utc(const std::string& text) {
  static const std::regex k_both(
      R"((\d{4}-\d\d-\d\d )?\d\d:\d\d(:\d\d)? \(((\d{4}-\d\d-\d\d )?\d\d:\d\d(:\d\d)? UTC)\))");
  return std::regex_replace(text, k_both, "$3");
}

std::string without_fences(const std::string& text) {
  std::istringstream lines(text);
  std::string out;
  for (std::string line; std::getline(lines, line);) {
    const bool fence = line.size() >= 3 && line.find_first_not_of('`') == std::string::npos;
    if (!fence) out += line + "\n";
  }
  return out;
}

}  // namespace

std::string text_of(const mattermost_stand_in::Message& message) {
  std::string text = message.all_text();
  plain_headline(text);
  text = in_utc(without_fences(text));
  replace_all(text, "**", "*");
  for (auto at = text.find('~'); at != std::string::npos; at = text.find('~', at + 1)) {
    if (begins_channel(text, at)) text[at] = '#';
  }
  for (const auto& [shown, meant] : k_alike) replace_all(text, shown, meant);
  for (const auto& button : message.buttons) text += "[" + button.name + "] ";
  return text;
}

}  // namespace jitbot::scenario

#pragma once

#include "adapters/chat/mattermost/dress.hpp"
#include "bot/cards/text.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace jitbot::mattermost {

// A line of ours as Markdown: people and channels are the platform's mentions where their names are known,
// else plain words; no words of a span are parsed. Never longer than `most` code points: the words of spans
// are cut, with …, never what stands around them.
std::string markdown(const Line& line, const Dress& dress, std::size_t most);
// For places where nothing is parsed.
std::string plain_words(const Line& line, const Dress& dress);

// Lines of Markdown, as many whole ones as fit into `most` code points; … in place of the rest.
std::string joined(const std::vector<std::string>& lines, std::size_t most);

// "/jit" where it begins a command becomes what commands begin with here.
std::string with_command(std::string_view text, std::string_view command);

}  // namespace jitbot::mattermost

#pragma once

#include "commands/words.hpp"

#include <string>
#include <string_view>
#include <vector>

// The options of request and ensure, and the points of time that stand in their place as words.
namespace jitbot::grammar {

struct AskOptions {
  std::string role;
  std::string for_user;  // the mentioned user's id
  std::string start;     // as typed: parse_time_words() reads it
  std::string until;
  std::string ticket;
  enum class Filing { real, dry } filing = Filing::real;
};

// Takes the options out of the words, wherever they stand; "--" ends them. A word in the reason that only
// looks like an option stays there, unless dry-run may have been meant.
Result<AskOptions> take_options(Words& words);
// Where no reason can begin yet: a word that looks like an option is one that we do not know.
Result<void> expect_no_option(const Words& words);

// The longest run of words, from `ahead` of the next one, that is one point of time.
struct TimeTaken {
  std::size_t words = 0;  // 0: there is none
  std::string text;
};
TimeTaken time_in(const Words& words, std::size_t ahead, std::string begun = {});
Error no_such_time(std::string_view typed);
// "@bob" that is no mention: nobody was chosen.
Error nobody_chosen(std::string_view typed);

// One option, for the help.
struct OptionHelp {
  std::string_view usage;  // "--role <role>"
  std::string_view does;
};
const std::vector<OptionHelp>& option_help();

}  // namespace jitbot::grammar

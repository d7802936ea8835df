// link: two accounts of one person.
#include "commands/families.hpp"

namespace jitbot::grammar {

Result<Intent> parse_link(Words& words) {
  const Word* word = words.peek();
  if (word == nullptr) return Intent{LinkIntent{}};
  LinkIntent intent{word->text};
  words.skip();
  if (const auto end = expect_end(words, "link [<code>]"); !end) return tl::unexpected<Error>(end.error());
  return Intent{std::move(intent)};
}

}  // namespace jitbot::grammar

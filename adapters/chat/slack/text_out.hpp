#pragma once

#include "bot/cards/text.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace jitbot::slack {

// &, < and > as Slack wants them escaped.
std::string escape(std::string_view text);
// Escaped, and with nothing left that mrkdwn would format: *, _, ~, ` and :emoji: have no escape, so the
// characters that would begin one are replaced by their look-alikes.
std::string literal(std::string_view text);

// Words of ours as mrkdwn, never longer than a limit in UTF-16 units as they go on the wire; cut between
// entities, with … where something is missing.
class Mrkdwn {
 public:
  explicit Mrkdwn(std::size_t limit) : limit_(limit) {}

  void line(const Line& line, Time now);  // on a line of its own
  bool empty() const { return text_.empty(); }
  bool full() const { return full_; }
  std::string take() { return std::move(text_); }

 private:
  void whole(std::string_view piece);   // goes in as one, or not at all
  void letters(std::string_view text);  // may be cut
  void wrapped(std::string_view mark, std::string_view text);
  void span(const Span& span, Time now);

  std::string text_;
  std::size_t used_ = 0;
  std::size_t limit_;
  bool full_ = false;
};

}  // namespace jitbot::slack

#include "bot/policy/yaml/place.hpp"

#include "bot/model/utf8.hpp"
#include "bot/policy/yaml/characters.hpp"

#include <algorithm>
#include <optional>

namespace jitbot::yaml {

namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

// Walks the raw text of a scalar and its decoded text side by side, until the byte that is looked for. What
// the parser made of it is known already, so the raw text only needs to be followed, never to be judged.
class Walk {
 public:
  Walk(std::string_view file, const Node& scalar, std::size_t target)
      : file_(file),
        decoded_(scalar.text),
        target_(std::min(target, scalar.text.size())),
        at_(scalar.offset) {}

  std::optional<std::size_t> find() {
    const char first = peek();
    if (first == '!' || first == '&') return std::nullopt;
    if (first == '|' || first == '>') return in_block();
    if (first == '"' || first == '\'') ++at_;
    return in_line(first);
  }

 private:
  char peek(std::size_t ahead = 0) const { return at_ + ahead < file_.size() ? file_[at_ + ahead] : '\0'; }
  bool ends() const { return at_ >= file_.size(); }
  bool at_line_end() const { return peek() == '\n' || (peek() == '\r' && peek(1) == '\n'); }

  void skip_blanks() {
    while (is_blank(peek())) ++at_;
  }
  void skip_line_end() {
    if (peek() == '\r') ++at_;
    ++at_;
  }

  // Spaces that a line ends with, which flow scalars drop.
  bool only_blanks_before_line_end() const {
    std::size_t at = at_;
    while (at < file_.size() && is_blank(file_[at])) ++at;
    if (at < file_.size() && file_[at] == '\r') ++at;
    return at < file_.size() && file_[at] == '\n';
  }

  // One line end becomes a space, each more a line end: the break takes what it became.
  void take_break(std::size_t line_ends) {
    if (line_ends == 1 && done_ < decoded_.size() && decoded_[done_] == ' ') {
      ++done_;
      return;
    }
    while (done_ < decoded_.size() && decoded_[done_] == '\n') ++done_;
  }

  std::optional<std::size_t> in_line(char quote) {
    while (done_ < target_ && !ends()) {
      if (only_blanks_before_line_end()) {
        const std::size_t before = at_;
        std::size_t line_ends = 0;
        while (!ends() && only_blanks_before_line_end()) {
          skip_blanks();
          skip_line_end();
          ++line_ends;
        }
        skip_blanks();
        take_break(line_ends);
        if (done_ > target_) return before;
      } else if (quote == '\'' && peek() == '\'') {
        at_ += 2;
        ++done_;
      } else if (quote == '"' && peek() == '\\') {
        const std::size_t before = at_;
        take_escape();
        if (done_ > target_) return before;
      } else {
        if (file_[at_] != decoded_[done_]) return std::nullopt;
        ++at_;
        ++done_;
      }
    }
    while (quote == '"' && peek() == '\\' && (peek(1) == '\n' || peek(1) == '\r')) take_escape();
    return done_ == target_ ? std::optional(at_) : std::nullopt;
  }

  void take_escape() {
    ++at_;
    if (at_line_end()) {  // a line that goes on
      skip_line_end();
      skip_blanks();
      return;
    }
    const char kind = peek();
    const std::size_t digits = kind == 'x' ? 2 : kind == 'u' ? 4 : kind == 'U' ? 8 : 0;
    at_ += 1 + digits;
    const auto next = decode_utf8(decoded_.substr(done_));
    done_ += next ? next->length : 1;
  }

  // Of the first line that holds something: every line is set in as far, at least.
  std::size_t indentation() const {
    std::size_t raw = 0;
    for (std::size_t at = at_; at < file_.size(); ++at) {
      if (file_[at] == ' ') {
        ++raw;
      } else if (file_[at] == '\n' || file_[at] == '\r') {
        raw = 0;
      } else {
        break;
      }
    }
    // A header that names the indentation leaves spaces that belong to the text.
    const auto text = std::min(decoded_.find_first_not_of('\n'), decoded_.size());
    const auto inner = std::min(decoded_.find_first_not_of(' ', text), decoded_.size()) - text;
    return raw > inner ? raw - inner : 0;
  }

  void skip_indentation(std::size_t columns) {
    for (std::size_t i = 0; i < columns && peek() == ' '; ++i) ++at_;
  }

  std::optional<std::size_t> in_block() {
    at_ = std::min(file_.find('\n', at_), file_.size());
    if (!ends()) ++at_;
    const std::size_t columns = indentation();
    skip_indentation(columns);
    while (!ends()) {
      // A place at the end of a line is on that line, not on the next.
      if (at_line_end() && done_ < target_) {
        std::size_t line_ends = 0;
        while (!ends() && at_line_end()) {
          skip_line_end();
          skip_indentation(columns);
          ++line_ends;
        }
        take_break(line_ends);
        if (done_ > target_) return std::nullopt;
        continue;
      }
      if (done_ >= target_) return at_;
      if (file_[at_] != decoded_[done_]) return std::nullopt;
      ++at_;
      ++done_;
    }
    return std::nullopt;
  }

  std::string_view file_;
  std::string_view decoded_;
  std::size_t target_;
  std::size_t at_;
  std::size_t done_ = 0;  // bytes of the decoded text that were met
};

}  // namespace

Position place_in(std::string_view file, const Node& scalar, std::size_t byte) {
  if (scalar.kind != Node::Kind::scalar || scalar.offset >= file.size() || scalar.substituted)
    return scalar.where;
  // What is wrong at the very end is not wrong on the next line.
  const auto last = scalar.text.find_last_not_of(" \t\n");
  const std::size_t end = last == std::string::npos ? 0 : last + 1;
  const auto found = Walk(file, scalar, std::min(byte, end)).find();
  return found ? position_of(file, *found) : scalar.where;
}

}  // namespace jitbot::yaml

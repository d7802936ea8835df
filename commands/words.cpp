#include "commands/words.hpp"

#include "bot/cards/clean.hpp"
#include "bot/cards/inbound.hpp"

#include <algorithm>

namespace jitbot::grammar {

namespace {

constexpr std::size_t k_most_echoed = 40;

enum class Quote { none, double_, single, back };

// Which quote a character is. Smart quotes open and close alike: keyboards guess the side, and guess wrong.
Quote quote_of(char32_t c) {
  switch (c) {
    case U'"':
    case 0x201C:
    case 0x201D:
    case 0x201E:
    case 0x201F:
    case 0x00AB:
    case 0x00BB:
      return Quote::double_;
    case U'\'':
    case 0x2018:
    case 0x2019:
    case 0x201A:
    case 0x201B:
      return Quote::single;
    case U'`':
      return Quote::back;
    default:
      return Quote::none;
  }
}

bool ends_word(std::string_view text, std::size_t at) {
  if (at >= text.size()) return true;
  return is_blank(next_code_point(text, at));
}

class Splitter {
 public:
  explicit Splitter(std::string_view text) : text_(text) {}

  std::vector<Word> split() {
    std::vector<Word> words;
    while (skip_blanks()) {
      Word word = text_.substr(at_).starts_with(k_mention_open) ? mention() : quoted_or_bare();
      if (word.kind == Word::Kind::quoted || !word.text.empty()) words.push_back(std::move(word));
    }
    return words;
  }

 private:
  bool skip_blanks() {
    while (at_ < text_.size()) {
      std::size_t next = at_;
      if (!is_blank(next_code_point(text_, next))) return true;
      at_ = next;
    }
    return false;
  }

  Word mention() {
    const std::size_t begin = at_;
    const std::size_t id = begin + k_mention_open.size();
    const std::size_t close = text_.find(k_mention_close, id);
    if (close == std::string_view::npos) return bare();
    at_ = close + k_mention_close.size();
    return {Word::Kind::mention, one_line(text_.substr(id, close - id), k_most_echoed), begin, at_};
  }

  Word quoted_or_bare() {
    std::size_t at = at_;
    const Quote open = quote_of(next_code_point(text_, at));
    if (open == Quote::none) return bare();
    const std::size_t inside = at;
    while (at < text_.size()) {
      const std::size_t close = at;
      if (quote_of(next_code_point(text_, at)) == open && ends_word(text_, at)) {
        Word word{Word::Kind::quoted, tidy(text_.substr(inside, close - inside)), at_, at};
        at_ = at;
        return word;
      }
    }
    return bare();
  }

  Word bare() {
    Word word{Word::Kind::bare, {}, at_, at_};
    while (at_ < text_.size()) {
      if (at_ > word.begin && text_.substr(at_).starts_with(k_mention_open)) break;
      std::size_t next = at_;
      const char32_t c = next_code_point(text_, next);
      if (is_blank(c)) break;
      if (!is_unseen(c)) append_code_point(word.text, c);
      at_ = next;
    }
    word.end = at_;
    return word;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

Words::Words(std::string text) : text_(std::move(text)), words_(Splitter(text_).split()) {}

const Word* Words::peek(std::size_t ahead) const {
  return ahead < left() ? &words_[next_ + ahead] : nullptr;
}

void Words::skip(std::size_t count) {
  next_ += std::min(count, left());
}

void Words::remove(std::size_t ahead) {
  if (ahead < left()) words_.erase(words_.begin() + static_cast<std::ptrdiff_t>(next_ + ahead));
}

std::string Words::raw(const Word& word) const {
  if (word.kind == Word::Kind::mention) return "@" + word.text;
  return one_line(std::string_view(text_).substr(word.begin, word.end - word.begin), text_.size());
}

std::string Words::rest() {
  std::string text;
  if (left() == 1 && peek()->kind == Word::Kind::quoted) {
    text = peek()->text;
  } else {
    for (; !empty(); skip()) {
      const Word& word = *peek();
      const bool glued = next_ > 0 && words_[next_ - 1].end == word.begin;
      if (!text.empty() && !glued) text += ' ';
      text += raw(word);
    }
  }
  skip(left());
  return text;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

std::string straight_dashes(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = next_code_point(text, at);
    if (c == 0x2014) {
      out += "--";
    } else if ((c >= 0x2010 && c <= 0x2013) || c == 0x2212 || c == 0xFE63 || c == 0xFF0D) {
      out += '-';
    } else {
      append_code_point(out, c);
    }
  }
  return out;
}

std::string echo(std::string_view typed) {
  std::string shown;
  for (std::size_t at = 0; at < typed.size();) {
    const char32_t c = next_code_point(typed, at);
    // A quote inside would end the echo and let the rest pass for our own words.
    append_code_point(shown, quote_of(c) == Quote::double_ ? U'\'' : c);
  }
  return "\"" + one_line(shown, k_most_echoed) + "\"";
}

std::string name_or(std::string_view typed, std::string_view otherwise) {
  const auto plain_name = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == ':' || c == '/';
  };
  const bool fit = !typed.empty() && typed.size() <= k_most_echoed && std::ranges::all_of(typed, plain_name);
  return std::string(fit ? typed : otherwise);
}

}  // namespace jitbot::grammar

#include "commands/ask_options.hpp"

#include "bot/cards/clean.hpp"
#include "bot/model/nearest.hpp"
#include "bot/model/time_words.hpp"
#include "commands/families.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>

namespace jitbot::grammar {

namespace {

constexpr std::size_t k_most_ticket = 100;    // characters
constexpr std::size_t k_most_time_words = 5;  // "wednesday at 9:00 pm utc"
constexpr std::array<std::string_view, 6> k_names{"role", "for", "at", "until", "ticket", "dry-run"};

struct TypedOption {
  std::string name;                  // without dashes, lower case
  std::optional<std::string> value;  // behind '='
};

std::optional<TypedOption> option_of(const Word& word) {
  if (word.kind != Word::Kind::bare) return std::nullopt;
  const std::string text = straight_dashes(word.text);
  if (!text.starts_with("--") || text.size() < 3) return std::nullopt;
  const auto equals = text.find('=');
  TypedOption option{lower(text.substr(2, equals == std::string::npos ? equals : equals - 2)), std::nullopt};
  if (equals != std::string::npos) option.value = text.substr(equals + 1);
  return option;
}

bool ends_options(const Word& word) {
  return word.kind == Word::Kind::bare && straight_dashes(word.text) == "--";
}

Error unknown_option(const std::string& name) {
  const std::string meant = nearest(name, {k_names.begin(), k_names.end()});
  if (!meant.empty()) {
    return misunderstood(
               fmt::format("I do not know the option {}; did you mean --{}?", echo("--" + name), meant))
        .value();
  }
  return misunderstood(fmt::format("I do not know the option {}; there are --{}", echo("--" + name),
                                   fmt::join(k_names, ", --")))
      .value();
}

// The option at one place of the words, and what stands behind it.
class OptionTaker {
 public:
  OptionTaker(Words& words, std::size_t at, TypedOption typed)
      : words_(words), at_(at), typed_(std::move(typed)) {}

  Result<void> into(AskOptions& options) {
    const std::string& name = typed_.name;
    if (name == "dry-run") return dry_run(options);
    if (name == "for") return person(options.for_user);
    if (name == "at") return time(options.start, "--at needs a time, as in --at 18:00 or --at tomorrow 9:00");
    if (name == "until")
      return time(options.until, "--until needs a time, as in --until 18:00 or --until tomorrow 9:00");
    if (name == "role") return one_word(options.role, "--role needs a role, as in --role viewer");
    auto taken = one_word(options.ticket, "--ticket needs a ticket, as in --ticket INC-7");
    if (taken && length_of(options.ticket) > k_most_ticket)
      return misunderstood(fmt::format("{} is too long for a ticket", echo(options.ticket)));
    return taken;
  }

 private:
  const Word* value(std::size_t ahead = 0) const { return words_.peek(at_ + 1 + ahead); }

  void remove(std::size_t values) {
    for (std::size_t i = 0; i <= values; ++i) words_.remove(at_);
  }

  Result<void> dry_run(AskOptions& options) {
    if (typed_.value) return misunderstood("--dry-run takes no value");
    options.filing = AskOptions::Filing::dry;
    remove(0);
    return {};
  }

  Result<void> one_word(std::string& out, std::string_view needed) {
    const bool behind = !typed_.value && value() != nullptr && value()->kind != Word::Kind::mention;
    out = one_line(behind ? value()->text : typed_.value.value_or(""), std::string::npos);
    if (out.empty()) return misunderstood(std::string(needed));
    remove(behind ? 1 : 0);
    return {};
  }

  Result<void> person(std::string& out) {
    const bool open = !typed_.value || typed_.value->empty();
    if (open && value() != nullptr && value()->kind == Word::Kind::mention) {
      out = value()->text;
      remove(1);
      return {};
    }
    const std::string typed = typed_.value.value_or(value() != nullptr ? value()->text : "");
    if (typed.starts_with('@')) return tl::unexpected<Error>(nobody_chosen(typed));
    return misunderstood("--for needs a person, as in --for @bob");
  }

  Result<void> time(std::string& out, std::string_view needed) {
    TimeTaken taken = time_in(words_, at_ + 1, typed_.value.value_or(""));
    if (taken.text.empty()) {
      const std::string typed = typed_.value.value_or(value() != nullptr ? value()->text : "");
      if (typed.empty()) return misunderstood(std::string(needed));
      return tl::unexpected<Error>(no_such_time(typed));
    }
    out = std::move(taken.text);
    remove(taken.words);
    return {};
  }

  Words& words_;
  std::size_t at_;
  TypedOption typed_;
};

bool is_near_an_option(const std::string& name) {
  return !nearest(name, {k_names.begin(), k_names.end()}).empty();
}

// Behind a word, a sentence may go on: "18:00," and "9 p.m."
std::string_view without_punctuation(std::string_view text) {
  const auto last = text.find_last_not_of(".,;!?)");
  return last == std::string_view::npos ? std::string_view{} : text.substr(0, last + 1);
}

}  // namespace

Result<AskOptions> take_options(Words& words) {
  AskOptions options;
  std::set<std::string> seen;
  for (std::size_t at = 0; at < words.left();) {
    const Word& word = *words.peek(at);
    if (ends_options(word)) break;
    auto typed = option_of(word);
    const bool known = typed && std::ranges::find(k_names, typed->name) != k_names.end();
    // Misspelled, it would become part of the reason, and a dry run a real request.
    if (typed && !known && is_near_an_option(typed->name))
      return tl::unexpected<Error>(unknown_option(typed->name));
    if (!known) {
      ++at;
      continue;
    }
    if (!seen.insert(typed->name).second)
      return misunderstood(fmt::format("--{} stands twice; say it once", typed->name));
    if (const auto taken = OptionTaker(words, at, std::move(*typed)).into(options); !taken)
      return tl::unexpected<Error>(taken.error());
  }
  return options;
}

Result<void> expect_no_option(const Words& words) {
  if (words.empty() || ends_options(*words.peek())) return {};
  const auto typed = option_of(*words.peek());
  if (typed) return tl::unexpected<Error>(unknown_option(typed->name));
  return {};
}

TimeTaken time_in(const Words& words, std::size_t ahead, std::string begun) {
  TimeTaken best;
  std::string text = straight_dashes(begun);
  if (!text.empty() && parse_time_words(text)) best = {0, text};
  for (std::size_t count = 1; count <= k_most_time_words; ++count) {
    const Word* word = words.peek(ahead + count - 1);
    if (word == nullptr || word->kind == Word::Kind::mention) break;
    const std::string straight = straight_dashes(word->text);
    text += (text.empty() ? "" : " ") + std::string(without_punctuation(straight));
    if (parse_time_words(text)) best = {count, text};
    if (word->kind == Word::Kind::quoted) break;
  }
  return best;
}

Error no_such_time(std::string_view typed) {
  const auto words = parse_time_words(straight_dashes(typed));
  const std::string why = words ? "cannot stand here" : words.error().message;
  return misunderstood(fmt::format("{} {}", echo(typed), why)).value();
}

Error nobody_chosen(std::string_view typed) {
  return misunderstood(
             fmt::format("I do not know {}; choose the person from the list that opens behind the @",
                         echo(typed)))
      .value();
}

const std::vector<OptionHelp>& option_help() {
  static const std::vector<OptionHelp> k_help{
      {"--role <role>", "the same as staging:<role>; may be left out where the resource has a default role"},
      {"--for @user",
       "asks for somebody else: the rule and its limits are his, and you must be among those "
       "who may ask by it; for @user behind the duration is the same"},
      {"--until <time>",
       "ends at that time instead of after a duration; until 18:00 behind the resource is "
       "the same"},
      {"--at <time>", "starts then, at most 30 days from now; approval is asked for at once"},
      {"--ticket <ticket>",
       "kept with the request and shown on its card; counts where a rule wants a ticket "
       "in the reason"},
      {"--dry-run", "only says what would happen: the rule, its limits, who could approve; nothing is asked"},
  };
  return k_help;
}

}  // namespace jitbot::grammar

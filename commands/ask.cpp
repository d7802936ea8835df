// request, ensure, extend: what starts or prolongs access.
#include "bot/cards/clean.hpp"
#include "commands/ask_options.hpp"
#include "commands/families.hpp"

#include <fmt/format.h>

namespace jitbot::grammar {

namespace {

constexpr std::string_view k_extend_usage = "/jit extend JIT-7K3F 30m [reason]";
constexpr std::size_t k_most_name = 128;  // characters of a resource or role

bool next_is(const Words& words, std::string_view text, std::size_t ahead = 0) {
  const Word* word = words.peek(ahead);
  return word != nullptr && word->kind == Word::Kind::bare && lower(word->text) == text;
}

bool glued(const Words& words, std::size_t ahead) {
  const Word* word = words.peek(ahead);
  const Word* next = words.peek(ahead + 1);
  return word != nullptr && next != nullptr && word->end == next->begin;
}

bool is_punctuation(const Word* word) {
  return word != nullptr && word->kind == Word::Kind::bare &&
         word->text.find_first_not_of(".,;:!?") == std::string::npos;
}

// "for @bob"; "for @bob's sake" is a reason.
Result<std::optional<std::string>> take_person(Words& words) {
  const Word* who = words.peek(1);
  if (!next_is(words, "for") || glued(words, 0) || who == nullptr) return std::nullopt;
  // Nobody who was typed but not chosen may turn into a request for oneself.
  if (who->kind == Word::Kind::bare && who->text.starts_with('@') && who->text.size() > 1)
    return tl::unexpected<Error>(nobody_chosen(who->text));
  if (who->kind != Word::Kind::mention) return std::nullopt;
  const bool pause = glued(words, 1) && is_punctuation(words.peek(2));
  if (glued(words, 1) && !pause) return std::nullopt;
  std::string user = who->text;
  words.skip(pause ? 3 : 2);
  return user;
}

std::string as_in(std::string_view command, const Scope& scope) {
  return fmt::format("as in /jit {} {} 1h", command, name_or(scope.resource, "staging"));
}

tl::unexpected<Error> no_length(const Words& words, std::string_view command, const Scope& scope) {
  const bool has_for = next_is(words, "for");
  const Word* word = words.peek(has_for ? 1 : 0);
  if (word != nullptr && word->kind == Word::Kind::mention) {
    return misunderstood(fmt::format("say for whom behind the duration, {} for @bob", as_in(command, scope)));
  }
  if (has_for && word != nullptr && word->text.starts_with('@'))
    return tl::unexpected<Error>(nobody_chosen(word->text));
  if (next_is(words, "until") || next_is(words, "till")) {
    const Word* time = words.peek(1);
    if (time == nullptr) return misunderstood("until when? For example until 18:00 or until tomorrow 9:00");
    return tl::unexpected<Error>(no_such_time(time->text));
  }
  if (word != nullptr && !word->text.empty() &&
      std::string_view("0123456789-+").find(word->text.front()) != std::string_view::npos) {
    return misunderstood(
        fmt::format("{} is not a length of time I can use; try 30m, 1h30m or 2d: /jit {} {} 1h",
                    echo(word->text), command, name_or(scope.resource, "staging")));
  }
  return misunderstood(fmt::format("for how long? Say it behind the resource, {}", as_in(command, scope)));
}

// How long, or until when, and for whom: what stands between the resource and the reason, in any order.
struct Terms {
  std::optional<Millis> duration;
  std::string until;
  std::string for_user;
};

Result<Terms> take_terms(Words& words) {
  Terms terms;
  for (;;) {
    if (const auto unknown = expect_no_option(words); !unknown) return tl::unexpected<Error>(unknown.error());
    if (terms.for_user.empty()) {
      auto user = take_person(words);
      if (!user) return tl::unexpected<Error>(std::move(user).error());
      if (*user) {
        terms.for_user = std::move(**user);
        continue;
      }
    }
    if (next_is(words, "until") || next_is(words, "till")) {
      TimeTaken taken = time_in(words, 1);
      if (taken.words == 0 || !terms.until.empty()) return terms;
      terms.until = std::move(taken.text);
      words.skip(1 + taken.words);
      continue;
    }
    if (terms.duration || !terms.until.empty()) return terms;
    terms.duration = take_duration(words);
    if (!terms.duration) return terms;
  }
}

// Who is asked for, and how it ends: each may be said in two places, and then must be said once.
Result<void> settle_terms(AskIntent& ask, Terms terms, AskOptions options) {
  const std::string& other = options.for_user;
  if (!other.empty() && !terms.for_user.empty() && other != terms.for_user)
    return misunderstood("two people are asked for; ask for one after the other");
  ask.for_user = other.empty() ? std::move(terms.for_user) : std::move(options.for_user);
  const int ends = (terms.duration ? 1 : 0) + (terms.until.empty() ? 0 : 1) + (options.until.empty() ? 0 : 1);
  if (ends > 1) return misunderstood("say either for how long or until when, once");
  ask.duration = terms.duration.value_or(Millis{0});
  ask.until = terms.until.empty() ? std::move(options.until) : std::move(terms.until);
  return {};
}

Result<Scope> take_scope(Words& words, std::string_view command) {
  if (words.empty())
    return misunderstood(
        fmt::format("what for, and for how long? For example /jit {} staging 1h INC-7", command));
  if (words.peek()->kind == Word::Kind::mention)
    return misunderstood(fmt::format("name the resource first, as in /jit {} staging 1h", command));
  if (const auto unknown = expect_no_option(words); !unknown) return tl::unexpected<Error>(unknown.error());
  const std::string typed = words.peek()->text;
  Words as_duration(typed);
  if (take_duration(as_duration) && as_duration.empty()) {
    return misunderstood(
        fmt::format("name the resource before the duration, as in /jit {} staging 1h", command));
  }
  auto scope = scope_of(typed);
  if (scope) words.skip();
  return scope;
}

Result<void> settle_role(Scope& scope, const std::string& role) {
  if (!role.empty() && !scope.role.empty() && lower(role) != lower(scope.role))
    return misunderstood(fmt::format("two roles, {} and {}; name one", echo(scope.role), echo(role)));
  if (length_of(role) > k_most_name)
    return misunderstood(fmt::format("{} is too long for a role", echo(role)));
  if (scope.role.empty()) scope.role = role;
  return {};
}

Result<Intent> parse_ask(Words& words, std::string_view command, AskIntent::Mode mode) {
  auto options = take_options(words);
  if (!options) return tl::unexpected<Error>(options.error());
  auto scope = take_scope(words, command);
  if (!scope) return tl::unexpected<Error>(scope.error());
  if (const auto role = settle_role(*scope, options->role); !role) return tl::unexpected<Error>(role.error());
  auto terms = take_terms(words);
  if (!terms) return tl::unexpected<Error>(terms.error());
  if (!terms->duration && terms->until.empty() && options->until.empty())
    return no_length(words, command, *scope);
  AskIntent ask;
  ask.mode = options->filing == AskOptions::Filing::dry ? AskIntent::Mode::dry_run : mode;
  ask.resource = scope->resource;
  ask.role = scope->role;
  ask.ticket = options->ticket;
  ask.start = options->start;
  if (const auto settled = settle_terms(ask, std::move(*terms), std::move(*options)); !settled)
    return tl::unexpected<Error>(settled.error());
  auto reason = take_reason(words);
  if (!reason) return tl::unexpected<Error>(reason.error());
  ask.reason = std::move(*reason);
  return Intent{std::move(ask)};
}

}  // namespace

Result<Scope> scope_of(std::string_view typed) {
  const std::string text = one_line(typed, std::string_view::npos);
  const auto colon = text.find(':');
  Scope scope{one_line(std::string_view(text).substr(0, colon), std::string_view::npos), {}};
  if (colon != std::string::npos)
    scope.role = one_line(std::string_view(text).substr(colon + 1), std::string_view::npos);
  if (scope.resource.empty()) return misunderstood("name a resource, as in staging or staging:viewer");
  if (length_of(scope.resource) > k_most_name || length_of(scope.role) > k_most_name) {
    return misunderstood(fmt::format("{} is too long for a resource", echo(typed)));
  }
  if (colon != std::string::npos && scope.role.empty()) {
    return misunderstood(
        fmt::format("name a role behind {}, as in staging:viewer, or leave the colon out", echo(text)));
  }
  return scope;
}

Result<Intent> parse_request(Words& words) {
  return parse_ask(words, "request", AskIntent::Mode::request);
}

Result<Intent> parse_ensure(Words& words) {
  return parse_ask(words, "ensure", AskIntent::Mode::ensure);
}

Result<Intent> parse_extend(Words& words) {
  const auto id = take_id(words, k_extend_usage);
  if (!id) return tl::unexpected<Error>(id.error());
  ExtendIntent extend{id->id, Millis{0}, {}};
  const Word* word = words.peek();
  if (word == nullptr) return misunderstood(fmt::format("by how much? {}", k_extend_usage));
  const std::string typed = word->text;
  const auto duration = take_duration(words);
  if (!duration)
    return misunderstood(
        fmt::format("{} is not a length of time I can use: {}", echo(typed), k_extend_usage));
  extend.duration = *duration;
  auto reason = take_reason(words);
  if (!reason) return tl::unexpected<Error>(reason.error());
  extend.reason = std::move(*reason);
  return Intent{std::move(extend)};
}

}  // namespace jitbot::grammar

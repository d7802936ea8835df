// request, ensure, extend: what starts or prolongs access.
#include "bot/cards/clean.hpp"
#include "bot/policy/decide.hpp"
#include "commands/families.hpp"

#include <fmt/format.h>

#include <array>

namespace jitbot::grammar {

namespace {

constexpr std::string_view k_extend_usage = "/jit extend JIT-7K3F 30m [reason]";
constexpr std::size_t k_most_name = 128;  // characters of a resource or role

struct Option {
  std::string_view name;
  enum class Value { one, none } value = Value::one;
  enum class Since { now, later } since = Since::later;
};
constexpr std::array k_options{
    Option{"role", Option::Value::one, Option::Since::now},
    Option{"for", Option::Value::one, Option::Since::later},
    Option{"at", Option::Value::one, Option::Since::later},
    Option{"ticket", Option::Value::one, Option::Since::later},
    Option{"dry-run", Option::Value::none, Option::Since::later},
    Option{"until", Option::Value::one, Option::Since::later},
};

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

const Option* find_option(std::string_view name) {
  for (const Option& option : k_options) {
    if (option.name == name) return &option;
  }
  return nullptr;
}

Error unknown_option(const std::string& name) {
  std::vector<std::string> names;
  for (const Option& option : k_options) names.emplace_back(option.name);
  const std::string meant = nearest(name, names);
  if (meant.empty())
    return misunderstood(fmt::format("I do not know the option {}; there is --role", echo("--" + name)))
        .value();
  return misunderstood(
             fmt::format("I do not know the option {}; did you mean --{}?", echo("--" + name), meant))
      .value();
}

std::string later_option(std::string_view name) {
  return fmt::format("--{} comes in a later version; ask without it", name);
}

// Takes the options out of the words, wherever they stand; "--" ends them. A word behind the duration that
// only looks like an option is part of the reason.
Result<void> take_role(Words& words, std::string& role) {
  for (std::size_t at = 0; at < words.left();) {
    const Word& word = *words.peek(at);
    if (word.kind == Word::Kind::bare && straight_dashes(word.text) == "--") return {};
    const auto typed = option_of(word);
    if (!typed) {
      ++at;
      continue;
    }
    const Option* option = find_option(typed->name);
    if (option == nullptr) {
      if (at < 2) return tl::unexpected<Error>(unknown_option(typed->name));
      ++at;
      continue;
    }
    if (option->since == Option::Since::later) return misunderstood(later_option(option->name));
    const Word* next = words.peek(at + 1);
    if (!typed->value && next == nullptr) return misunderstood("--role needs a role, as in --role viewer");
    role = typed->value ? *typed->value : next->text;
    if (role.empty()) return misunderstood("--role needs a role, as in --role viewer");
    if (!typed->value) words.remove(at + 1);
    words.remove(at);
  }
  return {};
}

bool next_is(const Words& words, std::string_view text, std::size_t ahead = 0) {
  const Word* word = words.peek(ahead);
  return word != nullptr && word->kind == Word::Kind::bare && lower(word->text) == text;
}

tl::unexpected<Error> no_duration(const Words& words, std::string_view command, const Scope& scope) {
  const std::string name = name_or(scope.resource, "staging");
  const bool has_for = next_is(words, "for");
  const Word* word = words.peek(has_for ? 1 : 0);
  if (word != nullptr && word->kind == Word::Kind::mention)
    return misunderstood("asking for somebody else comes in a later version; ask for yourself");
  if (next_is(words, "until"))
    return misunderstood(fmt::format(
        "an end by the clock comes in a later version; say how long, as in /jit {} {} 1h", command, name));
  if (word != nullptr && !word->text.empty() &&
      std::string_view("0123456789-+").find(word->text.front()) != std::string_view::npos) {
    return misunderstood(
        fmt::format("{} is not a length of time I can use; try 30m, 1h30m or 2d: /jit {} {} 1h",
                    echo(word->text), command, name));
  }
  return misunderstood(
      fmt::format("for how long? Say it behind the resource, as in /jit {} {} 1h", command, name));
}

Result<Intent> parse_ask(Words& words, std::string_view command, AskIntent::Mode mode) {
  AskIntent ask;
  ask.mode = mode;
  std::string role;
  if (const auto options = take_role(words, role); !options) return tl::unexpected<Error>(options.error());
  if (words.empty())
    return misunderstood(
        fmt::format("what for, and for how long? For example /jit {} staging 1h INC-7", command));
  if (words.peek()->kind == Word::Kind::mention)
    return misunderstood(fmt::format("name the resource first, as in /jit {} staging 1h", command));
  const std::string typed = words.peek()->text;
  Words as_duration(typed);
  if (take_duration(as_duration) && as_duration.empty()) {
    return misunderstood(
        fmt::format("name the resource before the duration, as in /jit {} staging 1h", command));
  }
  auto scope = scope_of(typed);
  if (!scope) return tl::unexpected<Error>(scope.error());
  words.skip();
  if (!role.empty() && !scope->role.empty() && lower(role) != lower(scope->role)) {
    return misunderstood(fmt::format("two roles, {} and {}; name one", echo(scope->role), echo(role)));
  }
  if (length_of(role) > k_most_name)
    return misunderstood(fmt::format("{} is too long for a role", echo(role)));
  if (scope->role.empty()) scope->role = role;
  const auto duration = take_duration(words);
  if (!duration) return no_duration(words, command, *scope);
  ask.resource = scope->resource;
  ask.role = scope->role;
  ask.duration = *duration;
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

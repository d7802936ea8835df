// approve, deny, revise, ask, withdraw: the typed twins of the buttons.
#include "bot/cards/clean.hpp"
#include "bot/model/nearest.hpp"
#include "commands/families.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace jitbot::grammar {

namespace {

constexpr std::string_view k_revise_usage = "/jit revise JIT-7K3F 30m [role] because <reason>";
constexpr std::size_t k_most_question = 500;  // characters

// What introduces a reason, so that its first word is taken for nothing else.
bool introduces_reason(const Word* word) {
  if (word == nullptr || word->kind != Word::Kind::bare) return false;
  const std::string text = lower(straight_dashes(word->text));
  return text == "because" || text == "because:" || text == "--";
}

}  // namespace

Result<Intent> parse_approve(Words& words) {
  const auto id = take_id(words, "/jit approve JIT-7K3F [comment]");
  if (!id) return tl::unexpected<Error>(id.error());
  auto comment = take_reason(words);
  if (!comment) return tl::unexpected<Error>(comment.error());
  return Intent{VoteIntent{id->id, {}, VoteIntent::Vote::approve, std::move(*comment), id->revision}};
}

Result<Intent> parse_deny(Words& words) {
  const auto id = take_id(words, "/jit deny JIT-7K3F <reason>");
  if (!id) return tl::unexpected<Error>(id.error());
  auto reason = take_reason(words);
  if (!reason) return tl::unexpected<Error>(reason.error());
  if (reason->empty()) return misunderstood(fmt::format("say why: /jit deny {} <reason>", typed_id(*id)));
  return Intent{VoteIntent{id->id, {}, VoteIntent::Vote::deny, std::move(*reason), id->revision}};
}

Result<Intent> parse_revise(Words& words) {
  const auto id = take_id(words, k_revise_usage);
  if (!id) return tl::unexpected<Error>(id.error());
  const Word* word = words.peek();
  if (word == nullptr) return misunderstood(fmt::format("how long instead? {}", k_revise_usage));
  const std::string typed = word->text;
  const auto duration = take_duration(words);
  if (!duration) {
    return misunderstood(
        fmt::format("{} is not a length of time I can use: {}", echo(typed), k_revise_usage));
  }
  ReviseIntent revise;
  revise.id = id->id;
  revise.revision = id->revision;
  revise.duration = *duration;
  const bool only_reason = introduces_reason(words.peek());
  auto rest = only_reason ? take_reason(words) : reason_of(words.rest());
  if (!rest) return tl::unexpected<Error>(rest.error());
  (only_reason ? revise.reason : revise.rest) = std::move(*rest);
  return Intent{std::move(revise)};
}

Result<std::string> question_of(const std::string& text) {
  const std::size_t length = length_of(text);
  if (length <= k_most_question) return text;
  return misunderstood(
      fmt::format("the question has {} characters; {} are the most", length, k_most_question));
}

Result<Intent> parse_ask_about(Words& words) {
  const Word* word = words.peek();
  const bool named = word != nullptr && words.left() > 1;
  auto id = take_id(words, "/jit ask JIT-7K3F <question>");
  if (!id && named) {
    return misunderstood(id.error().message + ". To ask for access: /jit request staging 1h");
  }
  if (!id) return tl::unexpected<Error>(id.error());
  auto text = question_of(words.rest());
  if (!text) return tl::unexpected<Error>(text.error());
  if (text->empty()) return misunderstood(fmt::format("ask what? /jit ask {} <question>", typed_id(*id)));
  return Intent{QuestionIntent{id->id, std::move(*text)}};
}

Result<Intent> parse_withdraw(Words& words) {
  const auto id = take_id(words, "/jit withdraw JIT-7K3F");
  if (!id) return tl::unexpected<Error>(id.error());
  if (const auto end = expect_end(words, "withdraw <id>"); !end) return tl::unexpected<Error>(end.error());
  return Intent{VoteIntent{id->id, {}, VoteIntent::Vote::withdraw, {}, id->revision}};
}

}  // namespace jitbot::grammar

namespace jitbot {

namespace {

using grammar::Word;
using grammar::Words;

bool is_name(const Word* word, const std::string& name) {
  return word != nullptr && word->kind != Word::Kind::mention &&
         grammar::lower(word->text) == grammar::lower(name);
}

// The role that the next word names, as the policy spells it; empty: none.
std::string role_in(const Words& words, const std::vector<std::string>& roles) {
  const auto found =
      std::ranges::find_if(roles, [&](const std::string& role) { return is_name(words.peek(), role); });
  return found == roles.end() ? std::string() : *found;
}

Error no_such_role(const std::string& typed, const std::string& resource,
                   const std::vector<std::string>& roles) {
  const std::string meant = nearest(typed, roles);
  return {ErrorKind::invalid,
          fmt::format("{} has no role {}; {} A reason of one word wants because before it", resource,
                      grammar::echo(typed),
                      meant.empty() ? fmt::format("it has {}.", fmt::join(roles, ", "))
                                    : fmt::format("did you mean {}?", meant)),
          {}};
}

}  // namespace

Result<ReviseIntent> told_apart(const ReviseIntent& typed, const std::string& resource,
                                const std::vector<std::string>& roles) {
  ReviseIntent out = typed;
  out.rest.clear();
  Words words(typed.rest);
  if (words.empty()) return out;
  const bool lone = words.left() == 1 && words.peek()->kind == Word::Kind::bare;
  if (auto role = role_in(words, roles); !role.empty()) {
    out.role = std::move(role);
    words.skip();
  }
  if (is_name(words.peek(), resource)) {
    out.confirmed = words.peek()->text;
    words.skip();
  }
  if (lone && !words.empty()) return tl::unexpected<Error>(no_such_role(words.peek()->text, resource, roles));
  auto reason = grammar::take_reason(words);
  if (!reason) return tl::unexpected<Error>(reason.error());
  out.reason = std::move(*reason);
  return out;
}

VoteIntent with_name(const VoteIntent& typed, const std::string& resource) {
  Words words(typed.reason);
  if (!is_name(words.peek(), resource)) return typed;
  VoteIntent out = typed;
  out.confirmed = words.peek()->text;
  words.skip();
  out.reason = words.rest();
  return out;
}

}  // namespace jitbot

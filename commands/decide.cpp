// approve, deny, withdraw: the typed twins of the buttons.
#include "commands/families.hpp"

#include <fmt/format.h>

namespace jitbot::grammar {

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
  if (reason->empty()) return misunderstood(fmt::format("say why: /jit deny {} <reason>", id->id.value));
  return Intent{VoteIntent{id->id, {}, VoteIntent::Vote::deny, std::move(*reason), id->revision}};
}

Result<Intent> parse_withdraw(Words& words) {
  const auto id = take_id(words, "/jit withdraw JIT-7K3F");
  if (!id) return tl::unexpected<Error>(id.error());
  if (const auto end = expect_end(words, "withdraw <id>"); !end) return tl::unexpected<Error>(end.error());
  return Intent{VoteIntent{id->id, {}, VoteIntent::Vote::withdraw, {}, id->revision}};
}

}  // namespace jitbot::grammar

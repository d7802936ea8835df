// cancel, done, revoke: what ends a request or access before its time.
#include "commands/families.hpp"

#include <fmt/format.h>

namespace jitbot::grammar {

Result<Intent> parse_cancel(Words& words) {
  const auto id = take_id(words, "/jit cancel JIT-7K3F");
  if (!id) return tl::unexpected<Error>(id.error());
  if (const auto end = expect_end(words, "cancel <id>"); !end) return tl::unexpected<Error>(end.error());
  return Intent{CancelIntent{id->id}};
}

Result<Intent> parse_done(Words& words) {
  if (words.empty()) return Intent{DoneIntent{}};
  const auto id = take_id(words, "/jit done JIT-7K3F");
  if (!id) return tl::unexpected<Error>(id.error());
  if (const auto end = expect_end(words, "done [<id>]"); !end) return tl::unexpected<Error>(end.error());
  return Intent{DoneIntent{id->id}};
}

Result<Intent> parse_revoke(Words& words) {
  const auto id = take_id(words, "/jit revoke JIT-7K3F <reason>");
  if (!id) return tl::unexpected<Error>(id.error());
  auto reason = take_reason(words);
  if (!reason) return tl::unexpected<Error>(reason.error());
  if (reason->empty()) return misunderstood(fmt::format("say why: /jit revoke {} <reason>", id->id.value));
  return Intent{RevokeIntent{id->id, std::move(*reason)}};
}

}  // namespace jitbot::grammar

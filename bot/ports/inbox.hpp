#pragma once

#include "bot/cards/form.hpp"
#include "bot/cards/inbound.hpp"
#include "bot/ports/task.hpp"

#include <optional>
#include <vector>

namespace jitbot {

// Where adapters hand over what people said.
class Inbox {
 public:
  virtual ~Inbox() = default;

  // Resolves when the Inbound is durable; only then is it acknowledged. A key that is known changes nothing
  // and resolves too. The answer comes later through Chat::answer. An error: not taken, do not acknowledge.
  virtual Task<Result<void>> accept(Inbound inbound) = 0;

  // From memory alone, at once: the form this Inbound opens, if it opens one (it is then not to be accepted).
  virtual std::optional<Form> form_for(const Inbound& inbound) const = 0;

  // From memory alone, at once: what is wrong with a form, field by field, as far as grammar, names and
  // limits of the only rule that could match tell. Empty: accept it.
  virtual std::vector<FieldProblem> check(const Inbound& inbound) const = 0;
};

}  // namespace jitbot

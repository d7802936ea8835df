#pragma once

#include "bot/cards/form.hpp"
#include "bot/cards/home.hpp"
#include "bot/cards/inbound.hpp"
#include "bot/ports/task.hpp"

#include <optional>
#include <string>
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
  // One without fields only tells something.
  virtual std::optional<Form> form_for(const Inbound& inbound) const = 0;

  // What is wrong with a form, field by field: what taking it would refuse, told where it was typed. Resolves
  // within 1.5 s, with nothing where nothing can be known by then. Leaves no trace and decides nothing.
  // Empty: accept it.
  virtual Task<std::vector<FieldProblem>> check(Inbound inbound) = 0;

  // What a form's search field offers this person for what he typed so far: at most 100, best first, only
  // what he may ask for. Resolves within 2 s, with nothing where nothing can be known by then; it leaves no
  // trace.
  virtual Task<std::vector<Choice>> suggest(PrincipalId who, std::string field, std::string typed) = 0;

  // The form as it goes on after a field was filled in that others hang on; `so_far` is what it holds now,
  // and stays in it. Resolves within 2 s; nothing: it stays as it is. Leaves no trace.
  virtual Task<std::optional<Form>> reshape(PrincipalId who, Submitted so_far) = 0;

  // What this person has, waits for, may decide and may ask for. An error: it cannot be told now. Looking
  // leaves no trace.
  virtual Task<Result<Home>> home(PrincipalId who) = 0;
};

}  // namespace jitbot

#include "bot/policy/for_another.hpp"

#include "bot/policy/verdict.hpp"

#include <fmt/format.h>

namespace jitbot {

std::optional<AskerRefusal> against_asker(const Policy& policy, const Ruling& ruling, const Person& asker,
                                          const std::string& called, const Terms& terms, const Facts& facts) {
  const Rule& rule = *ruling.rule;
  const Named named{ruling.resource, ruling.role, ruling.name};
  const Verdict denied = denial_of(policy, named, asker, terms, facts);
  if (denied.kind != Verdict::Kind::no_rule) return AskerRefusal{refusal_of(denied), denied.rule};
  Error why;
  switch (rule_fits(policy, rule, named, asker, terms, facts, why)) {
    case Truth::yes:
      break;
    case Truth::unknown:
      return AskerRefusal{why, &rule};
    case Truth::no:
    case Truth::open:
    case Truth::failed:
      return AskerRefusal{{ErrorKind::refused,
                           fmt::format("You may not ask by rule {}, which decides for {}; it lets {} ask{}",
                                       rule.name, called, named_in_words(rule.requesters),
                                       rule.when ? " while " + rule.when->text : std::string()),
                           {}},
                          &rule};
  }
  if (!ruling.steps.empty() || rule.auto_for_others) return std::nullopt;
  return AskerRefusal{
      {ErrorKind::refused,
       fmt::format("Rule {} grants at once, and only to whoever asks himself; {} can ask for it", rule.name,
                   called),
       {}},
      &rule};
}

}  // namespace jitbot

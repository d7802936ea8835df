#include "bot/desk/asking.hpp"
#include "bot/desk/shelf.hpp"
#include "commands/answers.hpp"

#include <algorithm>

// `--dry-run`: the decision as asking makes it, and nothing of it kept.
namespace jitbot {

namespace {

std::optional<RequestId> same_waiting(Recorder& record, const DeskState& desk, const Asked& asked,
                                      const Facts& facts) {
  const auto request = same_pending(record, asked);
  if (!request || !may_see(desk, *request, asked.asker, facts)) return std::nullopt;
  return request->id;
}

// Why it is refused, where the asker asks for himself: about others he learns no more than that it fails.
void add_refusal(ExplainView& view, const DeskState& desk, const Named& named, const Person& asker,
                 const Ask& ask, const Facts& facts) {
  const Terms terms{ask.duration, ask.start, ask.reason, ask.ticket};
  const auto ruling = find_ruling(*desk.policy, named, asker, facts, "you", terms);
  if (!ruling) {
    if (!ruling.error().detail.empty()) view.steps_of_thought = {ruling.error().detail};
    return;
  }
  view.rule = ruling->rule;
  view.decided = how_decided(*ruling->rule, *ruling->resource);
  view.steps_of_thought = ruling->explanation;
}

const Rule* rule_named(const Policy& policy, const std::string& name) {
  const auto found = std::ranges::find(policy.rules, name, &Rule::name);
  return found == policy.rules.end() ? nullptr : &*found;
}

}  // namespace

Answered dry_run(Recorder& record, const DeskState& desk, const Ask& ask, const PrincipalId& asker,
                 const Facts& facts, const std::vector<StepView>& voters) {
  const auto person = facts.person(asker);
  if (!person) return say(person.error());
  if (const auto name = may_ask_at_all(*person); !name) return say(name.error());
  if (const auto barred = barred_by_binding(record.tx(), *person); !barred.empty())
    return say(Error{ErrorKind::refused, barred, {}});
  const auto named = resolve(*desk.policy, ask.resource, ask.role);
  if (!named) return say(named.error());
  const PrincipalId whom = ask.for_whom.value_or(asker);
  ExplainView view;
  view.resource = named->shown();
  view.role = named->role->name;
  if (ask.duration > Millis{0}) view.duration = ask.duration;
  if (whom != asker) view.for_whom = whom;
  const auto asked = propose(ask, asker, *desk.policy, facts, desk.settings.terms_of);
  auto problem = asked ? against_now(record, desk, *asked) : std::optional<Error>(asked.error());
  if (asked) {
    view.duration = asked->duration;
    view.rule = rule_named(*desk.policy, asked->rule);
    if (view.rule != nullptr) view.decided = how_decided(*view.rule, *named->resource);
    view.steps_of_thought = asked->explanation;
  } else if (whom == asker) {
    add_refusal(view, desk, *named, *person, ask, facts);
  }
  if (problem) {
    view.problems.push_back(problem->message);
  } else {
    const Time from = asked->start.value_or(record.now());
    view.voters = voters;
    view.would_be = WouldBe{asked->account, asked->start, asked->until.value_or(from + asked->duration),
                            same_waiting(record, desk, *asked, facts)};
  }
  return say(mentioning(dry_run_answer(view), whom));
}

}  // namespace jitbot

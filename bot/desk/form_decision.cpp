#include "bot/desk/deciding.hpp"
#include "bot/desk/form_parts.hpp"
#include "bot/desk/look.hpp"
#include "bot/desk/shelf.hpp"
#include "bot/policy/decide.hpp"
#include "bot/workflow/ask.hpp"
#include "bot/workflow/revise.hpp"

#include <algorithm>

// Forms about a request that is there: the machine that would decide says what it would refuse.
namespace jitbot {

namespace {

using Problems = std::vector<FieldProblem>;

// The request as it is now, though no timer fired.
Request as_due(Request request, Time now) {
  if (request.state != RequestState::pending || request.times_out_at > now) return request;
  request.state = RequestState::timed_out;
  request.decided_at = request.times_out_at;
  return request;
}

// The narrower terms as far as they are known without asking who may ask for them: nothing of them can make
// the revision less strict.
Result<Asked> narrowed(const Request& request, const ReviseIntent& said, const Policy& policy, Time now) {
  const auto less = narrow(request, {said.duration, said.role}, policy, now);
  if (!less) return tl::unexpected<Error>(less.error());
  Asked terms = request.asked;
  const auto named = resolve(policy, terms.resource, less->role);
  if (named && (less->role != terms.role || named->role->risk == Risk::high)) terms.risk = named->role->risk;
  terms.role = less->role;
  terms.duration = less->duration;
  terms.until = less->until;
  return terms;
}

RequestInput input_of(const Intent& intent, const Request& request, const PrincipalId& who,
                      const DeskState& desk, Time now) {
  RequestInput input;
  input.actor = who;
  if (const auto* vote = std::get_if<VoteIntent>(&intent)) {
    input.event = vote->vote == VoteIntent::Vote::approve ? RequestEvent::approve : RequestEvent::deny;
    input.seen_digest = vote->digest_prefix;
    input.reason = vote->reason;
    input.confirmed = vote->confirmed;
  } else if (const auto* revise = std::get_if<ReviseIntent>(&intent)) {
    input.event = RequestEvent::revise;
    input.seen_digest = revise->digest_prefix;
    input.reason = revise->reason;
    input.confirmed = revise->confirmed;
    input.revised = narrowed(request, *revise, *desk.policy, now);
  }
  return input;
}

const std::string& first_field(FormKind kind) {
  static const std::string k_name = "name";
  static const std::string k_duration = "duration";
  static const std::string k_reason = "reason";
  if (kind == FormKind::confirm) return k_name;
  return kind == FormKind::deny ? k_reason : k_duration;
}

// Where the refusal is shown; nothing: it is not told in the form. Whether somebody may decide is asked live
// when the form is taken, never said by what was seen lately.
std::optional<std::string> field_of(const RequestOutcome& outcome, const Submitted& form) {
  switch (outcome.happened) {
    case RequestCase::always:  // decided meanwhile
    case RequestCase::stale:
      return first_field(form.form);
    case RequestCase::unconfirmed:
      return "name";
    case RequestCase::unfit: {
      const auto role = form.values.find("role");
      const auto duration = form.values.find("duration");
      const bool by_role = role != form.values.end() && duration == form.values.end();
      return by_role || outcome.refusal.kind == ErrorKind::not_found ? "role" : "duration";
    }
    case RequestCase::no_reason:
      return "reason";
    case RequestCase::counted:
    case RequestCase::deciding:
    case RequestCase::earlier_lost:
    case RequestCase::denied_now:
    case RequestCase::below_threshold:
    case RequestCase::threshold_reached:
    case RequestCase::repeated:
    case RequestCase::may_not:
    case RequestCase::fact_missing:
    case RequestCase::has_vote:
    case RequestCase::no_vote:
      break;
  }
  return std::nullopt;
}

Problems refused_by_machine(Tx& tx, const DeskState& desk, const PrincipalId& who, const Submitted& form,
                            const Facts& facts) {
  const auto person = facts.person(who);
  const auto found = tx.request(form.about->request);
  if (!person || !found || !may_see(desk, *found, who, facts)) return {};
  if (!barred_by_binding(tx, *person).empty()) return {};
  const auto intent = intent_of(form);
  if (!intent) return {};
  const Request request = as_due(*found, facts.now);
  const RequestInput input = input_of(*intent, request, who, desk, facts.now);
  const auto outcome = apply(request, tx.votes(request.id), input, *desk.policy, facts);
  if (outcome.changed) return {};
  const auto field = field_of(outcome, form);
  return field ? Problems{{*field, outcome.refusal.message}} : Problems();
}

// The time would do; what is said of it would not.
bool is_about_reason(const Grant& grant, const Request& original, const ExtendIntent& intent,
                     const Person& person, const DeskState& desk, const Facts& facts) {
  const Asked& asked = original.asked;
  const auto named = resolve(*desk.policy, asked.resource, asked.role);
  if (!named) return false;
  const auto ruling = find_ruling(*desk.policy, *named, person, facts);
  if (!ruling || !within_extension(*ruling, grant, intent.duration)) return false;
  const std::string& reason = intent.reason.empty() ? asked.reason : intent.reason;
  return !within_limits(*ruling->rule, intent.duration, reason, asked.ticket);
}

Problems refused_extension(Tx& tx, const DeskState& desk, const PrincipalId& who, const ExtendIntent& intent,
                           const Facts& facts) {
  const auto grant = tx.grant(intent.id);
  const auto original = tx.request(intent.id);
  if (!grant || !original || grant->beneficiary != who) return {};
  // Shown is the one that waits, and an end that is due is applied first.
  if (tx.pending_extension(intent.id) || due_event(*grant, facts.now)) return {};
  const auto person = facts.person(who);
  if (!person || !barred_by_binding(tx, *person).empty()) return {};
  const auto asked =
      propose_extension(*grant, original->asked, intent.duration, intent.reason, *desk.policy, facts);
  if (asked || asked.error().kind == ErrorKind::unavailable) return {};
  return {{is_about_reason(*grant, *original, intent, *person, desk, facts) ? "reason" : "duration",
           asked.error().message}};
}

}  // namespace

Task<std::vector<FieldProblem>> decision_problems(SharedDesk desk, PrincipalId who, Submitted form) {
  if (!form.about) co_return Problems();
  auto seen = co_await look_at(desk->ports.store, form.about->request);
  if (!seen || !*seen) co_return Problems();
  auto groups = groups_to_see(*desk, (*seen)->request);
  auto facts = co_await glance(desk, who, std::move(groups));
  std::function<Result<Problems>(Tx&)> work = [desk, who, form, facts](Tx& tx) -> Result<Problems> {
    return refused_by_machine(tx, *desk, who, form, facts);
  };
  auto problems = co_await query<Problems>(desk->ports.store, std::move(work));
  co_return problems.value_or(Problems());
}

Task<std::vector<FieldProblem>> extension_problems(SharedDesk desk, PrincipalId who, Submitted form) {
  const auto intent = intent_of(form);
  const auto* extend = intent ? std::get_if<ExtendIntent>(&*intent) : nullptr;
  if (extend == nullptr) co_return Problems();
  const ExtendIntent wanted = *extend;
  auto seen = co_await look_at(desk->ports.store, wanted.id);
  if (!seen || !*seen || (*seen)->request.asked.beneficiary != who) co_return Problems();
  const Asked& asked = (*seen)->request.asked;
  FactsNeeded needed;
  if (const auto named = resolve(*desk->policy, asked.resource, asked.role))
    needed = facts_to_ask(*desk->policy, *named);
  std::set<std::string> none;
  auto facts = co_await glance(desk, who, std::move(none));
  // A form stands in no channel; where it is sent from is told when it is taken.
  if (needed.channel) facts.channel = fail(ErrorKind::unavailable, "the channel is not known yet");
  facts = co_await glance_further(desk, std::move(facts), who, std::move(needed));
  std::function<Result<Problems>(Tx&)> work = [desk, who, wanted, facts](Tx& tx) -> Result<Problems> {
    return refused_extension(tx, *desk, who, wanted, facts);
  };
  auto problems = co_await query<Problems>(desk->ports.store, std::move(work));
  co_return problems.value_or(Problems());
}

}  // namespace jitbot

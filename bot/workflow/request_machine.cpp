#include "bot/workflow/request_machine.hpp"

#include "bot/model/duration.hpp"
#include "bot/policy/decide.hpp"
#include "bot/policy/existing.hpp"
#include "bot/workflow/audit_detail.hpp"
#include "bot/workflow/revise.hpp"
#include "bot/workflow/serving.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>
#include <utility>

namespace jitbot {

namespace {

using S = RequestState;
using E = RequestEvent;
using C = RequestCase;

const Vote* vote_of(const std::vector<Vote>& votes, const PrincipalId& voter) {
  const auto found = std::ranges::find(votes, voter, &Vote::voter);
  return found == votes.end() ? nullptr : &*found;
}

class Applying {
 public:
  Applying(const Request& request, const std::vector<Vote>& votes, const RequestInput& input,
           const Policy& policy, const Facts& facts)
      : input_(input), policy_(policy), facts_(facts) {
    out_.request = request;
    out_.votes = votes;
  }

  RequestOutcome run() {
    if (out_.request.state != S::pending && input_.event != E::cancel) {
      refuse(C::always, already_decided(out_.request));
      return std::move(out_);
    }
    switch (input_.event) {
      case E::approve:
      case E::deny:
        vote();
        break;
      case E::withdraw:
        withdraw();
        break;
      case E::revise:
        revise();
        break;
      case E::cancel:
        cancel();
        break;
      case E::remind:
      case E::escalate:
        ++out_.request.nudges;
        record(C::always);
        break;
      case E::time_out:
        decide(C::always, "nobody decided in time");
        break;
      case E::beneficiary_deactivated:
        decide(C::always, "the account it was for is deactivated");
        break;
    }
    return std::move(out_);
  }

 private:
  // The step that the actor may serve now. Whoever may not decide has been refused when there is none.
  std::optional<int> admitted() {
    if (is_stale()) {
      refuse(C::stale, stale_words());
      return std::nullopt;
    }
    if (!input_.barred.empty()) {
      refuse(C::may_not, ErrorKind::refused, input_.barred);
      return std::nullopt;
    }
    const auto person = person_of(input_.actor);
    if (!person) {
      refuse(C::fact_missing, ErrorKind::unavailable, cannot_check(person.error()));
      return std::nullopt;
    }
    const std::string against = bar(out_.request, *person);
    if (!against.empty()) {
      refuse(C::may_not, ErrorKind::refused, "You cannot decide this: " + against);
      return std::nullopt;
    }
    const auto step = step_for(out_.request, out_.votes, *person, policy_, facts_);
    if (!step) {
      refuse(C::fact_missing, ErrorKind::unavailable, cannot_check(step.error()));
      return std::nullopt;
    }
    if (*step < 0) {
      refuse(C::may_not, ErrorKind::refused,
             fmt::format("You are not an approver of {}", shown_id(out_.request)));
      return std::nullopt;
    }
    return *step;
  }

  // What was seen, or meant, is not what is asked now.
  bool is_stale() const {
    if (!input_.seen_digest.empty()) return !out_.request.digest.starts_with(input_.seen_digest);
    return input_.seen_revision.value_or(0) != out_.request.revision;
  }

  Error stale_words() const {
    const std::string id = to_string(out_.request.id);
    if (!input_.seen_digest.empty()) {
      return {ErrorKind::conflict,
              fmt::format("{} has changed since that card was shown; look at it again", id),
              {}};
    }
    if (!input_.seen_revision) {
      return {ErrorKind::conflict,
              fmt::format("{} was revised; what is asked now is {}. Look at it, then type {} for the id", id,
                          shown_id(out_.request), typed_id(out_.request)),
              {}};
    }
    return {ErrorKind::conflict,
            fmt::format("{}.{} is not what is asked now; that is {}. Look at it again", id,
                        *input_.seen_revision + 1, shown_id(out_.request)),
            {}};
  }

  void vote() {
    const auto step = admitted();
    if (!step) return;
    if (input_.event == E::approve) {
      approve(*step);
    } else {
      deny();
    }
  }

  // Whether the actor knows what he gives: roles of high risk want the resource's name typed.
  bool is_confirmed(const Asked& asked) {
    if (asked.risk != Risk::high || names_resource(input_.confirmed, asked.resource)) return true;
    refuse(C::unconfirmed, ErrorKind::invalid, unconfirmed_words(asked));
    return false;
  }

  std::string unconfirmed_words(const Asked& asked) const {
    const std::string how = input_.event == E::revise
                                ? fmt::format("/jit revise {} <duration> {} because <reason>",
                                              typed_id(out_.request), asked.resource)
                                : fmt::format("/jit approve {} {}", typed_id(out_.request), asked.resource);
    if (!input_.confirmed.empty()) {
      return fmt::format(
          "That is not the resource's name, so nothing was decided. High risk wants it typed: {}", how);
    }
    return fmt::format("{}:{} is of high risk: type the resource's name to approve it, in the form or as {}",
                       asked.resource, asked.role, how);
  }

  void approve(int step) {
    const Vote* before = vote_of(out_.votes, input_.actor);
    if (before != nullptr && before->approves(out_.request)) {
      return refuse(C::repeated, ErrorKind::conflict, "You have approved this already");
    }
    if (!is_confirmed(out_.request.asked)) return;
    if (!counts_by_condition(out_.request.asked) || is_gone() || is_denied_now()) return;
    auto votes = with_vote(VoteKind::approve, step);
    const auto as_given = votes;
    make_room(votes, step, {});
    for (std::size_t i = 0; i < votes.size(); ++i) {
      if (votes[i].step == as_given[i].step || votes[i].voter == input_.actor) continue;
      moved_.push_back({{"voter", to_string(votes[i].voter)}, {"step", step_name(votes[i])}});
    }
    if (!all_steps_met(out_.request, votes)) {
      out_.votes = std::move(votes);
      return record(C::counted);
    }
    const auto lost = earlier_voters_who_lost(votes);
    if (!lost) return refuse(C::fact_missing, ErrorKind::unavailable, cannot_check(lost.error()));
    out_.votes = std::move(votes);
    if (lost->empty()) return decide(C::deciding, input_.reason);
    for (Vote& vote : out_.votes) {
      if (std::ranges::find(*lost, vote.voter) != lost->end()) vote.voided = true;
    }
    out_.voided = *lost;
    for (const PrincipalId& who : *lost) {
      out_.audit.push_back(event(facts_.now, who, "request.vote_voided", out_.request.id,
                                 {{"why", "lost the right before the decision"}}));
    }
    record(C::earlier_lost);
  }

  // The rule's own condition on approvers.
  bool counts_by_condition(const Asked& asked) {
    const auto person = person_of(input_.actor);
    const auto may = may_approve_by_condition(policy_, asked, *person, facts_);
    if (may) return true;
    if (may.error().kind == ErrorKind::unavailable) {
      refuse(C::fact_missing, ErrorKind::unavailable, cannot_check(may.error()));
    } else {
      refuse(C::may_not, ErrorKind::refused, "You cannot approve this: " + may.error().message);
    }
    return false;
  }

  // Nothing is opened to what is not there. It stays asked for: a list may have been wrong.
  bool is_gone() {
    const auto there = still_exists(out_.request.asked, facts_);
    if (there) return false;
    const bool unknown = there.error().kind == ErrorKind::unavailable;
    refuse(unknown ? C::fact_missing : C::may_not, there.error().kind,
           there.error().message + (unknown ? ". Nothing was decided; try again" : ""));
    return true;
  }

  // Deny rules are not frozen: one that fits by now ends the request, whoever approves it.
  bool is_denied_now() {
    const auto denial = denied_now(policy_, out_.request.asked, facts_);
    if (!denial) {
      refuse(C::fact_missing, ErrorKind::unavailable,
             "I cannot check now whether a rule forbids this: " + denial.error().message +
                 ". Nothing was decided; try again");
      return true;
    }
    if (!*denial) return false;
    denial_ = **denial;
    decide(C::denied_now, fmt::format("{} (rule {})", denial_->message, denial_->rule));
    return true;
  }

  // Whoever may serve several steps does not stand in the way of one who may serve but his: he counts for
  // another that is still open. A step with more than its count gives one away, along others if need be.
  bool make_room(std::vector<Vote>& votes, int step, std::set<int> tried) const {
    const auto counts = step_counts(out_.request, votes);
    const auto& steps = out_.request.asked.steps;
    const auto wants = [&](std::size_t at) { return counts[at] < steps[at].count; };
    if (counts[static_cast<std::size_t>(step)] <= steps[static_cast<std::size_t>(step)].count) return false;
    tried.insert(step);
    for (Vote& vote : votes) {
      if (!vote.approves(out_.request) || vote.step != step) continue;
      for (std::size_t other = 0; other < steps.size(); ++other) {
        const int to = static_cast<int>(other);
        if (tried.contains(to) || !may_serve(vote.voter, steps[other])) continue;
        const bool open = wants(other);
        vote.step = to;
        if (open || make_room(votes, to, tried)) return true;
        vote.step = step;
      }
    }
    return false;
  }

  bool may_serve(const PrincipalId& voter, const Step& step) const {
    const auto person = person_of(voter);
    if (!person || !bar(out_.request, *person).empty()) return false;
    return is_one_of(policy_, step.from, *person, facts_).value_or(false);
  }

  void deny() {
    if (input_.reason.empty()) {
      return refuse(C::no_reason, ErrorKind::invalid,
                    fmt::format("Say why: /jit deny {} <reason>", typed_id(out_.request)));
    }
    const Vote* before = vote_of(out_.votes, input_.actor);
    if (before != nullptr && before->denies(out_.request)) {
      return refuse(C::repeated, ErrorKind::conflict, "You have denied this already");
    }
    out_.votes = with_vote(VoteKind::deny, -1);
    const auto denials =
        std::ranges::count_if(out_.votes, [&](const Vote& vote) { return vote.denies(out_.request); });
    if (denials >= out_.request.asked.deny_threshold) return decide(C::threshold_reached, input_.reason);
    record(C::below_threshold);
  }

  void withdraw() {
    // Taking back needs no id of the revision: there is but one vote of his that counts.
    const bool another = input_.seen_revision && *input_.seen_revision != out_.request.revision;
    if (another) return refuse(C::stale, stale_words());
    const Vote* before = vote_of(out_.votes, input_.actor);
    if (before == nullptr || !before->stands_for(out_.request)) {
      return refuse(C::no_vote, ErrorKind::invalid,
                    fmt::format("You have no vote on {}", shown_id(out_.request)));
    }
    out_.votes = with_vote(VoteKind::withdrawn, -1);
    record(C::has_vote);
  }

  // The narrower terms are a request of their own digest, and the reviser's is the first approval of it.
  void revise() {
    if (!admitted()) return;
    if (!input_.revised) return refuse(C::unfit, ErrorKind::invalid, "Say what to ask for instead");
    if (!*input_.revised) {
      const bool unknown = input_.revised->error().kind == ErrorKind::unavailable;
      return refuse(unknown ? C::fact_missing : C::unfit, input_.revised->error());
    }
    const Asked& terms = **input_.revised;
    if (!is_confirmed(terms) || !counts_by_condition(terms)) return;
    if (input_.reason.empty()) {
      return refuse(
          C::no_reason, ErrorKind::invalid,
          fmt::format("Say why: /jit revise {} <duration> because <reason>", typed_id(out_.request)));
    }
    Request next = out_.request;
    next.asked = terms;
    if (terms.until) next.times_out_at = std::min(next.times_out_at, *terms.until);
    ++next.revision;
    next.digest = digest_of(terms, next.revision);
    const auto step = step_for(next, out_.votes, *person_of(input_.actor), policy_, facts_);
    if (!step) return refuse(C::fact_missing, ErrorKind::unavailable, cannot_check(step.error()));
    const Request before = std::exchange(out_.request, std::move(next));
    out_.votes = with_vote(VoteKind::approve, *step);
    out_.audit.push_back(event(facts_.now, input_.actor, "request.revised", out_.request.id,
                               revision_detail(before, out_.request, input_.reason)));
    if (all_steps_met(out_.request, out_.votes)) return decide(C::deciding, input_.reason);
    out_.happened = C::counted;
    out_.changed = true;
  }

  void cancel() {
    if (!is_participant(out_.request, input_.actor) || !input_.barred.empty()) {
      return refuse(C::may_not, ErrorKind::not_found,
                    fmt::format("I know no request {}", to_string(out_.request.id)));
    }
    if (out_.request.state != S::pending) return refuse(C::always, already_decided(out_.request));
    decide(C::always, input_.reason);
  }

  std::vector<Vote> with_vote(VoteKind kind, int step) const {
    auto votes = out_.votes;
    std::erase_if(votes, [&](const Vote& vote) { return vote.voter == input_.actor; });
    votes.push_back(Vote{out_.request.id, input_.actor, kind, step, input_.reason, out_.request.digest,
                         facts_.now, false});
    return votes;
  }

  // Earlier approvals were right when they were given; the deciding one asks once more.
  Result<std::vector<PrincipalId>> earlier_voters_who_lost(const std::vector<Vote>& votes) const {
    std::vector<PrincipalId> lost;
    for (const Vote& vote : votes) {
      if (!vote.approves(out_.request) || vote.voter == input_.actor) continue;
      const auto person = person_of(vote.voter);
      if (!person) return tl::unexpected<Error>(person.error());
      const auto& from = out_.request.asked.steps[static_cast<std::size_t>(vote.step)].from;
      auto still = bar(out_.request, *person).empty() ? is_one_of(policy_, from, *person, facts_)
                                                      : Result<bool>(false);
      if (!still) return tl::unexpected<Error>(still.error());
      const auto fits = may_approve_by_condition(policy_, out_.request.asked, *person, facts_);
      if (!fits && fits.error().kind == ErrorKind::unavailable) return tl::unexpected<Error>(fits.error());
      if (!*still || !fits) lost.push_back(vote.voter);
    }
    return lost;
  }

  // An answer about somebody else is none.
  Result<Person> person_of(const PrincipalId& id) const {
    auto person = facts_.person(id);
    if (person && person->id != id) {
      return fail(ErrorKind::unavailable, "I cannot check " + id.user + " now",
                  "the directory answered about " + to_string(person->id));
    }
    return person;
  }

  static std::string cannot_check(const Error& error) {
    return "I cannot check now whether you may decide this: " + error.message +
           ". Nothing was decided; try again";
  }

  void refuse(C why, ErrorKind kind, std::string message) {
    refuse(why, Error{kind, std::move(message), {}});
  }

  void refuse(C why, Error error) {
    out_.happened = why;
    out_.refusal = std::move(error);
    const auto* row = find_row(request_table(), out_.request.state, input_.event, why);
    if (row == nullptr || row->audit.empty()) return;
    out_.audit.push_back(event(facts_.now, input_.actor, row->audit, out_.request.id,
                               {{"vote", vote_word()}, {"why", out_.refusal.message}}));
  }

  void record(C why) {
    const auto* row = find_row(request_table(), out_.request.state, input_.event, why);
    out_.happened = why;
    out_.changed = true;
    out_.audit.push_back(event(facts_.now, input_.actor, row->audit, out_.request.id, vote_detail()));
  }

  void decide(C why, const std::string& reason) {
    const auto* row = find_row(request_table(), out_.request.state, input_.event, why);
    out_.happened = why;
    out_.changed = true;
    out_.request.state = row->to;
    out_.request.decided_at = facts_.now;
    out_.request.decided_by = denial_ ? system_principal("rule") : input_.actor;
    out_.request.decision_reason = reason;
    out_.audit.push_back(
        event(facts_.now, out_.request.decided_by, row->audit, out_.request.id, decision_detail()));
  }

  // Which rule of which version decided, and why that one.
  nlohmann::json decision_detail() const {
    auto detail = vote_detail();
    const Asked& asked = out_.request.asked;
    detail["policy"] = asked.policy_digest;
    const std::string commit = denial_ ? to_string(policy_.commit) : asked.policy_commit;
    if (!commit.empty()) detail["commit"] = commit;
    if (!denial_) {
      detail["why"] = asked.explanation;
      return detail;
    }
    detail["rule"] = denial_->rule;
    detail["policy"] = policy_.digest;
    detail["why"] = nlohmann::json::array({denial_->explanation});
    detail["approver"] = to_string(input_.actor);
    detail["reason"] = out_.request.decision_reason;
    return detail;
  }

  nlohmann::json vote_detail() const {
    nlohmann::json detail{{"digest", out_.request.digest},
                          {"rule", out_.request.asked.rule},
                          {"state", to_string(out_.request.state)}};
    if (!vote_word().empty()) detail["vote"] = vote_word();
    if (!input_.reason.empty()) detail["reason"] = input_.reason;
    const Vote* mine = vote_of(out_.votes, input_.actor);
    if (mine != nullptr && mine->step >= 0) detail["step"] = step_name(*mine);
    if (!moved_.empty()) detail["moved"] = moved_;
    return detail;
  }

  const std::string& step_name(const Vote& vote) const {
    return out_.request.asked.steps[static_cast<std::size_t>(vote.step)].name;
  }

  std::string_view vote_word() const {
    if (input_.event == E::approve) return "approve";
    if (input_.event == E::deny) return "deny";
    if (input_.event == E::revise) return "revise";
    return "";
  }

  const RequestInput& input_;
  const Policy& policy_;
  const Facts& facts_;
  nlohmann::json moved_ = nlohmann::json::array();  // earlier votes that count for another step by now
  std::optional<Denial> denial_;                    // that ended it
  RequestOutcome out_;
};

}  // namespace

bool names_resource(const std::string& typed, const std::string& resource) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  std::string_view text = typed;
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  const auto low = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(text, resource, {}, low, low);
}

RequestOutcome apply(const Request& request, const std::vector<Vote>& votes, const RequestInput& input,
                     const Policy& policy, const Facts& facts) {
  return Applying(request, votes, input, policy, facts).run();
}

Error already_decided(const Request& request) {
  const std::string when = request.decided_at ? " at " + format_clock_utc(*request.decided_at) : "";
  switch (request.state) {
    case S::pending:
      return {ErrorKind::conflict, shown_id(request) + " is waiting for a decision", {}};
    case S::approved:
      return {ErrorKind::conflict, fmt::format("{} was already approved{}", shown_id(request), when), {}};
    case S::denied:
      return {ErrorKind::conflict, fmt::format("{} was already denied{}", shown_id(request), when), {}};
    case S::cancelled:
      return {ErrorKind::conflict, fmt::format("{} was already cancelled{}", shown_id(request), when), {}};
    case S::timed_out:
      return {ErrorKind::conflict, fmt::format("{} has timed out{}", shown_id(request), when), {}};
  }
  return {ErrorKind::internal, shown_id(request) + " is in no known state", {}};
}

}  // namespace jitbot

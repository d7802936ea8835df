#include "bot/policy/decide.hpp"
#include "tests/unit/workflow/people.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include <algorithm>
#include <set>

// Random people do random things to a request while the directory changes under them.
namespace jitbot::testing {

namespace {

using E = RequestEvent;
using S = RequestState;

const std::vector<std::string> k_everybody{"lena", "leo", "lia",      "cleo", "sam",   "sid",     "ann",
                                           "bea",  "bot", "outsider", "left", "guest", "stranger"};

// One decision of the generator, read piece by piece.
class Dice {
 public:
  explicit Dice(std::uint32_t bits) : bits_(bits) {}
  std::uint32_t below(std::uint32_t bound) {
    const std::uint32_t out = bits_ % bound;
    bits_ /= bound;
    return out;
  }
  bool one_in(std::uint32_t bound) { return below(bound) == 0; }

 private:
  std::uint32_t bits_;
};

std::vector<Step> random_steps(Dice dice) {
  switch (dice.below(4)) {
    case 0:
      return {leads_step(1 + static_cast<int>(dice.below(3)))};
    case 1:
      return {leads_step(2), security_step(1)};
    case 2:
      return {security_step(1), leads_step(1 + static_cast<int>(dice.below(2)))};
    default:
      return {};
  }
}

// Facts as wrong as a directory may be: people unknown, mistaken for others, promoted, groups unread.
Facts random_facts(Dice dice, std::uint32_t noise) {
  Facts facts = all_facts(k_start + Millis(noise % 1000));
  Dice more(noise);
  for (const std::string& name : k_everybody) {
    if (!more.one_in(7)) continue;
    Person person = person_of(name);
    switch (dice.below(4)) {
      case 0:
        facts.people.erase(person.id);
        break;
      case 1:
        person.email = "lena@example.com";
        facts.people.insert_or_assign(person.id, person);
        break;
      case 2:
        facts.people.insert_or_assign(id_of(name), person_of("leo"));
        break;
      default:
        person.deactivated = true;
        facts.people.insert_or_assign(person.id, person);
        break;
    }
  }
  if (dice.one_in(6)) facts.groups.clear();
  if (dice.one_in(6) && !facts.groups.empty()) facts.groups.begin()->second->erase(id_of("sam"));
  return facts;
}

RequestInput random_input(Dice dice, const Request& request) {
  RequestInput input;
  const std::uint32_t what = dice.below(24);
  input.event = what < 13   ? E::approve
                : what < 18 ? E::deny
                : what < 21 ? E::withdraw
                : what < 22 ? E::cancel
                : what < 23 ? E::time_out
                            : E::beneficiary_deactivated;
  const auto people = static_cast<std::uint32_t>(k_everybody.size());
  input.actor = id_of(k_everybody[dice.below(people)]);
  // Cancels and time-outs end the game early; most of them come from people who may not.
  if ((what >= 22) && !dice.one_in(4)) input.event = E::approve;
  if (dice.below(5) > 0) input.seen_digest = digest_prefix(request);
  if (dice.one_in(9)) input.seen_digest = "feedfeedfeed";
  if (!dice.one_in(5)) input.reason = "because";
  if (dice.one_in(11)) input.barred = "identity conflict";
  return input;
}

std::set<PrincipalId> never_counted() {
  std::set<PrincipalId> ids{id_of("stranger")};
  for (const std::string& name : barred_people()) ids.insert(id_of(name));
  return ids;
}

bool serves(const Request& request, int step, const PrincipalId& who, const Facts& facts) {
  const auto person = facts.person(who);
  if (!person || person->id != who || !may_decide_at_all(*person)) return false;
  if (who == request.asked.asker || who == request.asked.beneficiary) return false;
  return is_one_of(company(), request.asked.steps[static_cast<std::size_t>(step)].from, *person, facts)
      .value_or(false);
}

void check_approved(const RequestOutcome& out, const Facts& facts) {
  std::vector<std::set<PrincipalId>> people(out.request.asked.steps.size());
  std::set<PrincipalId> all;
  for (const Vote& vote : out.votes) {
    if (!vote.approves(out.request)) continue;
    RC_ASSERT(serves(out.request, vote.step, vote.voter, facts));
    RC_ASSERT(all.insert(vote.voter).second);
    people[static_cast<std::size_t>(vote.step)].insert(vote.voter);
  }
  RC_ASSERT(!people.empty());
  for (std::size_t i = 0; i < people.size(); ++i) {
    RC_ASSERT(static_cast<int>(people[i].size()) >= out.request.asked.steps[i].count);
  }
}

void check_votes(const RequestOutcome& out) {
  static const auto barred = never_counted();
  std::set<PrincipalId> voters;
  for (const Vote& vote : out.votes) {
    RC_ASSERT(voters.insert(vote.voter).second);  // one vote per person
    // The stranger has an approver's name while the directory says so; nobody else here ever may.
    if (vote.voter != id_of("stranger")) RC_ASSERT(!barred.contains(vote.voter));
    RC_ASSERT(vote.digest == out.request.digest);
    if (vote.kind == VoteKind::deny) RC_ASSERT(!vote.reason.empty());
    RC_ASSERT((vote.kind == VoteKind::approve) == (vote.step >= 0));
  }
}

void check_step(const Request& before, const std::vector<Vote>& votes, const RequestInput& input,
                const Facts& facts, const RequestOutcome& out) {
  const auto* row = find_row(request_table(), before.state, input.event, out.happened);
  if (out.changed) {
    RC_ASSERT(row != nullptr);
    RC_ASSERT(row->to == out.request.state);
    RC_ASSERT(!out.audit.empty());
    RC_ASSERT(out.audit.back().action == row->audit);
  } else {
    RC_ASSERT(out.request == before);
    RC_ASSERT(out.votes == votes);
    RC_ASSERT(out.audit.size() == ((row != nullptr && !row->audit.empty()) ? 1U : 0U));
  }
  if (before.state != S::pending) RC_ASSERT(!out.changed);
  if (out.request.state == S::approved && before.state == S::pending) {
    RC_ASSERT(input.event == E::approve);
    check_approved(out, facts);
  }
  if (out.request.state == S::denied && before.state == S::pending) {
    const auto denials = std::ranges::count(out.votes, VoteKind::deny, &Vote::kind);
    RC_ASSERT(denials >= out.request.asked.deny_threshold);
  }
  const bool seen_other = !input.seen_digest.empty() && !before.digest.starts_with(input.seen_digest);
  if (seen_other && (input.event == E::approve || input.event == E::deny)) RC_ASSERT(!out.changed);
  check_votes(out);
}

struct Move {
  std::uint32_t who;
  std::uint32_t facts;
  std::uint32_t noise;
};

std::vector<Move> random_moves() {
  const auto bits = rc::gen::inRange<std::uint32_t>(0, 0x7fffffff);
  const auto numbers = *rc::gen::resize(300, rc::gen::container<std::vector<std::uint32_t>>(bits));
  std::vector<Move> moves;
  for (std::size_t i = 0; i + 2 < numbers.size(); i += 3) {
    moves.push_back({numbers[i] * 2654435761U, numbers[i + 1] * 2654435761U, numbers[i + 2] * 2654435761U});
  }
  return moves;
}

}  // namespace

TEST_CASE("whatever people do and the directory says, a request takes rows of its table alone") {
  int decided = 0;
  CHECK(rc::check("request machine", [&decided] {
    const auto shape = *rc::gen::inRange<std::uint32_t>(0, 1000);
    Request request = sample_request(random_steps(Dice(shape)));
    request.asked.deny_threshold = 1 + static_cast<int>(shape % 3);
    std::vector<Vote> votes;
    for (const Move& move : random_moves()) {
      const Facts facts = random_facts(Dice(move.facts), move.noise);
      const RequestInput input = random_input(Dice(move.who), request);
      const auto out = act(request, votes, input, facts);
      check_step(request, votes, input, facts, out);
      decided += request.state == S::pending && out.request.state != S::pending ? 1 : 0;
      request = out.request;
      votes = out.votes;
    }
  }));
  CHECK(decided > 20);  // the walk reaches the ends
}

TEST_CASE("the outcome of every possible jury is what the counts say") {
  // Each subset of eligible voters approves, in rotated order: approved exactly when different people can be
  // found for every step, whoever of them came first.
  const std::vector<std::string> eligible{"lena", "leo", "cleo", "sam", "sid"};
  for (unsigned subset = 0; subset < (1U << eligible.size()); ++subset) {
    for (std::size_t turn = 0; turn < eligible.size(); ++turn) {
      Request request = sample_request();
      std::vector<Vote> votes;
      for (std::size_t i = 0; i < eligible.size(); ++i) {
        const std::size_t who = (i + turn) % eligible.size();
        if ((subset & (1U << who)) == 0 || request.state != S::pending) continue;
        const auto out = act(request, votes, {.event = E::approve, .actor = id_of(eligible[who])});
        REQUIRE(out.changed);
        request = out.request;
        votes = out.votes;
      }
      const auto voted = [&](unsigned who) { return (subset >> who & 1U) != 0 ? 1 : 0; };
      const int leads_alone = voted(0) + voted(1);
      const int security_alone = voted(3) + voted(4);
      const bool security_by_others = leads_alone + voted(2) >= 2 && security_alone >= 1;
      const bool security_by_cleo = leads_alone >= 2 && voted(2) == 1;
      CAPTURE(subset, turn);
      CHECK((request.state == S::approved) == (security_by_others || security_by_cleo));
    }
  }
}

}  // namespace jitbot::testing

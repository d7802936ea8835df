#include "bot/workflow/revise.hpp"
#include "tests/unit/workflow/people.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include <algorithm>

// Whatever the rules say when somebody asks for less: nothing that held before is loosened, and nobody's vote
// for other terms counts.
namespace jitbot::testing {

namespace {

Step random_step() {
  static const std::vector<std::string> names{"lead", "security", "owners"};
  static const std::vector<std::string> people{"lena", "leo", "sam", "sid"};
  Step step;
  step.name = names[*rc::gen::inRange<std::size_t>(0, names.size())];
  const auto bits = *rc::gen::inRange<unsigned>(1, 1U << people.size());
  for (std::size_t i = 0; i < people.size(); ++i) {
    if ((bits & (1U << i)) != 0) step.from.push_back({Subject::Kind::email, people[i] + "@example.com"});
  }
  if (*rc::gen::arbitrary<bool>()) std::ranges::reverse(step.from);
  step.count = *rc::gen::inRange(1, 4);
  return step;
}

// Names are unique within a rule, as loading makes sure.
std::vector<Step> random_rule(int least) {
  std::vector<Step> steps;
  const int wanted = *rc::gen::inRange(least, 4);
  for (int i = 0; i < wanted; ++i) {
    Step step = random_step();
    if (std::ranges::find(steps, step.name, &Step::name) == steps.end()) steps.push_back(std::move(step));
  }
  return steps;
}

Asked random_terms(const Asked& base, int least_steps) {
  Asked asked = base;
  asked.steps = random_rule(least_steps);
  asked.automatic = asked.steps.empty();
  asked.rule = *rc::gen::elementOf(std::vector<std::string>{"one", "two", "three"});
  asked.deny_threshold = *rc::gen::inRange(1, 4);
  asked.extend = {Millis(*rc::gen::inRange(0, 5)), Millis(*rc::gen::inRange(0, 5)),
                  *rc::gen::arbitrary<bool>()};
  asked.risk = *rc::gen::arbitrary<bool>() ? Risk::high : Risk::low;
  asked.needs_reason = *rc::gen::arbitrary<bool>();
  return asked;
}

// The highest count first: what serves it might be all that does, what serves a lower one later serves both.
bool has_all(const std::vector<Step>& all, std::vector<Step> some) {
  std::ranges::sort(some, std::ranges::greater{}, &Step::count);
  std::vector<bool> used(all.size(), false);
  return std::ranges::all_of(some, [&](const Step& step) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      const bool same =
          all[i].from.size() == step.from.size() && std::ranges::is_permutation(all[i].from, step.from);
      if (used[i] || !same || all[i].count < step.count) continue;
      used[i] = true;
      return true;
    }
    return false;
  });
}

}  // namespace

TEST_CASE("a revision demands every step of what held and of what holds now, and loosens no limit") {
  CHECK(rc::check("stricter", [] {
    const Asked base = sample_request().asked;
    Asked held = random_terms(base, 1);
    held.automatic = false;
    if (held.steps.empty()) held.steps = {leads_step(1)};
    Asked now = held;
    // Several in a row: each is under everything that ever held.
    std::vector<Asked> ever{held};
    for (int round = *rc::gen::inRange(1, 4); round > 0; --round) {
      const Asked fresh = random_terms(base, 0);
      const Millis less = now.duration / 2;
      const Asked out = stricter(now, {base.role, less, std::nullopt}, fresh);
      ever.push_back(fresh);
      for (const Asked& one : ever) {
        RC_ASSERT(has_all(out.steps, one.steps));
        RC_ASSERT(out.deny_threshold <= one.deny_threshold);
        RC_ASSERT(out.extend.max <= one.extend.max);
        RC_ASSERT(out.extend.total <= one.extend.total);
        RC_ASSERT(!out.extend.automatic || one.extend.automatic);
        RC_ASSERT(out.risk == Risk::high || one.risk == Risk::low);
        RC_ASSERT(out.needs_reason || !one.needs_reason);
      }
      RC_ASSERT(out.duration < now.duration);
      RC_ASSERT(!out.automatic);
      RC_ASSERT(!out.steps.empty());
      RC_ASSERT(out.beneficiary == held.beneficiary);
      RC_ASSERT(out.asker == held.asker);
      RC_ASSERT(out.account == held.account);
      for (std::size_t i = 0; i < out.steps.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) RC_ASSERT(out.steps[i].name != out.steps[j].name);
      }
      // The same rule again demands nothing further.
      RC_ASSERT(all_steps(out.steps, fresh.steps) == out.steps);
      now = out;
    }
  }));
}

TEST_CASE("a vote for another digest never counts, whatever was revised in between") {
  CHECK(rc::check("votes", [] {
    Request request = sample_request({leads_step(2), security_step(1)});
    std::vector<Vote> votes;
    static const std::vector<std::string> people{"lena", "leo", "lia", "cleo", "sam", "sid"};
    const int moves = *rc::gen::inRange(1, 14);
    for (int i = 0; i < moves && request.state == RequestState::pending; ++i) {
      RequestInput input;
      input.actor = id_of(people[*rc::gen::inRange<std::size_t>(0, people.size())]);
      const int what = *rc::gen::inRange(0, 6);
      if (what == 0) {
        input.event = RequestEvent::revise;
        Asked less = request.asked;
        less.duration = request.asked.duration - 1ms;
        input.revised = Result<Asked>(less);
        input.reason = "enough";
      } else {
        input.event = RequestEvent::approve;
      }
      const int seen = *rc::gen::inRange(0, request.revision + 2);
      input.seen_revision = seen;
      const auto out = act(request, votes, input);
      if (seen != request.revision) RC_ASSERT(!out.changed);
      if (out.request.state == RequestState::approved) {
        std::vector<int> counts(out.request.asked.steps.size(), 0);
        for (const Vote& vote : out.votes) {
          if (vote.kind == VoteKind::approve && !vote.voided && vote.digest == out.request.digest)
            ++counts[static_cast<std::size_t>(vote.step)];
        }
        RC_ASSERT(counts[0] >= 2);
        RC_ASSERT(counts[1] >= 1);
      }
      if (out.request.revision != request.revision) {
        const auto standing =
            std::ranges::count_if(out.votes, [&](const Vote& vote) { return vote.stands_for(out.request); });
        RC_ASSERT(standing == 1);
      }
      request = out.request;
      votes = out.votes;
    }
  }));
}

}  // namespace jitbot::testing

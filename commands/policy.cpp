// policy: for administrators and auditors.
#include "bot/cards/clean.hpp"
#include "bot/cards/phrases.hpp"
#include "bot/policy/words_of.hpp"
#include "commands/answers.hpp"

#include <fmt/format.h>

namespace jitbot {

namespace {

constexpr std::size_t k_digest = 12;
constexpr std::size_t k_most_characters = 300;  // of one line
// A message holds more, but nobody reads it; the command line shows everything.
constexpr std::size_t k_room = 2400;

Code short_digest(const std::string& digest) {
  return Code{digest.substr(0, k_digest)};
}

// Lines as long as there is room, then how many are left.
class Bounded {
 public:
  explicit Bounded(Card& card) : card_(card) {}

  void add(Line line, std::size_t length) {
    if (full_ || used_ + length > k_room) {
      full_ = true;
      ++left_;
      return;
    }
    used_ += length;
    card_.facts.push_back(std::move(line));
  }
  std::size_t left() const { return left_; }

 private:
  Card& card_;
  std::size_t used_ = 0;
  std::size_t left_ = 0;
  bool full_ = false;
};

void add_problems(Card& card, const std::vector<PolicyProblem>& problems) {
  Bounded lines(card);
  for (const PolicyProblem& problem : problems) {
    const std::string words = one_line(words_of(problem), k_most_characters);
    lines.add({Plain{"• "}, Code{words}}, length_of(words));
  }
  if (lines.left() > 0) card.facts.push_back(plain(fmt::format("and {} more", lines.left())));
}

void add_changes(Card& card, const PolicyChangeView& view) {
  if (view.changes.empty())
    card.facts.push_back(plain("the files are written differently; what they say is the same"));
  Bounded lines(card);
  for (const Change& change : view.changes) {
    const std::string words = one_line(change.words, k_most_characters);
    lines.add(plain("• " + words), length_of(words));
  }
  if (lines.left() > 0) card.facts.push_back(plain(fmt::format("and {} changes more", lines.left())));
}

void add_commit(Card& card, const PolicyCommit& commit) {
  if (commit.id.empty()) return;
  card.facts.push_back(plain("commit " + to_string(commit)));
}

std::string counts(const Policy& policy) {
  return fmt::format("{} rules · {} resources · {} groups · {} tests", policy.rules.size(),
                     policy.resources.size(), policy.groups.size(), policy.tests.size());
}

}  // namespace

Card policy_answer(const PolicyView& view) {
  const Policy& policy = *view.policy;
  Card card;
  card.headline = "Policy " + policy.digest.substr(0, k_digest);
  card.facts.push_back({Plain{"in force since "}, Moment{view.since}, Plain{", by "}, person(view.by)});
  add_commit(card, policy.commit);
  card.facts.push_back(plain(counts(policy)));
  Bounded lines(card);
  for (std::size_t i = 0; i < policy.rules.size(); ++i) {
    const std::string words = one_line(words_of(policy.rules[i]), k_most_characters);
    lines.add({Plain{fmt::format("{}. ", i + 1)}, Strong{policy.rules[i].name}, Plain{": " + words}},
              length_of(words));
  }
  if (lines.left() > 0) card.facts.push_back(plain(fmt::format("and {} rules more", lines.left())));
  card.footer.push_back({Plain{"what the files would change: "}, Code{"/jit policy diff"}});
  return card;
}

Card policy_diff_answer(const PolicyChangeView& view) {
  Card card;
  if (!view.problems.empty()) {
    card.emoji = "⚠️";
    card.headline = "A reload would be refused";
    add_problems(card, view.problems);
    return card;
  }
  if (view.fresh == view.in_force) {
    card = answer({Plain{"the files say what is in force: policy "}, short_digest(view.in_force)});
    for (const Change& change : view.changes) card.facts.push_back(plain(change.words));
    return card;
  }
  card.headline = "What a reload would change";
  card.facts.push_back(
      {Plain{"policy "}, short_digest(view.in_force), Plain{" → "}, short_digest(view.fresh)});
  add_commit(card, view.commit);
  add_changes(card, view);
  card.footer.push_back({Plain{"to put it in force: "}, Code{"/jit policy reload"}});
  return card;
}

Card policy_reload_answer(const PolicyChangeView& view) {
  Card card;
  if (!view.problems.empty()) {
    card.emoji = "⚠️";
    card.headline = "Policy refused";
    card.facts.push_back({Plain{"the policy in force stays as it is: "}, short_digest(view.in_force)});
    add_problems(card, view.problems);
    return card;
  }
  if (view.fresh == view.in_force) {
    return answer({Plain{"policy "}, short_digest(view.in_force),
                   Plain{" is in force already; the files say nothing else"}});
  }
  card.emoji = "✅";
  card.headline = fmt::format("Policy {} is in force", view.fresh.substr(0, k_digest));
  card.facts.push_back({Plain{"in place of "}, short_digest(view.in_force)});
  add_commit(card, view.commit);
  add_changes(card, view);
  card.footer.push_back(plain("what was asked before keeps its steps"));
  return card;
}

}  // namespace jitbot

// mine, pending, show: what people look at.
#include "bot/cards/history.hpp"
#include "bot/cards/phrases.hpp"
#include "bot/model/duration.hpp"
#include "commands/answers.hpp"
#include "commands/families.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace jitbot::grammar {

Result<Intent> parse_mine(Words& words) {
  if (const auto end = expect_end(words, "mine"); !end) return tl::unexpected<Error>(end.error());
  return Intent{MineIntent{}};
}

Result<Intent> parse_pending(Words& words) {
  if (const auto end = expect_end(words, "pending"); !end) return tl::unexpected<Error>(end.error());
  return Intent{PendingIntent{}};
}

Result<Intent> parse_show(Words& words) {
  const auto id = take_id(words, "/jit show JIT-7K3F");
  if (!id) return tl::unexpected<Error>(id.error());
  if (const auto end = expect_end(words, "show <id>"); !end) return tl::unexpected<Error>(end.error());
  return Intent{ShowIntent{id->id}};
}

}  // namespace jitbot::grammar

namespace jitbot {

namespace {

constexpr std::size_t k_most_listed = 20;
constexpr std::size_t k_most_events = 25;  // of a history; the newest

Line entry(const SubjectView& view) {
  const Sign sign = sign_of(phase_of(view));
  const Asked& asked = view.request.asked;
  Line line{Plain{fmt::format("{} {} · {} · ", sign.emoji, sign.word, shown_id(view.request))}};
  line += asked_access(asked);
  if (asked.beneficiary != asked.asker) line += {Plain{" for "}, person(asked.beneficiary)};
  return line;
}

Line waiting_entry(const SubjectView& view) {
  Line line = entry(view);
  line.emplace_back(Plain{" · "});
  line += progress_line(view);
  line += {Plain{" · times out at "}, Moment{view.request.times_out_at}};
  return line;
}

Line mine_entry(const SubjectView& view) {
  Line line = entry(view);
  switch (phase_of(view)) {
    case Phase::waiting:
      return waiting_entry(view);
    case Phase::active: {
      line += {Plain{" · until "}, Moment{view.grant->end()}};
      const Millis left = view.grant->end() - view.now;
      if (left > 0ms) line += {Plain{fmt::format(" ({} left)", format_duration(left))}};
      if (view.grant->standing) line += {Plain{" · was there before, stays"}};
      break;
    }
    case Phase::approved:
      if (view.grant && view.grant->state == GrantState::scheduled) {
        line += {Plain{" · starts "}, Moment{view.grant->start()}};
      } else {
        line += {Plain{" · being set up"}};
      }
      break;
    case Phase::ending:
    case Phase::overdue:
      line += {Plain{" · being removed, not proven absent yet"}};
      break;
    case Phase::ended:
      line += {Plain{" · "}};
      line += ended_line(*view.grant);
      break;
    case Phase::denied:
    case Phase::cancelled:
    case Phase::timed_out:
      break;
  }
  return line;
}

Line pending_entry(const SubjectView& view) {
  const Asked& asked = view.request.asked;
  Line line{Plain{fmt::format("{} · ", shown_id(view.request))}, person(asked.asker)};
  if (asked.kind == RequestKind::extension) {
    line += {Plain{fmt::format(" prolongs {} by {}: ", asked.extends ? to_string(*asked.extends) : "a grant",
                               format_duration(asked.duration))},
             Strong{access_name(asked.resource, asked.role)}};
  } else {
    line += {Plain{" asks for "}};
    if (asked.beneficiary != asked.asker) line += {person(asked.beneficiary), Plain{": "}};
    line += asked_terms(asked);
  }
  line.emplace_back(Plain{" · "});
  line += progress_line(view);
  line += {Plain{" · times out at "}, Moment{view.request.times_out_at}};
  return line;
}

template <class Entry>
void list(Card& card, const std::vector<SubjectView>& views, Entry entry_of) {
  for (std::size_t i = 0; i < std::min(views.size(), k_most_listed); ++i)
    card.facts.push_back(entry_of(views[i]));
  if (views.size() > k_most_listed)
    card.facts.push_back(plain(fmt::format("and {} more", views.size() - k_most_listed)));
}

Line event_line(const ChainedEvent& event) {
  Line line{Moment{event.event.at, true}, Plain{" "}};
  line += history_line(event.event);
  return line;
}

}  // namespace

Card mine_answer(const std::vector<SubjectView>& mine) {
  if (mine.empty()) {
    return answer(
        {Plain{"you have nothing and asked for nothing; ask with "}, Code{"/jit request staging 1h"}});
  }
  Card card;
  card.headline = "Yours";
  list(card, mine, mine_entry);
  card.footer.push_back(
      {Code{"/jit show <id>"}, Plain{" · "}, Code{"/jit done <id>"}, Plain{" · "}, Code{"/jit cancel <id>"}});
  return card;
}

Card pending_answer(const std::vector<SubjectView>& waiting) {
  if (waiting.empty()) return answer("nothing waits for your decision");
  Card card;
  card.headline = "Waiting for you";
  list(card, waiting, pending_entry);
  card.footer.push_back({Code{"/jit show <id>"}, Plain{" · "}, Code{"/jit approve <id>"}, Plain{" · "},
                         Code{"/jit deny <id> <reason>"}});
  return card;
}

Card show_answer(const SubjectView& view, const std::vector<ChainedEvent>& history) {
  Card card = approval_card(view);
  // A private answer is never edited: a button on it would outlive what it does.
  card.buttons.clear();
  card.footer.clear();
  const Asked& asked = view.request.asked;
  Line decided_by{Plain{fmt::format("rule {} · ", asked.rule)}};
  decided_by += policy_line(asked);
  if (!asked.policy_commit.empty()) decided_by += plain(" · commit " + asked.policy_commit);
  if (!asked.policy_digest.empty()) card.footer.push_back(std::move(decided_by));
  for (const std::string& reason : asked.explanation) card.footer.push_back(plain(reason));
  // As many of the newest as a message holds.
  constexpr std::size_t k_most_text = 2000;
  std::size_t first = history.size();
  for (std::size_t text = 0; first > 0 && history.size() - first < k_most_events; --first) {
    text += to_plain_text(event_line(history[first - 1])).size();
    if (text > k_most_text) break;
  }
  if (first > 0) card.footer.push_back(plain(fmt::format("{} earlier events are not shown", first)));
  for (std::size_t i = first; i < history.size(); ++i) card.footer.push_back(event_line(history[i]));
  return card;
}

}  // namespace jitbot

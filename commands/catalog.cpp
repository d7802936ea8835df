// resources, explain: what one may ask for, and what would come of it.
#include "bot/cards/clean.hpp"
#include "bot/cards/phrases.hpp"
#include "bot/model/duration.hpp"
#include "bot/policy/condition.hpp"
#include "commands/answers.hpp"
#include "commands/families.hpp"
#include "commands/voters_line.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace jitbot::grammar {

Result<Intent> parse_resources(Words& words) {
  constexpr std::size_t k_most_word = 60;
  return Intent{ResourcesIntent{one_line(words.rest(), k_most_word)}};
}

Result<Intent> parse_explain(Words& words) {
  const Word* word = words.peek();
  if (word == nullptr) return misunderstood("explain what? For example /jit explain staging:viewer 2h");
  if (word->kind == Word::Kind::mention)
    return misunderstood("name a resource, not a person: /jit explain staging:viewer 2h");
  auto scope = scope_of(word->text);
  if (!scope) return tl::unexpected<Error>(scope.error());
  words.skip();
  ExplainIntent explain{std::move(scope->resource), std::move(scope->role)};
  if (!words.empty()) {
    const std::string typed = words.peek()->text;
    explain.duration = take_duration(words);
    if (!explain.duration) {
      return misunderstood(
          fmt::format("{} is not a length of time I can use; try 30m, 1h30m or 2d", echo(typed)));
    }
  }
  if (const auto end = expect_end(words, "explain <resource>[:<role>] [duration]"); !end)
    return tl::unexpected<Error>(end.error());
  return Intent{std::move(explain)};
}

}  // namespace jitbot::grammar

namespace jitbot {

namespace {

constexpr std::size_t k_most_resources = 20;
constexpr std::size_t k_most_ways = 6;       // roles shown of one resource
constexpr std::size_t k_most_decided = 160;  // characters
constexpr std::size_t k_most_description = 120;
constexpr std::size_t k_most_thoughts = 12;

Line offered_line(const ResourcesView::Row& row) {
  Line line{Strong{row.shown()}};
  if (!row.resource->description.empty())
    line.emplace_back(Plain{" — " + one_line(row.resource->description, k_most_description)});
  return line;
}

Line role_line(const WayRow& way) {
  return {Plain{"· "}, Code{way.role},
          Plain{fmt::format(" at most {}, {}", format_duration(way.rule->max_duration),
                            one_line(way.decided, k_most_decided))}};
}

Line nothing_found(const ResourcesView& view) {
  if (view.all == 0) return plain("no rule lets you ask for anything");
  return {Plain{fmt::format("none of the {} that you may ask for has {} in its name, description or tags; ",
                            view.all, grammar::echo(view.word))},
          Code{"/jit resources"}, Plain{" lists them"}};
}

std::string ticket_wanted(const TicketRule& ticket) {
  if (!ticket.hint.empty()) return "a ticket: " + ticket.hint;
  return ticket.pattern.empty() ? "a ticket" : "a ticket like " + ticket.pattern;
}

std::string reason_wanted(const ReasonRule& reason) {
  std::string text = "a reason";
  if (reason.min_length > 0) text += fmt::format(" of at least {} characters", reason.min_length);
  if (!reason.hint.empty()) return text + ": " + reason.hint;
  if (!reason.contains.empty()) text += " that contains " + reason.contains;
  return text;
}

void add_limits(Card& card, const Rule& rule, Millis longest) {
  card.facts.push_back(plain(fmt::format("at most {}", format_duration(rule.max_duration))));
  if (rule.reason.needed()) card.facts.push_back(plain("needs " + reason_wanted(rule.reason)));
  if (rule.ticket.needed()) card.facts.push_back(plain("needs " + ticket_wanted(rule.ticket)));
  if (rule.approve_when)
    card.facts.push_back({Plain{"approvers count only while "}, Code{rule.approve_when->text}});
  if (!rule.automatic) {
    card.facts.push_back(
        plain(fmt::format("given up when not decided within {}", format_duration(rule.pending_timeout))));
  }
  if (rule.deny_threshold > 1)
    card.facts.push_back(plain(fmt::format("denied when {} people deny it", rule.deny_threshold)));
  if (rule.extend.max > 0ms) {
    std::string extend = fmt::format("may be prolonged by {} at a time", format_duration(rule.extend.max));
    const Millis total = longest > 0ms ? std::min(rule.extend.total, longest) : rule.extend.total;
    if (total > 0ms) extend += fmt::format(", {} in all", format_duration(total));
    card.facts.push_back(plain(extend + (rule.extend.automatic ? ", without asking" : "")));
  }
}

// The last ones are the nearest: rules are looked at in order.
void add_thoughts(Card& card, const std::vector<std::string>& thoughts) {
  const std::size_t first = thoughts.size() > k_most_thoughts ? thoughts.size() - k_most_thoughts : 0;
  if (first > 0) card.footer.push_back(plain(fmt::format("{} earlier rules do not fit either", first)));
  for (std::size_t i = first; i < thoughts.size(); ++i) card.footer.push_back(plain(thoughts[i]));
}

void add_would_be(std::vector<Line>& lines, const WouldBe& would) {
  if (would.waiting) lines.push_back(plain("the same is asked already: " + to_string(*would.waiting)));
  lines.push_back({Plain{"as "}, Code{would.account}});
  Line times;
  if (would.start) times = {Plain{"starts "}, Moment{*would.start}, Plain{", "}};
  times.emplace_back(Plain{would.start ? "ends " : "would end, if it was approved now, "});
  times.emplace_back(Moment{would.end});
  lines.push_back(std::move(times));
}

}  // namespace

Card resources_answer(const ResourcesView& view) {
  if (view.rows.empty()) return answer(nothing_found(view));
  Card card;
  card.headline = view.word.empty() ? "What you may ask for"
                                    : fmt::format("What you may ask for with {}", grammar::echo(view.word));
  for (std::size_t i = 0; i < std::min(view.rows.size(), k_most_resources); ++i) {
    const auto& row = view.rows[i];
    card.facts.push_back(offered_line(row));
    for (std::size_t way = 0; way < std::min(row.ways.size(), k_most_ways); ++way)
      card.facts.push_back(role_line(row.ways[way]));
    if (row.ways.size() > k_most_ways)
      card.facts.push_back(plain(fmt::format("· and {} more roles", row.ways.size() - k_most_ways)));
  }
  if (view.rows.size() > k_most_resources) {
    card.footer.push_back(
        {Plain{fmt::format("and {} more; type a word to narrow it: ", view.rows.size() - k_most_resources)},
         Code{"/jit resources <word>"}});
  }
  const auto& first = view.rows.front();
  card.footer.push_back({Plain{"ask with "},
                         Code{fmt::format("/jit request {}:{} 1h", first.shown(), first.ways.front().role)}});
  return card;
}

Card explain_answer(const ExplainView& view) {
  Card card;
  card.emoji = view.problems.empty() ? "" : "⛔";
  card.headline = access_name(view.resource, view.role);
  if (view.duration) card.headline += " for " + format_duration(*view.duration);
  for (const std::string& problem : view.problems) card.facts.push_back(plain(problem));
  if (view.rule != nullptr) {
    card.facts.push_back({Plain{"rule "}, Strong{view.rule->name}, Plain{": " + view.decided}});
    for (const StepView& step : view.voters) card.facts.push_back(voters_line(step));
    add_limits(card, *view.rule, view.longest);
  }
  add_thoughts(card, view.steps_of_thought);
  return card;
}

Card dry_run_answer(const ExplainView& view) {
  Card card = explain_answer(view);
  card.headline =
      (view.problems.empty() ? "This would be asked: " : "This would be refused: ") + card.headline;
  std::vector<Line> would;
  if (view.for_whom) would.push_back({Plain{"for "}, Mention{*view.for_whom}});
  if (view.would_be) add_would_be(would, *view.would_be);
  const auto behind_problems = card.facts.begin() + static_cast<std::ptrdiff_t>(view.problems.size());
  card.facts.insert(behind_problems, would.begin(), would.end());
  card.footer.insert(card.footer.begin(), plain("a dry run: nothing was asked, and nobody was told"));
  return card;
}

}  // namespace jitbot

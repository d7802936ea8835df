// active, who, history: lists of what is and was.
#include "bot/cards/phrases.hpp"
#include "bot/model/duration.hpp"
#include "bot/model/nearest.hpp"
#include "commands/answers.hpp"
#include "commands/families.hpp"
#include "commands/voters_line.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace jitbot::grammar {

namespace {

constexpr std::string_view k_history_usage = "history [@user|resource] [--since 7d]";

// A resource's name alone: a role behind it narrows no list.
Result<std::string> take_resource(Words& words, std::string_view usage) {
  const Word* word = words.peek();
  if (word->kind == Word::Kind::mention)
    return misunderstood(fmt::format("name a resource, not a person: /jit {}", usage));
  auto scope = scope_of(word->text);
  if (!scope) return tl::unexpected<Error>(scope.error());
  if (!scope->role.empty()) {
    return misunderstood(
        fmt::format("name the resource without its role: {}", name_or(scope->resource, "staging")));
  }
  words.skip();
  return std::move(scope->resource);
}

bool is_since(std::string_view option) {
  return option == "--since" || option == "since";
}

Error unknown_option(const std::string& typed) {
  const bool near = !nearest(typed.substr(2), {"since"}).empty();
  return {ErrorKind::invalid,
          fmt::format("I do not know the option {}; {}", echo(typed),
                      near ? "did you mean --since?" : "there is --since, as in --since 7d"),
          {}};
}

Result<Millis> since_of(Words value, std::string_view typed) {
  const auto since = take_duration(value);
  if (since && value.empty()) return *since;
  return misunderstood(
      fmt::format("{} is not a length of time I can use; try --since 24h or --since 7d", echo(typed)));
}

// "--since 7d", "--since=7d", "since 7d": taken out of the words, wherever it stands.
Result<std::optional<Millis>> take_since(Words& words) {
  std::optional<Millis> since;
  for (std::size_t at = 0; at < words.left();) {
    const Word& word = *words.peek(at);
    const std::string text = lower(straight_dashes(word.text));
    const auto equals = text.find('=');
    const std::string name = text.substr(0, equals);
    if (word.kind != Word::Kind::bare || (!is_since(name) && !name.starts_with("--"))) {
      ++at;
      continue;
    }
    if (!is_since(name)) return tl::unexpected<Error>(unknown_option(name));
    const Word* next = words.peek(at + 1);
    if (equals == std::string::npos && next == nullptr)
      return misunderstood("since when? For example --since 7d");
    const std::string value = equals == std::string::npos ? next->text : text.substr(equals + 1);
    auto given = since_of(Words(value), value);
    if (!given) return tl::unexpected<Error>(given.error());
    since = *given;
    if (equals == std::string::npos) words.remove(at + 1);
    words.remove(at);
  }
  return since;
}

}  // namespace

Result<Intent> parse_active(Words& words) {
  ActiveIntent active;
  if (!words.empty()) {
    auto resource = take_resource(words, "active [resource]");
    if (!resource) return tl::unexpected<Error>(resource.error());
    active.resource = std::move(*resource);
  }
  if (const auto end = expect_end(words, "active [resource]"); !end)
    return tl::unexpected<Error>(end.error());
  return Intent{std::move(active)};
}

Result<Intent> parse_who(Words& words) {
  if (words.empty()) return misunderstood("who has what? Name the resource, as in /jit who staging");
  auto resource = take_resource(words, "who <resource>");
  if (!resource) return tl::unexpected<Error>(resource.error());
  if (const auto end = expect_end(words, "who <resource>"); !end) return tl::unexpected<Error>(end.error());
  return Intent{WhoIntent{std::move(*resource)}};
}

Result<Intent> parse_history(Words& words) {
  HistoryIntent history;
  auto since = take_since(words);
  if (!since) return tl::unexpected<Error>(since.error());
  history.since = *since;
  const Word* word = words.peek();
  if (word != nullptr && word->kind == Word::Kind::mention) {
    history.user = word->text;
    words.skip();
  } else if (word != nullptr && word->text.starts_with('@')) {
    return misunderstood(fmt::format(
        "I do not know {}; choose the person from the list that opens behind the @", echo(word->text)));
  } else if (word != nullptr) {
    auto resource = take_resource(words, k_history_usage);
    if (!resource) return tl::unexpected<Error>(resource.error());
    history.resource = std::move(*resource);
  }
  if (const auto end = expect_end(words, k_history_usage); !end) return tl::unexpected<Error>(end.error());
  return Intent{std::move(history)};
}

}  // namespace jitbot::grammar

namespace jitbot {

namespace {

constexpr std::size_t k_most_listed = 30;
constexpr std::size_t k_most_of_who = 20;
constexpr std::string_view k_newest_only = "only the newest were looked at; name a resource to see all of it";

Line access_line(const AccessRow& row, Time now) {
  Line line{person(row.who), Plain{" · "}, Strong{access_name(row.resource, row.role)}};
  switch (row.state) {
    case GrantState::scheduled:
      line += {Plain{" · starts "}, Moment{row.start}, Plain{", ends at the latest "}, Moment{row.end}};
      break;
    case GrantState::activating:
      line += {Plain{" · being set up, ends at the latest "}, Moment{row.end}};
      break;
    case GrantState::active:
      if (row.end > now) {
        line += {Plain{" · until "}, Moment{row.end},
                 Plain{fmt::format(" ({} left)", format_duration(row.end - now))}};
        break;
      }
      [[fallthrough]];
    case GrantState::ending:
      line.emplace_back(Plain{" · being removed, not proven absent yet"});
      break;
    case GrantState::ended:
      line.emplace_back(Plain{" · ended"});
      break;
  }
  if (row.request) line.emplace_back(Plain{" · " + to_string(*row.request)});
  return line;
}

void add_access(Card& card, const std::vector<AccessRow>& rows, std::size_t most, Time now) {
  for (std::size_t i = 0; i < std::min(rows.size(), most); ++i)
    card.facts.push_back(access_line(rows[i], now));
  if (rows.size() > most) card.facts.push_back(plain(fmt::format("and {} more", rows.size() - most)));
}

Line waiting_line(const Request& request) {
  const Asked& asked = request.asked;
  Line line{person(asked.asker), Plain{" waits for "}};
  if (asked.beneficiary != asked.asker) line += {person(asked.beneficiary), Plain{": "}};
  line += {Strong{access_name(asked.resource, asked.role)},
           Plain{fmt::format(" · {} · rule {} · times out at ", shown_id(request), asked.rule)},
           Moment{request.times_out_at}};
  return line;
}

Line way_line(const WayRow& way) {
  return {Strong{way.role}, Plain{fmt::format(" · rule {} · {} · at most {}", way.rule->name, way.decided,
                                              format_duration(way.rule->max_duration))}};
}

// Of a decided request: what it became, who asked for it, and when that was decided.
Line history_entry(const SubjectView& view) {
  const Sign sign = sign_of(phase_of(view));
  const Request& request = view.request;
  Line line{Moment{request.decided_at.value_or(view.now)},
            Plain{fmt::format(" · {} {} · {} · ", sign.emoji, sign.word, shown_id(request))},
            person(request.asked.beneficiary), Plain{" · "},
            Strong{access_name(request.asked.resource, request.asked.role)}};
  if (request.asked.kind == RequestKind::extension && request.asked.extends) {
    line.emplace_back(Plain{fmt::format(" · {} by {}", to_string(*request.asked.extends),
                                        format_duration(request.asked.duration))});
    return line;
  }
  if (view.grant && view.grant->ended_at) {
    line.emplace_back(Plain{" · "});
    line += ended_line(*view.grant);
  } else if (view.grant && view.grant->state == GrantState::active) {
    line += {Plain{" · until "}, Moment{view.grant->end()}};
  } else if (request.state != RequestState::approved && !is_system(request.decided_by)) {
    line += {Plain{" · by "}, person(request.decided_by)};
  }
  return line;
}

}  // namespace

Card active_answer(const ActiveView& view) {
  const std::string of = view.resource.empty() ? "" : " " + view.resource;
  if (view.rows.empty()) {
    Card none = answer(view.resource.empty() ? "nobody whose access you may see has any now"
                                             : fmt::format("nobody has{} now", of));
    if (view.reach == Reach::newest) none.footer.push_back(plain(std::string(k_newest_only)));
    return none;
  }
  Card card;
  card.headline = "Access now" + (of.empty() ? "" : " ·" + of);
  add_access(card, view.rows, k_most_listed, view.now);
  if (view.reach == Reach::newest) card.footer.push_back(plain(std::string(k_newest_only)));
  card.footer.push_back(
      {Code{"/jit show <id>"}, Plain{" · "}, Code{"/jit who <resource>"}, Plain{" · "}, Code{"/jit mine"}});
  return card;
}

Card who_answer(const WhoView& view) {
  Card card;
  card.headline = "Who · " + view.resource;
  if (view.has.empty()) card.facts.push_back(plain("nobody has it now"));
  add_access(card, view.has, k_most_of_who, view.now);
  for (std::size_t i = 0; i < std::min(view.waiting.size(), k_most_of_who); ++i)
    card.facts.push_back(waiting_line(view.waiting[i]));
  if (view.waiting.size() > k_most_of_who)
    card.facts.push_back(plain(fmt::format("and {} more wait", view.waiting.size() - k_most_of_who)));
  for (const WayRow& way : view.ways) card.facts.push_back(way_line(way));
  for (const auto& [rule, steps] : view.voters) {
    for (const StepView& step : steps) {
      Line line{Plain{fmt::format("now by rule {}: ", rule)}};
      line += voters_line(step);
      card.facts.push_back(std::move(line));
    }
  }
  if (view.reach == Reach::newest)
    card.footer.push_back(plain("only the newest grants were looked at; there may be more"));
  card.footer.push_back({Code{fmt::format("/jit explain {}", view.resource)}, Plain{" · "},
                         Code{fmt::format("/jit history {}", view.resource)}});
  return card;
}

Card history_answer(const HistoryView& view) {
  Line none{Plain{"nothing that you may see was decided"}};
  if (view.since) none += {Plain{" since "}, Moment{*view.since}};
  Card card = view.rows.empty() ? answer(std::move(none)) : Card{};
  if (!view.rows.empty()) card.headline = "History";
  for (const SubjectView& row : view.rows) card.facts.push_back(history_entry(row));
  if (view.more > 0) card.facts.push_back(plain(fmt::format("and {} more", view.more)));
  if (view.reach == Reach::newest) {
    card.footer.push_back(
        {Plain{"older ones were not looked at; narrow it with "}, Code{"/jit history staging --since 7d"}});
  }
  if (!view.rows.empty()) card.footer.push_back({Code{"/jit show <id>"}, Plain{" tells everything"}});
  return card;
}

}  // namespace jitbot

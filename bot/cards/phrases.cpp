#include "bot/cards/phrases.hpp"

#include "bot/cards/clean.hpp"
#include "bot/model/duration.hpp"
#include "bot/model/template.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

namespace jitbot {

namespace {

constexpr std::size_t k_most_foreign = 200;  // characters of a target's words

constexpr std::array<std::string_view, 12> k_months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

Phase phase_of(const Grant& grant, const std::optional<Entitlement>& entitlement) {
  switch (grant.state) {
    case GrantState::scheduled:
    case GrantState::activating:
      return Phase::approved;
    case GrantState::active:
      return Phase::active;
    case GrantState::ending:
      return entitlement && entitlement->overdue_since ? Phase::overdue : Phase::ending;
    case GrantState::ended:
      return Phase::ended;
  }
  return Phase::ended;
}

std::string step_name(const Request& request, int step) {
  const auto& steps = request.asked.steps;
  if (step < 0 || static_cast<std::size_t>(step) >= steps.size()) return {};
  return steps[static_cast<std::size_t>(step)].name;
}

Line vote_line(const SubjectView& view, const Vote& vote) {
  Line line;
  if (vote.kind == VoteKind::withdrawn) {
    line = {person(vote.voter), Plain{" withdrew the vote "}, Moment{vote.at, true}};
    return line;
  }
  const bool approval = vote.kind == VoteKind::approve;
  line = {Plain{approval ? "approved by " : "denied by "}, person(vote.voter)};
  const std::string step = approval ? step_name(view.request, vote.step) : std::string{};
  line.emplace_back(Plain{step.empty() ? " " : " (" + step + ") "});
  line.emplace_back(Moment{vote.at, true});
  if (vote.voided) {
    line.emplace_back(Plain{" — does not count: may no longer decide"});
  } else if (!vote.stands_for(view.request)) {
    line.emplace_back(Plain{" — does not count: before the revision"});
  }
  return line;
}

bool has_denied(const SubjectView& view, const PrincipalId& who) {
  return std::ranges::any_of(
      view.votes, [&](const Vote& vote) { return vote.denies(view.request) && vote.voter == who; });
}

}  // namespace

Phase phase_of(const SubjectView& view) {
  switch (view.request.state) {
    case RequestState::pending:
      return Phase::waiting;
    case RequestState::denied:
      return Phase::denied;
    case RequestState::cancelled:
      return Phase::cancelled;
    case RequestState::timed_out:
      return Phase::timed_out;
    case RequestState::approved:
      break;
  }
  // An extension is done once it is approved; the grant it prolonged has a card of its own.
  if (view.request.asked.kind == RequestKind::extension || !view.grant) return Phase::approved;
  return phase_of(*view.grant, view.entitlement);
}

Sign sign_of(Phase phase) {
  switch (phase) {
    case Phase::waiting:
      return {"⏳", "Waiting"};
    case Phase::denied:
      return {"⛔", "Denied"};
    case Phase::cancelled:
      return {"✖️", "Cancelled"};
    case Phase::timed_out:
      return {"⌛", "Timed out"};
    case Phase::approved:
      return {"✅", "Approved"};
    case Phase::active:
      return {"✅", "Active"};
    case Phase::ending:
      return {"🔚", "Ending"};
    case Phase::overdue:
      return {"🚨", "Overdue"};
    case Phase::ended:
      return {"⚪", "Ended"};
  }
  return {"⚪", "Ended"};
}

std::string header_of(const SubjectView& view) {
  const Phase phase = phase_of(view);
  const std::string word{sign_of(phase).word};
  if (phase != Phase::active) return fmt::format("{} · {}", word, shown_id(view.request));
  return fmt::format("{} until {} · {}", word, clock_text(view.grant->end(), view.now),
                     shown_id(view.request));
}

Line timed_header_of(const SubjectView& view) {
  const Phase phase = phase_of(view);
  if (phase != Phase::active) return {};
  return {Plain{std::string(sign_of(phase).word) + " until "}, Moment{view.grant->end()},
          Plain{" · " + shown_id(view.request)}};
}

std::string access_name(const std::string& resource, const std::string& role) {
  return role.empty() ? resource : resource + " : " + role;
}

std::string clock_text(Time at, Time now) {
  using std::chrono::days;
  const auto day = std::chrono::floor<days>(at);
  if (day == std::chrono::floor<days>(now)) return format_clock_utc(at);
  const std::chrono::year_month_day date{day};
  const unsigned month = static_cast<unsigned>(date.month());
  return fmt::format("{} {} {}", static_cast<unsigned>(date.day()), k_months.at(month - 1),
                     format_clock_utc(at));
}

std::string lag_text(Millis lag) {
  const auto whole = std::chrono::ceil<std::chrono::seconds>(std::max(lag, Millis{0}));
  if (whole < 1min) return fmt::format("{} s", whole.count());
  return format_duration(whole);
}

bool is_system(const PrincipalId& who) {
  return who.workspace == "system" || who.user.empty();
}

Span person(const PrincipalId& who) {
  if (is_system(who)) return Plain{"jitbot"};
  return Mention{who};
}

Span foreign(std::string_view words) {
  return Code{one_line(words, k_most_foreign)};
}

Line& operator+=(Line& line, Line more) {
  std::ranges::move(more, std::back_inserter(line));
  return line;
}

Line asked_access(const Asked& asked) {
  const Strong access{access_name(asked.resource, asked.role)};
  if (asked.kind != RequestKind::extension || !asked.extends) return {access};
  return {Plain{fmt::format("Extension of {} · ", to_string(*asked.extends))}, access,
          Plain{fmt::format(" · {} more", format_duration(asked.duration))}};
}

Line asked_terms(const Asked& asked) {
  Line line{Strong{access_name(asked.resource, asked.role)}};
  if (asked.until) {
    line += {Plain{" until "}, Moment{*asked.until}};
  } else {
    line.emplace_back(Plain{" for " + format_duration(asked.duration)});
  }
  if (asked.start) line += {Plain{", not before "}, Moment{*asked.start}};
  if (!asked.account.empty()) line += {Plain{" (as "}, Code{asked.account}, Plain{")"}};
  return line;
}

Line policy_line(const Asked& asked) {
  constexpr std::size_t k_shown = 12;
  if (asked.policy_digest.empty()) return {};
  return {Plain{"policy "}, Code{asked.policy_digest.substr(0, k_shown)}};
}

Line progress_line(const SubjectView& view) {
  const Asked& asked = view.request.asked;
  std::string text;
  const auto add = [&text](const std::string& part) { text += (text.empty() ? "" : " · ") + part; };
  if (asked.automatic) add("needs no approval");
  for (std::size_t step = 0; step < asked.steps.size(); ++step) {
    const auto votes = std::ranges::count_if(view.votes, [&](const Vote& vote) {
      return vote.approves(view.request) && vote.step == static_cast<int>(step);
    });
    add(fmt::format("{} {}/{}", asked.steps[step].name, votes, asked.steps[step].count));
  }
  const auto denials =
      std::ranges::count_if(view.votes, [&](const Vote& vote) { return vote.denies(view.request); });
  if (denials > 0 && asked.deny_threshold > 1)
    add(fmt::format("denials {}/{}", denials, asked.deny_threshold));
  add("rule " + asked.rule);
  if (asked.risk == Risk::high) add("high risk");
  return plain(text);
}

std::vector<Line> vote_lines(const SubjectView& view) {
  std::vector<Line> lines;
  for (const Vote& vote : view.votes) lines.push_back(vote_line(view, vote));
  return lines;
}

Line decision_line(const SubjectView& view) {
  const Request& request = view.request;
  const Time at = request.decided_at.value_or(view.now);
  switch (request.state) {
    case RequestState::pending:
      return {};
    case RequestState::approved:
      if (!request.asked.automatic) return {};  // the votes say who
      return {Plain{"approved by rule " + request.asked.rule + ", nobody had to be asked "},
              Moment{at, true}};
    case RequestState::denied:
      if (has_denied(view, request.decided_by)) return {};
      if (!is_system(request.decided_by))
        return {Plain{"denied by "}, person(request.decided_by), Plain{" "}, Moment{at, true}};
      if (request.decision_reason.empty()) return {Plain{"denied by rule "}, Moment{at, true}};
      return {Plain{"denied by rule "}, Moment{at, true},
              Plain{": " + one_line(request.decision_reason, k_most_foreign)}};
    case RequestState::cancelled:
      if (!is_system(request.decided_by))
        return {Plain{"cancelled by "}, person(request.decided_by), Plain{" "}, Moment{at, true}};
      if (request.decision_reason.empty()) return {Plain{"cancelled by jitbot "}, Moment{at, true}};
      return {Plain{"cancelled by jitbot "}, Moment{at, true},
              Plain{": " + one_line(request.decision_reason, k_most_foreign)}};
    case RequestState::timed_out:
      return {Plain{"not decided in time, given up "}, Moment{at}};
  }
  return {};
}

std::vector<Line> overdue_lines(const Entitlement& entitlement) {
  std::vector<Line> lines;
  const Time since =
      entitlement.removal_wanted.value_or(entitlement.overdue_since.value_or(entitlement.next_at));
  lines.push_back({Plain{"not proven absent since "}, Moment{since, true}});
  Line tries{Plain{fmt::format("tries {}", entitlement.tries)}};
  if (entitlement.lease) {
    tries.emplace_back(Plain{" · trying now"});
  } else {
    tries += {Plain{" · next "}, Moment{entitlement.next_at, true}};
  }
  lines.push_back(std::move(tries));
  if (!entitlement.last_error.empty()) {
    lines.push_back({Plain{"last error "}, foreign(entitlement.last_error)});
  }
  return lines;
}

bool can_extend(const SubjectView& view) {
  const Asked& asked = view.request.asked;
  if (asked.kind == RequestKind::extension || asked.until || asked.extend.max <= Millis{0}) return false;
  if (!view.grant || view.grant->state != GrantState::active) return false;
  if (view.extension && view.extension->state == RequestState::pending) return false;
  const Millis used = view.grant->end() - view.grant->confirmed.value_or(view.grant->created);
  return used < asked.extend.total;
}

std::vector<Line> howto_lines(const Asked& asked) {
  std::vector<Line> lines;
  const auto filled = expand_template(
      asked.howto, {{"account", asked.account}, {"role", asked.role}, {"resource", asked.resource}});
  const std::string text = filled.value_or(asked.howto);
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    if (!line.empty()) {
      lines.push_back({Plain{lines.empty() ? "use it: " : "        "}, Code{std::string(line)}});
    }
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
  }
  return lines;
}

}  // namespace jitbot

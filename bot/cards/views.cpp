#include "bot/cards/views.hpp"

#include "bot/cards/phrases.hpp"
#include "bot/cards/waiting.hpp"
#include "bot/model/duration.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace jitbot {

namespace {

void add(std::vector<Line>& lines, Line line) {
  if (!line.empty()) lines.push_back(std::move(line));
}

void add_all(std::vector<Line>& lines, std::vector<Line> more) {
  for (Line& line : more) add(lines, std::move(line));
}

Button button(const SubjectView& view, std::string label, Act act, ButtonStyle style) {
  return {std::move(label),
          ButtonValue{view.request.id, digest_prefix(view.request), act, view.request.revision}, style};
}

Code command(const SubjectView& view, std::string_view verb, std::string_view rest) {
  return Code{fmt::format("/jit {} {}{}{}", verb, typed_id(view.request), rest.empty() ? "" : " ", rest)};
}

bool is_extension(const SubjectView& view) {
  return view.request.asked.kind == RequestKind::extension;
}

std::string extended_id(const SubjectView& view) {
  return view.request.asked.extends ? to_string(*view.request.asked.extends) : std::string{"the grant"};
}

// "@alice asks for prod-db : viewer for 1h (as alice_db)"
Line asking_line(const SubjectView& view) {
  const Asked& asked = view.request.asked;
  const bool waiting = view.request.state == RequestState::pending;
  if (is_extension(view)) {
    return {person(asked.asker),
            Plain{(waiting ? " asks to prolong " : " asked to prolong ") + extended_id(view) + " by "},
            Strong{format_duration(asked.duration)},
            Plain{": "},
            Strong{access_name(asked.resource, asked.role)},
            Plain{" (as "},
            Code{asked.account},
            Plain{")"}};
  }
  Line line{person(asked.asker), Plain{waiting ? " asks for " : " asked for "}};
  if (asked.beneficiary != asked.asker) line += {person(asked.beneficiary), Plain{": "}};
  line += asked_terms(asked);
  return line;
}

// What an extension would do to the end, as long as there is one to move.
Line extension_effect(const SubjectView& view) {
  if (!is_extension(view) || !view.grant || view.grant->state != GrantState::active) return {};
  const Time end = view.grant->end();
  switch (view.request.state) {
    case RequestState::pending:
      return {Plain{"ends "}, Moment{end}, Plain{", then would end "},
              Moment{end + view.request.asked.duration}};
    case RequestState::approved:
      return {Plain{extended_id(view) + " ends "}, Moment{end}};
    case RequestState::denied:
    case RequestState::cancelled:
    case RequestState::timed_out:
      return {Plain{extended_id(view) + " still ends "}, Moment{end}};
  }
  return {};
}

// Ended, but the person goes on having it: by another grant, or as before.
bool access_stays(const SubjectView& view) {
  return view.grant && (view.grant->ended_as == EndedAs::held || view.grant->ended_as == EndedAs::standing);
}

// Access that was there: what is asked for is then what is had, or was.
bool was_had(const SubjectView& view) {
  return !is_extension(view) && view.request.state == RequestState::approved && view.grant &&
         view.grant->confirmed && !access_stays(view);
}

Line has_line(const SubjectView& view) {
  const Grant& grant = *view.grant;
  const bool over = grant.state == GrantState::ended;
  Line line{person(grant.beneficiary), Plain{over ? " had " : " has "},
            Strong{access_name(grant.resource, grant.role)}};
  if (!view.request.asked.account.empty()) line += {Plain{" as "}, Code{view.request.asked.account}};
  if (grant.confirmed) line += {Plain{" · confirmed "}, Moment{*grant.confirmed, true}};
  return line;
}

Line standing_line(const Grant& grant) {
  return grant.standing ? plain("this access was there before and stays: it is not removed at the end")
                        : Line{};
}

void add_set_up(std::vector<Line>& lines, const SubjectView& view) {
  const Grant& grant = *view.grant;
  add(lines, {Plain{"being set up, given up at "}, Moment{grant.window_end},
              Plain{" if that fails; ends at the latest "}, Moment{grant.latest_end}});
  if (view.entitlement && !view.entitlement->last_error.empty()) {
    add(lines, {Plain{"the target says "}, foreign(view.entitlement->last_error), Plain{" · next try "},
                Moment{view.entitlement->next_at, true}});
  }
}

Line waiting_extension(const SubjectView& view) {
  if (!view.extension || view.extension->state != RequestState::pending) return {};
  return plain(fmt::format("prolonging it by {} waits for approval: {}",
                           format_duration(view.extension->asked.duration), shown_id(*view.extension)));
}

// Seen at the target after its end was proven: the grant stays ended, and its card gets this line.
Line seen_again_line(const SubjectView& view) {
  if (!view.entitlement || !view.entitlement->overdue_since || !view.grant->ended_at) return {};
  if (*view.entitlement->overdue_since < *view.grant->ended_at) return {};
  return {Plain{"seen at the target again "}, Moment{*view.entitlement->overdue_since, true},
          Plain{", being removed"}};
}

void add_end(std::vector<Line>& lines, const SubjectView& view) {
  const Grant& grant = *view.grant;
  const bool as_planned = grant.cause == EndCause::due;  // its own line would only repeat the end
  if (!as_planned) add(lines, cause_line(view));
  add(lines, ended_line(grant));
  add(lines, seen_again_line(view));
}

void add_ending(std::vector<Line>& lines, const SubjectView& view) {
  add(lines, cause_line(view));
  add(lines, standing_line(*view.grant));
  if (phase_of(view) == Phase::overdue) {
    add_all(lines, overdue_lines(*view.entitlement));
  } else {
    add(lines, plain("being removed, not proven absent yet"));
  }
}

// What both sides read about a request that became a grant.
void add_grant(std::vector<Line>& lines, const SubjectView& view) {
  if (is_extension(view) || !view.grant) return;
  switch (view.grant->state) {
    case GrantState::scheduled:
      add(lines, {Plain{"starts "}, Moment{view.grant->start()}, Plain{", ends at the latest "},
                  Moment{view.grant->latest_end}});
      break;
    case GrantState::activating:
      add_set_up(lines, view);
      add(lines, standing_line(*view.grant));
      break;
    case GrantState::active:
      add(lines, {Plain{"ends "}, Moment{view.grant->end(), true}});
      add(lines, standing_line(*view.grant));
      add(lines, waiting_extension(view));
      break;
    case GrantState::ending:
      add_ending(lines, view);
      break;
    case GrantState::ended:
      add_end(lines, view);
      break;
  }
}

Card started_card(const SubjectView& view) {
  Card card;
  card.emoji = sign_of(phase_of(view)).emoji;
  card.headline = header_of(view);
  card.timed_headline = timed_header_of(view);
  card.quote = quote_of(view);
  return card;
}

bool can_be_ended(const SubjectView& view) {
  return !is_extension(view) && view.grant && view.request.state == RequestState::approved &&
         view.grant->can_be_ended();
}

void add_deciding(Card& card, const SubjectView& view) {
  if (view.request.state == RequestState::pending) {
    add(card.facts, stuck_line(view.request));
    add(card.facts, deadline_line(view.request));
    const bool high = view.request.asked.risk == Risk::high;
    card.buttons = {high ? button(view, "Approve…", Act::confirm, ButtonStyle::primary)
                         : button(view, "Approve", Act::approve, ButtonStyle::primary),
                    button(view, "Shorter…", Act::shorter, ButtonStyle::normal),
                    button(view, "Deny…", Act::deny, ButtonStyle::danger),
                    button(view, "Ask…", Act::question, ButtonStyle::normal)};
    card.footer.push_back({Plain{"typed: "},
                           command(view, "approve", high ? view.request.asked.resource : std::string()),
                           Plain{" · "}, command(view, "deny", "<reason>"), Plain{" · "},
                           command(view, "revise",
                                   "<duration>" + (high ? " " + view.request.asked.resource : std::string()) +
                                       " because <reason>")});
  } else if (can_be_ended(view)) {
    // "Extend…" stands on the requester's card alone: nobody else can use it.
    card.buttons = {button(view, "End now…", Act::end, ButtonStyle::danger)};
    card.footer.push_back({Plain{"typed: "}, command(view, "revoke", "<reason>")});
  }
}

// Whom the rule asks: "owners: group:sre, carol@example.com".
std::string asked_people(const Step& step) {
  std::string text = step.name + ": " + subjects_text(step.from);
  if (step.count > 1) text += fmt::format(" ({} people)", step.count);
  return text;
}

void add_who_was_asked(std::vector<Line>& lines, const SubjectView& view) {
  const Asked& asked = view.request.asked;
  for (const Step& step : asked.steps) add(lines, plain("asked " + asked_people(step)));
  if (asked.post_to.empty()) return;
  Line line{Plain{"posted in "}};
  for (std::size_t i = 0; i < asked.post_to.size(); ++i) {
    if (i > 0) line.emplace_back(Plain{", "});
    line.emplace_back(ChannelMention{asked.post_to[i]});
  }
  add(lines, std::move(line));
}

Line requester_line(const SubjectView& view) {
  const Asked& asked = view.request.asked;
  if (is_extension(view)) {
    return {Plain{"you asked to prolong " + extended_id(view) + " by "},
            Strong{format_duration(asked.duration)}, Plain{": "},
            Strong{access_name(asked.resource, asked.role)}};
  }
  if (was_had(view)) {
    const bool over = view.grant->state == GrantState::ended;
    Line line = asked.beneficiary == asked.asker
                    ? Line{Plain{over ? "you had " : "you have "}}
                    : Line{person(asked.beneficiary), Plain{over ? " had " : " has "}};
    line.emplace_back(Strong{access_name(asked.resource, asked.role)});
    if (!asked.account.empty()) line += {Plain{" as "}, Code{asked.account}};
    if (view.grant->confirmed) line += {Plain{" · confirmed "}, Moment{*view.grant->confirmed, true}};
    return line;
  }
  Line line{Plain{"you asked for "}};
  // Both read this card: who asked, and for whom.
  if (asked.beneficiary != asked.asker)
    line = {person(asked.asker), Plain{" asked for "}, person(asked.beneficiary), Plain{": "}};
  line += asked_terms(asked);
  return line;
}

Code ask_again(const SubjectView& view) {
  const Asked& asked = view.request.asked;
  const std::string role = asked.role.empty() ? std::string{} : ":" + asked.role;
  std::string duration;
  for (const char c : format_duration(asked.duration)) {
    if (c != ' ') duration += c;
  }
  if (asked.until) duration = "<duration>";  // its end is another one now
  return Code{fmt::format("/jit request {}{} {}{}", asked.resource, role, duration,
                          asked.needs_reason ? " <reason>" : "")};
}

Line next_when_waiting(const Request& request) {
  Line line{Plain{"next: times out at "}, Moment{request.times_out_at}, Plain{" unless it is decided"}};
  line += escalation_words(request);
  return line;
}

Line next_when_approved(const SubjectView& view) {
  const Asked& asked = view.request.asked;
  const bool scheduled = view.grant->state == GrantState::scheduled;
  Line line{Plain{scheduled ? "next: it starts by itself, and " : "next: "}};
  if (asked.beneficiary == asked.asker) {
    line.emplace_back(Plain{"you are told when it can be used"});
  } else {
    line += {person(asked.beneficiary), Plain{" is told when it can be used"}};
  }
  return line;
}

// Only whose access it is prolongs it.
bool may_extend(const SubjectView& view, const PrincipalId& reader) {
  return reader == view.request.asked.beneficiary && can_extend(view);
}

void add_next_steps(Card& card, const SubjectView& view, const PrincipalId& reader) {
  switch (phase_of(view)) {
    case Phase::waiting:
      add(card.facts, next_when_waiting(view.request));
      card.buttons = {button(view, "Cancel", Act::cancel, ButtonStyle::normal)};
      card.footer.push_back({Plain{"typed: "}, command(view, "cancel", "")});
      break;
    case Phase::approved:
      if (can_be_ended(view)) {
        add(card.facts, next_when_approved(view));
        card.footer.push_back({Plain{"not needed any more? "}, command(view, "done", "")});
      }
      break;
    case Phase::active: {
      if (const auto warning = view.grant->next_warning()) {
        add(card.facts, {Plain{"next: a reminder at "}, Moment{*warning}});
      }
      const bool extends = may_extend(view, reader);
      if (extends) card.buttons = {button(view, "Extend…", Act::extend, ButtonStyle::normal)};
      card.buttons.push_back(button(view, "I'm done", Act::done, ButtonStyle::normal));
      Line footer{Plain{"typed: "}, command(view, "done", "")};
      if (extends) footer += {Plain{" · prolong with "}, command(view, "extend", "30m")};
      card.footer.push_back(std::move(footer));
      break;
    }
    case Phase::ending:
    case Phase::overdue:
      break;
    case Phase::denied:
    case Phase::cancelled:
    case Phase::timed_out:
    case Phase::ended:
      if (is_extension(view) || access_stays(view)) break;
      card.buttons = {button(view, "Ask again", Act::again, ButtonStyle::normal)};
      card.footer.push_back({Plain{"typed: "}, ask_again(view)});
      break;
  }
}

}  // namespace

Card approval_card(const SubjectView& view) {
  Card card = started_card(view);
  card.facts.push_back(was_had(view) ? has_line(view) : asking_line(view));
  add(card.facts, progress_line(view));
  add_all(card.facts, vote_lines(view));
  add(card.facts, decision_line(view));
  add(card.facts, extension_effect(view));
  add_grant(card.facts, view);
  add_deciding(card, view);
  add(card.footer, policy_line(view.request.asked));
  return card;
}

Card requester_card(const SubjectView& view) {
  return requester_card(view, view.request.asked.beneficiary);
}

Card requester_card(const SubjectView& view, const PrincipalId& reader) {
  Card card = started_card(view);
  card.facts.push_back(requester_line(view));
  add(card.facts, progress_line(view));
  if (phase_of(view) == Phase::waiting) add_who_was_asked(card.facts, view);
  add_all(card.facts, vote_lines(view));
  add(card.facts, decision_line(view));
  add(card.facts, extension_effect(view));
  add_grant(card.facts, view);
  if (phase_of(view) == Phase::active) add_all(card.facts, howto_lines(view.request.asked));
  add_next_steps(card, view, reader);
  add(card.footer, policy_line(view.request.asked));
  return card;
}

Card surplus_card(const SubjectView& view) {
  Card card;
  card.emoji = "↪️";
  card.headline = "Posted twice · " + shown_id(view.request);
  card.facts.push_back(plain("this card was posted twice; the other one in this channel counts"));
  return card;
}

}  // namespace jitbot

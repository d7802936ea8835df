#include "bot/cards/notices.hpp"

#include "bot/cards/clean.hpp"
#include "bot/cards/deciding.hpp"
#include "bot/cards/house_notices.hpp"
#include "bot/cards/notice_args.hpp"
#include "bot/cards/notice_parts.hpp"
#include "bot/cards/phrases.hpp"
#include "bot/cards/steps.hpp"
#include "bot/cards/waiting.hpp"
#include "bot/model/duration.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>

namespace jitbot {

namespace {

struct Named {
  NoticeKind kind;
  std::string_view name;
};
constexpr std::array k_names{
    Named{NoticeKind::decided, "decided"},
    Named{NoticeKind::usable, "usable"},
    Named{NoticeKind::not_granted, "not_granted"},
    Named{NoticeKind::warn, "warn"},
    Named{NoticeKind::ended, "ended"},
    Named{NoticeKind::reconnect, "reconnect"},
    Named{NoticeKind::overdue, "overdue"},
    Named{NoticeKind::overdue_resolved, "overdue_resolved"},
    Named{NoticeKind::removed_outside, "removed_outside"},
    Named{NoticeKind::reappeared, "reappeared"},
    Named{NoticeKind::step, "step"},
    Named{NoticeKind::question, "question"},
    Named{NoticeKind::revised, "revised"},
    Named{NoticeKind::vote_voided, "vote_voided"},
    Named{NoticeKind::nobody_can_approve, "nobody_can_approve"},
    Named{NoticeKind::card_not_posted, "card_not_posted"},
    Named{NoticeKind::identity_conflict, "identity_conflict"},
    Named{NoticeKind::unasked_access, "unasked_access"},
    Named{NoticeKind::reminder, "reminder"},
    Named{NoticeKind::escalated, "escalated"},
    Named{NoticeKind::channel_lost, "channel_lost"},
    Named{NoticeKind::channel_back, "channel_back"},
    Named{NoticeKind::inbox_parked, "inbox_parked"},
    Named{NoticeKind::clock, "clock"},
    Named{NoticeKind::time_step, "time_step"},
    Named{NoticeKind::chat_problem, "chat_problem"},
    Named{NoticeKind::catalog_silent, "catalog_silent"},
    Named{NoticeKind::restored, "restored"},
    Named{NoticeKind::policy_refused, "policy_refused"},
};

Strong access_of(const SubjectView& view) {
  return Strong{access_name(view.request.asked.resource, view.request.asked.role)};
}

bool is_live(const SubjectView& view) {
  return view.grant && view.grant->state == GrantState::active;
}

void add_button(Card& card, const SubjectView& view, std::string label, Act act) {
  card.buttons.push_back(
      {std::move(label),
       ButtonValue{view.request.id, digest_prefix(view.request), act, view.request.revision},
       ButtonStyle::normal});
}

Line how_to_keep(const SubjectView& view) {
  Line line;
  if (can_extend(view)) line += {Plain{"prolong with "}, typed(view, "extend", "30m"), Plain{" · "}};
  line += {Plain{"give back with "}, typed(view, "done", "")};
  return line;
}

void add_grant_end(Card& card, const SubjectView& view) {
  if (!view.grant || view.grant->state != GrantState::ended) return;
  if (view.grant->cause != EndCause::due) add(card, cause_line(view));
  add(card, ended_line(*view.grant));
}

Line until_usable(const SubjectView& view) {
  if (view.grant && !view.grant->can_be_ended()) return {};
  const Asked& asked = view.request.asked;
  Line line{Plain{"next: it is set up, and "}};
  if (view.grant && view.grant->state == GrantState::scheduled)
    line = {Plain{"next: it starts "}, Moment{view.grant->start()}, Plain{", and "}};
  if (asked.asker == asked.beneficiary) {
    line.emplace_back(Plain{"you are told when it can be used"});
  } else {
    line += {person(asked.beneficiary), Plain{" is told when it can be used"}};
  }
  return line;
}

Line after_decision(const SubjectView& view) {
  const bool extension = view.request.asked.kind == RequestKind::extension;
  switch (view.request.state) {
    case RequestState::pending:
      return {};
    case RequestState::approved:
      if (extension && view.grant) return {Plain{"it now ends "}, Moment{view.grant->end(), true}};
      if (extension) return {};
      if (is_live(view)) return {Plain{"it can be used until "}, Moment{view.grant->end(), true}};
      return until_usable(view);
    case RequestState::denied:
    case RequestState::cancelled:
    case RequestState::timed_out:
      if (extension && view.grant && is_live(view))
        return {Plain{"it still ends "}, Moment{view.grant->end(), true}};
      return {};
  }
  return {};
}

Card decided(const SubjectView& view, const nlohmann::json&) {
  Card card = by_state(view);
  add(card, subject_line(view));
  for (Line& line : vote_lines(view)) add(card, std::move(line));
  add(card, decision_line(view));
  add(card, after_decision(view));
  add_grant_end(card, view);
  if (view.request.state == RequestState::denied) card.quote = quote_of(view);
  return card;
}

Card usable(const SubjectView& view, const nlohmann::json& args) {
  if (!is_live(view)) return decided(view, args);
  Card card = by_state(view);
  Line line{Plain{"you can use "}, access_of(view)};
  if (!view.request.asked.account.empty()) line += {Plain{" as "}, Code{view.request.asked.account}};
  if (view.grant->confirmed) line += {Plain{" from "}, Moment{*view.grant->confirmed, true}};
  line += {Plain{" until "}, Moment{view.grant->end(), true}};
  add(card, std::move(line));
  if (view.grant->standing)
    add(card, plain("this access was there before and stays: it is not removed at the end"));
  for (Line& howto : howto_lines(view.request.asked)) add(card, std::move(howto));
  card.footer.push_back(how_to_keep(view));
  add_button(card, view, "I'm done", Act::done);
  return card;
}

Card not_granted(const SubjectView& view, const nlohmann::json& args) {
  if (is_live(view)) return usable(view, args);
  Card card = about(view, "⚠️", "Not granted");
  add(card, subject_line(view));
  add(card, arg_words("the target says ", args, "detail"));
  if (view.grant && view.grant->state == GrantState::activating) {
    add(card, arg_moment("next try ", args, "next"));
    add(card,
        {Plain{"given up at "}, Moment{view.grant->window_end}, Plain{" if it does not work until then"}});
  }
  add_grant_end(card, view);
  return card;
}

Card warn(const SubjectView& view, const nlohmann::json& args) {
  if (!is_live(view)) return decided(view, args);
  Card card = about(view, "⏰", "Ends soon");
  add(card, {access_of(view), Plain{" ends "}, Moment{view.grant->end(), true}});
  card.footer.push_back(how_to_keep(view));
  if (can_extend(view)) add_button(card, view, "Extend…", Act::extend);
  add_button(card, view, "I'm done", Act::done);
  return card;
}

Card ended(const SubjectView& view, const nlohmann::json&) {
  Card card = by_state(view);
  add(card, {person(view.request.asked.beneficiary), Plain{" · "}, access_of(view)});
  add_grant_end(card, view);
  if (view.grant && view.grant->cause == EndCause::revoked) card.quote = quote_of(view);
  return card;
}

Card reconnect(const SubjectView& view, const nlohmann::json&) {
  Card card = about(view, "🔌", "Reconnect");
  Line line{Plain{"sessions of your account were ended together with another grant, those at "},
            access_of(view), Plain{" among them"}};
  if (is_live(view)) {
    line +=
        {Plain{"; reconnect if you had one, your access goes on until "}, Moment{view.grant->end(), true}};
  }
  add(card, std::move(line));
  if (is_live(view)) {
    for (Line& howto : howto_lines(view.request.asked)) add(card, std::move(howto));
  }
  return card;
}

// For administrators; the grant may be proven absent by the time it is read.
Card overdue(const SubjectView& view, const nlohmann::json& args) {
  Card card = about(view, "🚨", "Overdue");
  add(card, subject_line(view));
  if (view.grant && view.grant->state == GrantState::ended) {
    card = by_state(view);
    add(card, subject_line(view));
    add_grant_end(card, view);
    if (!view.entitlement || !view.entitlement->overdue_since) return card;
  }
  if (has_arg(args, "since")) {
    add(card, arg_moment("not proven absent since ", args, "since"));
    add(card, arg_text("tries ", args, "tries"));
    add(card, arg_moment("next try ", args, "next"));
    add(card, arg_words("last error ", args, "detail"));
  } else if (view.entitlement) {
    for (Line& line : overdue_lines(*view.entitlement)) add(card, std::move(line));
  }
  return card;
}

Card overdue_resolved(const SubjectView& view, const nlohmann::json& args) {
  Card card = about(view, "✅", "Resolved");
  add(card, subject_line(view));
  add(card, arg_moment("was not proven absent since ", args, "since"));
  if (view.grant && view.grant->state == GrantState::ended) {
    add_grant_end(card, view);
  } else {
    add(card, arg_moment("no longer overdue ", args, "at"));
  }
  return card;
}

Card removed_outside(const SubjectView& view, const nlohmann::json&) {
  Card card = about(view, "⚠️", "Removed");
  add(card, {person(view.request.asked.beneficiary), Plain{" · "}, access_of(view)});
  if (view.grant && view.grant->state == GrantState::ended) {
    add_grant_end(card, view);
  } else {
    add(card, plain("somebody else removed it at the target; nothing is put back"));
  }
  return card;
}

Card reappeared(const SubjectView& view, const nlohmann::json& args) {
  Card card = about(view, "🚨", "Seen again");
  add(card, subject_line(view));
  add(card, plain("was proven absent, and is seen at the target again; it is being removed"));
  add(card, arg_moment("seen ", args, "at"));
  add(card, arg_words("the target says ", args, "detail"));
  return card;
}

Card vote_voided(const SubjectView& view, const nlohmann::json& args) {
  Card card = about(view, "⚠️", "Vote void");
  add(card, {person(view.request.asked.asker), Plain{" asks for "}, access_of(view)});
  const auto voter = arg_person(args, "voter");
  if (voter) {
    add(card, {Plain{"the approval by "}, person(*voter),
               Plain{" does not count: the rule no longer lets this person decide"}});
  } else {
    add(card, plain("an approval does not count: the rule no longer lets that person decide"));
  }
  add(card, progress_line(view));
  return card;
}

Card about_request(NoticeKind kind, const SubjectView& view, const nlohmann::json& args) {
  switch (kind) {
    case NoticeKind::decided:
      return decided(view, args);
    case NoticeKind::usable:
      return usable(view, args);
    case NoticeKind::not_granted:
      return not_granted(view, args);
    case NoticeKind::warn:
      return warn(view, args);
    case NoticeKind::ended:
      return ended(view, args);
    case NoticeKind::reconnect:
      return reconnect(view, args);
    case NoticeKind::overdue:
      return overdue(view, args);
    case NoticeKind::overdue_resolved:
      return overdue_resolved(view, args);
    case NoticeKind::removed_outside:
      return removed_outside(view, args);
    case NoticeKind::reappeared:
      return reappeared(view, args);
    case NoticeKind::step:
      return step_card(args);
    case NoticeKind::question:
      return question(view, args);
    case NoticeKind::revised:
      return revised(view, args);
    case NoticeKind::vote_voided:
      return vote_voided(view, args);
    case NoticeKind::nobody_can_approve:
      return nobody_can_approve(view, args);
    case NoticeKind::card_not_posted:
      return card_not_posted(view, args);
    case NoticeKind::reminder:
      return reminder(view, args);
    case NoticeKind::escalated:
      return escalated(view, args);
    case NoticeKind::identity_conflict:
    case NoticeKind::unasked_access:
    case NoticeKind::channel_lost:
    case NoticeKind::channel_back:
    case NoticeKind::inbox_parked:
    case NoticeKind::clock:
    case NoticeKind::time_step:
    case NoticeKind::chat_problem:
    case NoticeKind::catalog_silent:
    case NoticeKind::restored:
    case NoticeKind::policy_refused:
      break;
  }
  return by_state(view);
}

// What one line says of an entitlement: what, and whose account.
Line entitlement_line(const nlohmann::json& args) {
  const std::string resource = arg_string(args, "resource");
  const std::string account = arg_string(args, "account");
  Line line;
  if (!resource.empty()) line.emplace_back(Strong{access_name(resource, arg_string(args, "role"))});
  if (!account.empty()) {
    line.emplace_back(Plain{line.empty() ? "account " : " as "});
    line.emplace_back(Code{account});
  }
  return line;
}

Card overdue_entitlement(const nlohmann::json& args) {
  Card card = house_card("🚨", "Overdue");
  add(card, entitlement_line(args));
  add(card, arg_moment("not proven absent since ", args, "since"));
  add(card, arg_text("tries ", args, "tries"));
  add(card, arg_moment("next try ", args, "next"));
  add(card, arg_words("last error ", args, "detail"));
  card.footer.push_back({Plain{"all that is overdue: "}, Code{"/jit debt"}});
  return card;
}

Card resolved_entitlement(const nlohmann::json& args) {
  Card card = house_card("✅", "Resolved");
  add(card, entitlement_line(args));
  add(card, arg_moment("was not proven absent since ", args, "since"));
  add(card, arg_moment("proven absent ", args, "at"));
  return card;
}

Card reappeared_entitlement(const nlohmann::json& args) {
  Card card = house_card("🚨", "Seen again");
  add(card, entitlement_line(args));
  add(card, plain("was proven absent, and is seen at the target again; it is being removed"));
  add(card, arg_moment("seen ", args, "at"));
  add(card, arg_words("the target says ", args, "detail"));
  return card;
}

// A notice that is told without a request: about an entitlement, which several grants may have held, or about
// a subject that is not in the store any more.
Card without_subject(NoticeKind kind, const nlohmann::json& args) {
  if (kind == NoticeKind::step) return step_card(args);
  if (kind == NoticeKind::overdue) return overdue_entitlement(args);
  if (kind == NoticeKind::overdue_resolved) return resolved_entitlement(args);
  if (kind == NoticeKind::reappeared) return reappeared_entitlement(args);
  Card card = house_card("⚠️", fmt::format("Notice: {}", to_string(kind)));
  add(card, entitlement_line(args));
  add(card, arg_moment("since ", args, "since"));
  add(card, arg_text("tries ", args, "tries"));
  add(card, arg_moment("next try ", args, "next"));
  add(card, arg_words("", args, "detail"));
  return card;
}

}  // namespace

std::string_view to_string(NoticeKind kind) {
  for (const Named& named : k_names) {
    if (named.kind == kind) return named.name;
  }
  return "";
}

std::optional<NoticeKind> parse_notice_kind(std::string_view text) {
  for (const Named& named : k_names) {
    if (named.name == text) return named.kind;
  }
  return std::nullopt;
}

Card notice_card(NoticeKind kind, const std::optional<SubjectView>& view, const nlohmann::json& args,
                 Time now) {
  switch (kind) {
    case NoticeKind::identity_conflict:
      return identity_conflict(args);
    case NoticeKind::unasked_access:
      return unasked_access(args);
    case NoticeKind::channel_lost:
      return channel_lost(args);
    case NoticeKind::channel_back:
      return channel_back(args);
    case NoticeKind::inbox_parked:
      return inbox_parked(args);
    case NoticeKind::clock:
      return of_time(
          "Clocks disagree",
          "this machine's clock and the chat server's differ; nothing new is given until they agree", args);
    case NoticeKind::time_step:
      return of_time("Clock stepped", "this machine's clock was moved; ends still come in time", args);
    case NoticeKind::chat_problem:
      return of_time("Chat connection", "clicks and commands may get lost until somebody looks after this",
                     args);
    case NoticeKind::catalog_silent:
      return of_time(
          "Catalog cannot be read: " + arg_string(args, "catalog"),
          "nothing of what it lists is granted, and no access to it ends before its time, until it "
          "can be read again",
          args);
    case NoticeKind::restored:
      return restored(args);
    case NoticeKind::policy_refused:
      return policy_refused(args);
    case NoticeKind::decided:
    case NoticeKind::usable:
    case NoticeKind::not_granted:
    case NoticeKind::warn:
    case NoticeKind::ended:
    case NoticeKind::reconnect:
    case NoticeKind::overdue:
    case NoticeKind::overdue_resolved:
    case NoticeKind::removed_outside:
    case NoticeKind::reappeared:
    case NoticeKind::step:
    case NoticeKind::question:
    case NoticeKind::revised:
    case NoticeKind::vote_voided:
    case NoticeKind::nobody_can_approve:
    case NoticeKind::card_not_posted:
    case NoticeKind::reminder:
    case NoticeKind::escalated:
      break;
  }
  if (!view) return without_subject(kind, args);
  SubjectView current = *view;
  current.now = now;
  return about_request(kind, current, args);
}

}  // namespace jitbot

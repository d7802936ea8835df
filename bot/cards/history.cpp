#include "bot/cards/history.hpp"

#include "bot/cards/notice_args.hpp"
#include "bot/cards/phrases.hpp"
#include "bot/model/duration.hpp"
#include "bot/model/grant.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

// The audit log says who did what in words for programs; here are those for people. Only what is in the event
// is told, so that the sentence stays true whatever became of the request. What people wrote stands in the
// card's quote and is not repeated.
namespace jitbot {

namespace {

using Json = nlohmann::json;

struct Told {
  const AuditEvent& event;
  const Json& detail;

  Span actor() const { return person(event.actor); }
  bool by_system() const { return is_system(event.actor); }
  std::string text(std::string_view key) const { return arg_string(detail, key); }
};

std::optional<Millis> millis_of(const Json& detail, const char* key) {
  const auto found = detail.find(key);
  if (found == detail.end() || !found->is_number_integer()) return std::nullopt;
  return Millis{found->get<std::int64_t>()};
}

std::string in_brackets(const std::string& text) {
  return text.empty() ? "" : " (" + text + ")";
}

Line because(Line line, const Told& told) {
  const std::string why = told.text("why");
  if (!why.empty()) line.emplace_back(Plain{": " + why});
  return line;
}

Line asked(const Told& told) {
  const std::string extends = told.text("extends");
  if (extends.empty()) {
    Line line{Plain{"asked by "}, told.actor()};
    if (const auto whom = arg_person(told.detail, "for")) line += {Plain{" for "}, person(*whom)};
    return line;
  }
  const Millis by = millis_of(told.detail, "duration_ms").value_or(0ms);
  return {told.actor(), Plain{fmt::format(" asked to prolong {} by {}", extends, format_duration(by))}};
}

Line approved_by_rule(const Told& told) {
  Line line = asked(told);
  line.emplace_back(Plain{"; approved by rule " + told.text("rule")});
  return line;
}

Line voted(const Told& told) {
  const std::string word = told.text("vote") == "deny" ? "denied by " : "approved by ";
  return {Plain{word}, told.actor(), Plain{in_brackets(told.text("step"))}};
}

Line approved(const Told& told) {
  Line line = voted(told);
  line.emplace_back(Plain{", the last approval that was needed"});
  return line;
}

Line denied(const Told& told) {
  if (!told.by_system()) return {Plain{"denied by "}, told.actor()};
  const std::string reason = told.text("reason");
  return plain("not approved after all" + (reason.empty() ? "" : ": " + reason));
}

Line cancelled(const Told& told) {
  if (told.by_system()) return plain("cancelled: the account it was for is deactivated");
  return {Plain{"cancelled by "}, told.actor()};
}

Line vote_refused(const Told& told) {
  const std::string vote = told.text("vote");
  return because({told.actor(), Plain{" tried to " + (vote.empty() ? "vote" : vote) + ", refused"}}, told);
}

// "30m" or "until 16:00" of one side of a revision, behind its role where that changed.
Line terms(const Json& side, const Json& other) {
  Line line;
  const std::string role = arg_string(side, "role");
  if (role != arg_string(other, "role")) line.emplace_back(Plain{role + " "});
  if (has_arg(side, "until")) {
    line += arg_moment("until ", side, "until");
  } else {
    line.emplace_back(Plain{"for " + format_duration(millis_of(side, "duration_ms").value_or(0ms))});
  }
  return line;
}

Line revised(const Told& told) {
  Line line{Plain{"made shorter by "}, told.actor()};
  const auto from = told.detail.find("from");
  const auto to = told.detail.find("to");
  if (from == told.detail.end() || to == told.detail.end() || !from->is_object() || !to->is_object())
    return line;
  line.emplace_back(Plain{": "});
  line += terms(*to, *from);
  line.emplace_back(Plain{" instead of "});
  line += terms(*from, *to);
  const auto revision = told.detail.find("revision");
  if (revision == told.detail.end() || !revision->is_number_integer()) return line;
  line.emplace_back(Plain{fmt::format("; it is now {}.{}, and votes of before do not count",
                                      told.event.subject.empty() ? "the id" : told.event.subject,
                                      revision->get<int>() + 1)});
  return line;
}

Line question(const Told& told) {
  return {told.actor(), Plain{told.text("as") == "answer" ? " answers" : " asks"}};
}

Line timed_out(const Told& told) {
  return plain(told.event.actor == system_principal("workflow") ? "not decided before the grant ended"
                                                                : "not decided in time, given up");
}

// Who was told that it waits, by which nudge.
Line told_people(const Told& told) {
  const std::string what = told.text("what");
  const auto people = told.detail.find("people");
  const std::size_t count = people != told.detail.end() && people->is_array() ? people->size() : 0;
  const std::string how = what == "escalate" ? "escalated to"
                          : what == "remind" ? "reminded"
                                             : "told directly:";
  return plain(fmt::format("{} {} {}", how, count, count == 1 ? "person" : "people"));
}

// `words`, then `label` and the moment, where the event holds it.
Line with_moment(std::string words, std::string_view label, const Told& told, std::string_view key) {
  Line line = plain(std::move(words));
  line += arg_moment(label, told.detail, key);
  return line;
}

Line created(const Told& told) {
  Line line = plain("granted");
  const auto start = millis_of(told.detail, "start");
  if (start && time_from_ms(start->count()) > told.event.at)
    line += arg_moment(", starts ", told.detail, "start");
  line += arg_moment(", ends at the latest ", told.detail, "latest_end");
  return line;
}

Line started(const Told&) {
  return plain("its start has come; it is being set up");
}

Line usable(const Told& told) {
  return with_moment("seen at the target", ", can be used until ", told, "end");
}

Line standing(const Told& told) {
  return with_moment("was there before and stays", "; counts until ", told, "end");
}

Line warned(const Told& told) {
  return with_moment("reminded of its end", " at ", told, "end");
}

Line extended(const Told& told) {
  const Millis by = millis_of(told.detail, "by_ms").value_or(0ms);
  Line line = plain(
      fmt::format("prolonged by {}{}, approved by ", format_duration(by), in_brackets(told.text("text"))));
  line.push_back(told.by_system() ? Span{Plain{"rule"}} : told.actor());
  line += arg_moment("; ends ", told.detail, "end");
  return line;
}

Line said_by_target(std::string words, const Told& told) {
  Line line = plain(std::move(words));
  line += arg_words(": ", told.detail, "text");
  return line;
}

// Why it ends or ended; empty: how it ended says it all.
Line cause_words(const Told& told) {
  const auto cause = parse_end_cause(told.text("cause"));
  if (!cause) return {};
  switch (*cause) {
    case EndCause::due:
      return plain("its time was over");
    case EndCause::done:
      return told.by_system() ? plain("given back") : Line{Plain{"given back by "}, told.actor()};
    case EndCause::revoked:
      return told.by_system() ? plain("taken away") : Line{Plain{"taken away by "}, told.actor()};
    case EndCause::deactivated:
      return plain("the account it was for was deactivated");
    case EndCause::barred: {
      const std::string why = told.text("text");
      return plain("who was to have it may not have it now" + (why.empty() ? "" : ": " + why));
    }
    case EndCause::window_over:
      return said_by_target("could not be set up in time", told);
    case EndCause::target_refused:
      return said_by_target("the target refused", told);
    case EndCause::existing_refused:
      return plain("the account had this access before");
    case EndCause::gone: {
      const std::string why = told.text("text");
      return plain(why.empty() ? "what it is for does not exist any more" : why);
    }
    case EndCause::removed_outside:
    case EndCause::abandoned:
      return {};
  }
  return {};
}

Line ending(const Told& told) {
  Line line = cause_words(told);
  line.emplace_back(Plain{line.empty() ? "being removed" : "; being removed"});
  return line;
}

Line not_started(const Told& told) {
  Line line = plain("not started: the target was never touched");
  Line cause = cause_words(told);
  if (cause.empty()) return line;
  line.emplace_back(Plain{"; "});
  line += std::move(cause);
  return line;
}

Line absent(const Told& told) {
  const auto lag = millis_of(told.detail, "lag_ms");
  if (!lag) return plain("removed and confirmed absent");
  return plain(fmt::format("removed and confirmed absent, {} after its end", lag_text(*lag)));
}

Line ended(const Told& told) {
  const auto as = parse_ended_as(told.text("as"));
  if (!as) return plain("ended");
  switch (*as) {
    case EndedAs::absent:
      return absent(told);
    case EndedAs::held:
      return held_line(told.text("text"));
    case EndedAs::standing:
      return plain("access was there before, kept");
    case EndedAs::gone:
      return plain("the resource is gone, and the access with it");
    case EndedAs::removed_outside:
      return plain("somebody else removed it at the target; nothing is put back");
    case EndedAs::failed:
      return plain("never became usable; confirmed absent");
    case EndedAs::not_started:
      return not_started(told);
    case EndedAs::abandoned:
      return {Plain{"given up by "}, told.actor(),
              Plain{"; whether the access is still there was not proven"}};
  }
  return plain("ended");
}

struct Kind {
  std::string_view action;
  Line (*words)(const Told&);
};

constexpr std::array k_kinds{
    Kind{"request.asked", asked},
    Kind{"request.approved_by_rule", approved_by_rule},
    Kind{"request.refused",
         [](const Told& told) { return because({Plain{"refused to "}, told.actor()}, told); }},
    Kind{"request.vote", voted},
    Kind{"request.approved", approved},
    Kind{"request.denied", denied},
    Kind{"request.vote_refused", vote_refused},
    Kind{"request.vote_withdrawn",
         [](const Told& told) { return Line{told.actor(), Plain{" withdrew the vote"}}; }},
    Kind{"request.vote_voided",
         [](const Told& told) {
           return Line{Plain{"the vote of "}, told.actor(), Plain{" does not count: may no longer decide"}};
         }},
    Kind{"request.cancelled", cancelled},
    Kind{"request.cancel_refused",
         [](const Told& told) {
           return because({told.actor(), Plain{" tried to cancel it, refused"}}, told);
         }},
    Kind{"request.reminded", [](const Told&) { return plain("approvers were due to be reminded"); }},
    Kind{"request.escalated", [](const Told&) { return plain("was due to be escalated"); }},
    Kind{"request.told", told_people},
    Kind{"request.nobody_can_approve",
         [](const Told& told) { return plain("nobody could approve step " + told.text("step")); }},
    Kind{"request.approvable_again",
         [](const Told& told) { return plain("step " + told.text("step") + " could be approved again"); }},
    Kind{"request.timed_out", timed_out},
    Kind{"request.revised", revised},
    Kind{"request.revise_refused",
         [](const Told& told) {
           return because({told.actor(), Plain{" tried to make it shorter, refused"}}, told);
         }},
    Kind{"request.question", question},
    Kind{"request.question_refused",
         [](const Told& told) {
           return because({told.actor(), Plain{" tried to ask about it, refused"}}, told);
         }},
    Kind{"request.again_refused",
         [](const Told& told) { return Line{told.actor(), Plain{" tried to ask for it again, refused"}}; }},
    Kind{"grant.overdue",
         [](const Told& told) { return with_moment("not proven absent", " since ", told, "since"); }},
    Kind{"request.show_refused",
         [](const Told& told) { return Line{told.actor(), Plain{" tried to look at it, refused"}}; }},
    Kind{"grant.created", created},
    Kind{"grant.started", started},
    Kind{"grant.active", usable},
    Kind{"grant.standing", standing},
    Kind{"grant.warned", warned},
    Kind{"grant.extended", extended},
    Kind{"grant.ending", ending},
    Kind{"grant.ended", ended},
    Kind{"grant.done_refused",
         [](const Told& told) {
           return because({told.actor(), Plain{" tried to give it back, refused"}}, told);
         }},
    Kind{"grant.revoke_refused",
         [](const Told& told) {
           return because({told.actor(), Plain{" tried to take it away, refused"}}, told);
         }},
    Kind{"card.surplus",
         [](const Told&) { return plain("its card was there twice; one points at the other now"); }},
    Kind{"card.adopted",
         [](const Told&) { return plain("a card whose sending was cut off was found by a click"); }},
};

const Kind* find_kind(std::string_view action) {
  const auto* found = std::ranges::find(k_kinds, action, &Kind::action);
  return found == k_kinds.end() ? nullptr : found;
}

}  // namespace

Line cause_of_end(const AuditEvent& event) {
  Json detail = Json::parse(event.detail, nullptr, false);
  if (!detail.is_object()) detail = Json::object();
  return cause_words(Told{event, detail});
}

bool has_history_words(std::string_view action) {
  return find_kind(action) != nullptr;
}

Line history_line(const AuditEvent& event) {
  Json detail = Json::parse(event.detail, nullptr, false);
  if (!detail.is_object()) detail = Json::object();
  const Kind* kind = find_kind(event.action);
  if (kind == nullptr) return {Code{event.action}, Plain{" by "}, person(event.actor)};
  return kind->words(Told{event, detail});
}

}  // namespace jitbot

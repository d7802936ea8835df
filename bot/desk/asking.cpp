#include "bot/desk/asking.hpp"

#include "bot/cards/phrases.hpp"
#include "bot/cards/waiting.hpp"
#include "bot/model/duration.hpp"
#include "bot/record/activity.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace jitbot {

namespace {

bool for_another(const Asked& asked) {
  return asked.beneficiary != asked.asker;
}

// "staging:viewer for @bob until 18:00, from 9:00"
Line named_terms(const Asked& asked) {
  Line line{Plain{asked.resource + ":" + asked.role}};
  if (for_another(asked)) {
    line.emplace_back(Plain{" for "});
    line.emplace_back(Mention{asked.beneficiary});
  }
  if (asked.until) {
    line.emplace_back(Plain{" until "});
    line.emplace_back(Moment{*asked.until});
  } else {
    line.emplace_back(Plain{" for " + format_duration(asked.duration)});
  }
  if (asked.start) {
    line.emplace_back(Plain{", not before "});
    line.emplace_back(Moment{*asked.start});
  }
  return line;
}

void append(Line& line, Line more) {
  std::ranges::move(more, std::back_inserter(line));
}

Line who_is_asked(const Request& request) {
  Line line{Plain{to_string(request.id) + " asked: "}};
  append(line, named_terms(request.asked));
  std::string steps;
  for (const Step& step : request.asked.steps) {
    steps += fmt::format("{}{} ({})", steps.empty() ? "" : ", ", step.name, step.count);
  }
  if (!steps.empty()) {
    line.emplace_back(Plain{fmt::format(". Rule {} needs {}; times out at ", request.asked.rule, steps)});
    line.emplace_back(Moment{request.times_out_at});
    append(line, escalation_words(request));
  }
  return line;
}

Line granted_at_once(const Request& request) {
  const Asked& asked = request.asked;
  Line line{Plain{to_string(request.id) + ": "}};
  append(line, named_terms(asked));
  line.emplace_back(Plain{fmt::format(" is granted by rule {}; ", asked.rule)});
  if (!for_another(asked)) {
    line.emplace_back(Plain{"I tell you when it works"});
  } else {
    line.emplace_back(Mention{asked.beneficiary});
    line.emplace_back(Plain{" is told when it works"});
  }
  return line;
}

// All that there is to know: where direct messages are off this is all that its reader gets.
Card granted_answer(const SubjectView& view) {
  const Asked& asked = view.request.asked;
  Card card = answer(granted_at_once(view.request));
  if (view.grant) {
    card.facts.push_back(
        {Plain{"as "}, Code{asked.account}, Plain{"; ends at the latest "}, Moment{view.grant->latest_end}});
  }
  if (!for_another(asked)) std::ranges::move(howto_lines(asked), std::back_inserter(card.facts));
  const std::string id = typed_id(view.request);
  card.footer.push_back({Plain{"how far it is: "}, Code{"/jit show " + id}, Plain{" · give it back: "},
                         Code{"/jit done " + id}});
  return card;
}

Error at_limit(const Asked& asked, const PrincipalId& who, std::size_t waiting) {
  const bool his = who != asked.asker;
  return {ErrorKind::refused,
          fmt::format("{} {} requests waiting, which is the limit. {}",
                      his ? called_in_errors(who) + " has" : std::string("You have"), waiting,
                      his ? "One of them must be decided or cancelled first"
                          : "/jit mine shows them, /jit cancel withdraws one"),
          {}};
}

std::optional<Error> pending_limit(Recorder& record, const DeskState& desk, const Asked& asked) {
  const auto most = static_cast<std::size_t>(std::max(desk.settings.pending_per_person, 0));
  const auto concerning_asker = record.tx().pending_of(asked.asker);
  if (!for_another(asked)) {
    if (concerning_asker.size() >= most) return at_limit(asked, asked.asker, concerning_asker.size());
    return std::nullopt;
  }
  const auto concerning_him = record.tx().pending_of(asked.beneficiary);
  const auto his = static_cast<std::size_t>(std::ranges::count_if(
      concerning_him, [&](const Request& it) { return it.asked.beneficiary == asked.beneficiary; }));
  if (his >= most) return at_limit(asked, asked.beneficiary, his);
  // Nobody floods the others by asking for many.
  const auto filed = static_cast<std::size_t>(std::ranges::count_if(
      concerning_asker, [&](const Request& it) { return it.asked.asker == asked.asker; }));
  if (filed >= most) return at_limit(asked, asked.asker, filed);
  return std::nullopt;
}

// Both accounts' e-mails are bound to them at first use.
std::optional<Error> identity_conflict(Recorder& record, const Facts& facts, const Asked& asked) {
  const auto asker = facts.person(asked.asker);
  if (!asker) return asker.error();
  if (const std::string barred = bind_or_bar(record, *asker); !barred.empty())
    return Error{ErrorKind::refused, barred, {}};
  if (!for_another(asked)) return std::nullopt;
  const auto beneficiary = facts.person(asked.beneficiary);
  if (!beneficiary) return beneficiary.error();
  if (bind_or_bar(record, *beneficiary).empty()) return std::nullopt;
  return Error{ErrorKind::refused,
               fmt::format("The chat account of {} and its e-mail do not match what I know. The "
                           "administrators were told",
                           called_in_errors(asked.beneficiary)),
               {}};
}

void put_mention(Line& line, const PrincipalId& who) {
  const std::string called = called_in_errors(who);
  Line out;
  for (Span& span : line) {
    const Plain* words = std::get_if<Plain>(&span);
    if (words == nullptr) {
      out.push_back(std::move(span));
      continue;
    }
    std::string rest = words->text;
    for (auto at = rest.find(called); at != std::string::npos; at = rest.find(called)) {
      if (at > 0) out.emplace_back(Plain{rest.substr(0, at)});
      out.emplace_back(Mention{who});
      rest = rest.substr(at + called.size());
    }
    if (!rest.empty()) out.emplace_back(Plain{std::move(rest)});
  }
  line = std::move(out);
}

}  // namespace

Task<Facts> with_activity(SharedDesk desk, std::set<PrincipalId> people, Facts facts) {
  std::function<Result<Facts>(Tx&)> work = [policy = desk->policy, people, facts](Tx& tx) -> Result<Facts> {
    Facts more = facts;
    add_activity(tx, *policy, people, more);
    return more;
  };
  auto found = co_await query<Facts>(desk->ports.store, std::move(work));
  co_return found.value_or(facts);
}

Task<std::optional<Result<AskedIn>>> channel_asked_in(SharedDesk desk, ReplyTo reply) {
  if (reply.where == ReplyTo::Where::direct || reply.channel.empty()) co_return std::nullopt;
  auto found = co_await desk->ports.chat.channel(reply.channel);
  if (found) {
    std::optional<Result<AskedIn>> known(AskedIn{found->name, found->is_private, found->shared_outside});
    co_return known;
  }
  std::optional<Result<AskedIn>> unknown(
      fail(ErrorKind::unavailable,
           "I cannot see the channel this was asked in, and a rule looks at it. Invite me there, or ask me "
           "in a direct message",
           found.error().message));
  co_return unknown;
}

Task<Facts> facts_of_asking(SharedDesk desk, Job job, std::optional<Named> named,
                            std::set<PrincipalId> people) {
  FactsNeeded needed;
  if (named) needed = facts_to_ask(*desk->policy, *named);
  auto wanted = wanted_by(needed);
  wanted.people = std::move(people);
  auto facts = co_await fetch_facts(desk, std::move(wanted));
  if (needed.channel) {
    auto reply = job.inbound.reply;
    facts.channel = co_await channel_asked_in(desk, std::move(reply));
    // To be told from what nobody looked at.
    if (!facts.channel) facts.channel = AskedIn{};
  }
  co_return facts;
}

Card mentioning(Card card, const PrincipalId& who) {
  for (Line& line : card.facts) put_mention(line, who);
  return card;
}

void remove_participants(NamedPeople& people, const Asked& asked, const Facts& facts) {
  for (const PrincipalId& who : {asked.asker, asked.beneficiary}) {
    people.accounts.erase(who);
    const auto person = facts.person(who);
    const auto email = person ? policy_name(*person) : std::nullopt;
    if (email) people.emails.erase(*email);
  }
}

Card asked_answer(const SubjectView& view) {
  const Request& request = view.request;
  if (request.state != RequestState::approved) return answer(who_is_asked(request));
  if (!request.asked.extends) return granted_answer(view);
  return answer(fmt::format("{}: {} goes on for {} longer, by rule {}", to_string(request.id),
                            to_string(*request.asked.extends), format_duration(request.asked.duration),
                            request.asked.rule));
}

std::optional<Request> same_pending(Recorder& record, const Asked& asked) {
  for (const Request& request : record.tx().pending_of(asked.beneficiary)) {
    const Asked& other = request.asked;
    const bool same = other.kind == RequestKind::access && other.beneficiary == asked.beneficiary &&
                      other.resource == asked.resource && other.role == asked.role;
    if (same && request.times_out_at > record.now()) return request;
  }
  return std::nullopt;
}

std::optional<Error> against(Recorder& record, const DeskState& desk, const Facts& facts,
                             const Asked& asked) {
  if (auto conflict = identity_conflict(record, facts, asked)) return conflict;
  return against_now(record, desk, asked);
}

std::optional<Error> against_now(Recorder& record, const DeskState& desk, const Asked& asked) {
  if (auto held = desk.memory->held.get(); !held.empty())
    return Error{ErrorKind::unavailable, std::move(held), {}};
  // An extension has its own limit: one pending per grant.
  if (asked.kind == RequestKind::access) {
    if (auto full = pending_limit(record, desk, asked)) return full;
  }
  return account_taken(record, asked);
}

std::optional<Error> account_taken(Recorder& record, const Asked& asked) {
  for (const PrincipalId& holder : record.tx().holders(asked.connector, asked.account)) {
    if (holder == asked.beneficiary) continue;
    return Error{
        ErrorKind::refused,
        fmt::format("The account {} at {} is in use by somebody else; ask an administrator to look at the "
                    "account mapping",
                    asked.account, asked.connector),
        {}};
  }
  return std::nullopt;
}

}  // namespace jitbot

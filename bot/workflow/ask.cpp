#include "bot/workflow/ask.hpp"

#include "bot/model/duration.hpp"
#include "bot/model/template.hpp"
#include "bot/policy/for_another.hpp"
#include "bot/policy/membership.hpp"
#include "bot/policy/verdict.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace jitbot {

namespace {

Result<std::map<std::string, std::string>> resolve_params(const Role& role, const std::string& resource,
                                                          const std::string& account) {
  // Roles that say nothing about the target are told apart by their names alone.
  if (role.grants.empty())
    return std::map<std::string, std::string>{{"resource", resource}, {"role", role.name}};
  std::map<std::string, std::string> params;
  const TemplateValues values{{"account", account}, {"resource", resource}, {"role", role.name}};
  for (const auto& [name, text] : role.grants) {
    auto value = expand_template(text, values);
    if (!value) return tl::unexpected<Error>(value.error());
    params.emplace(name, std::move(*value));
  }
  return params;
}

void freeze_rule(Asked& asked, const Ruling& ruling, const Policy& policy) {
  const Rule& rule = *ruling.rule;
  asked.rule = rule.name;
  asked.needs_reason = rule.reason.needed();
  asked.automatic = ruling.steps.empty();
  asked.steps = ruling.steps;
  asked.approve_when.clear();
  if (rule.approve_when && !asked.automatic) asked.approve_when.push_back(rule.approve_when->text);
  asked.deny_threshold = rule.deny_threshold;
  asked.owners = ruling.resource->owners;
  asked.post_to = rule.post_to;
  asked.pending_timeout = rule.pending_timeout;
  asked.remind = rule.remind;
  asked.remind_where = rule.remind_where;
  asked.escalate.clear();
  for (const Escalation& escalation : rule.escalate)
    asked.escalate.push_back({escalation.after, with_owners(escalation.to, *ruling.resource)});
  asked.extend = extend_terms(rule, *ruling.resource, *ruling.role);
  asked.tags = ruling.resource->tags;
  asked.catalog = ruling.resource->catalog;
  asked.policy_digest = policy.digest;
  asked.policy_commit = to_string(policy.commit);
  asked.explanation = ruling.explanation;
}

}  // namespace

Result<std::string> may_ask_at_all(const Person& person) {
  if (person.deactivated) return fail(ErrorKind::refused, "This account is deactivated");
  if (person.bot) return fail(ErrorKind::refused, "Bots cannot ask for access");
  if (person.outsider)
    return fail(ErrorKind::refused, "People of other organisations or teams cannot ask for access here");
  if (person.guest) return fail(ErrorKind::refused, "Guests cannot ask for access");
  auto name = policy_name(person);
  if (!name) {
    return fail(ErrorKind::refused,
                "Your chat account shows no confirmed e-mail, and e-mails are the names in the access rules. "
                "Confirm your e-mail in the chat, then ask again");
  }
  return *name;
}

Result<std::string> may_be_asked_for(const Person& person) {
  return may_be_asked_for(person, called_in_errors(person.id));
}

Result<std::string> may_be_asked_for(const Person& person, const std::string& called) {
  const std::string& he = called;
  if (person.deactivated) return fail(ErrorKind::refused, he + " is deactivated");
  if (person.bot) return fail(ErrorKind::refused, he + " is a bot, and bots get no access");
  if (person.outsider)
    return fail(ErrorKind::refused, he + " belongs to another organisation, and gets no access here");
  if (person.guest) return fail(ErrorKind::refused, he + " is a guest, and guests get no access here");
  auto name = policy_name(person);
  if (name) return *name;
  return fail(
      ErrorKind::refused,
      fmt::format("The chat account of {} shows no confirmed e-mail, and e-mails are the names in the "
                  "access rules",
                  he));
}

std::string called_in_errors(const PrincipalId& who) {
  return "@" + who.user;
}

namespace {

struct Times {
  std::optional<Time> start;
  Millis duration{0};
};

Result<Times> times_of(const Ask& ask, Time now) {
  Times times{ask.start, ask.duration};
  if (times.start && *times.start <= now) times.start.reset();
  if (times.start && *times.start > now + k_longest_ahead) {
    return fail(ErrorKind::invalid,
                fmt::format("A start may be at most {} ahead", format_duration(k_longest_ahead)));
  }
  if (!ask.until) return times;
  if (*ask.until <= now) return fail(ErrorKind::invalid, "That end has passed already");
  if (times.start && *ask.until <= *times.start)
    return fail(ErrorKind::invalid, "That end is not behind the start");
  times.duration = *ask.until - times.start.value_or(now);
  return times;
}

// Whom it is for, and the name that rules know him by.
struct Beneficiary {
  Person person;
  std::string email;
};
Result<Beneficiary> beneficiary_of(const PrincipalId& who, const Person& asker, const Facts& facts) {
  if (who == asker.id) {
    auto email = may_ask_at_all(asker);
    if (!email) return tl::unexpected<Error>(email.error());
    return Beneficiary{asker, std::move(*email)};
  }
  auto person = facts.person(who);
  if (!person) return tl::unexpected<Error>(person.error());
  auto email = may_be_asked_for(*person);
  if (!email) return tl::unexpected<Error>(email.error());
  return Beneficiary{std::move(*person), std::move(*email)};
}

}  // namespace

namespace {

// Whoever can ask for nothing at all is told so by the rule that says it, where one does.
Error why_not_at_all(const Ask& ask, const Person& person, const Error& usual, const Policy& policy,
                     const Facts& facts) {
  const auto named = resolve(policy, ask.resource, ask.role);
  if (!named || !policy.index) return usual;
  const Terms terms{ask.duration, ask.start, ask.reason, ask.ticket};
  const Verdict verdict = denial_of(policy, *named, person, terms, facts);
  return verdict.kind == Verdict::Kind::denied ? refusal_of(verdict) : usual;
}

}  // namespace

Result<Asked> propose(const Ask& ask, const PrincipalId& asker, const Policy& policy, const Facts& facts,
                      const TermsOf& terms_of) {
  const auto person = facts.person(asker);
  if (!person) return tl::unexpected<Error>(person.error());
  if (const auto name = may_ask_at_all(*person); !name)
    return tl::unexpected<Error>(why_not_at_all(ask, *person, name.error(), policy, facts));
  const auto beneficiary = beneficiary_of(ask.for_whom.value_or(asker), *person, facts);
  if (!beneficiary) return tl::unexpected<Error>(beneficiary.error());
  const bool for_another = beneficiary->person.id != asker;
  const auto times = times_of(ask, facts.now);
  if (!times) return tl::unexpected<Error>(times.error());
  const Question question{beneficiary->person, ask.resource, ask.role,     times->duration,
                          ask.reason,          ask.ticket,   times->start, for_another};
  const auto ruling = decide(policy, question, facts,
                             for_another ? called_in_errors(beneficiary->person.id) : std::string("you"));
  if (!ruling) return tl::unexpected<Error>(ruling.error());
  if (for_another) {
    const Terms terms{times->duration, times->start, ask.reason, ask.ticket, for_another};
    const auto refused =
        against_asker(policy, *ruling, *person, called_in_errors(beneficiary->person.id), terms, facts);
    if (refused) return tl::unexpected<Error>(refused->why);
  }

  Asked asked;
  asked.asker = asker;
  asked.beneficiary = beneficiary->person.id;
  asked.beneficiary_email = beneficiary->email;
  asked.resource = ruling->name;
  asked.role = ruling->role->name;
  asked.risk = ruling->role->risk;
  asked.connector = ruling->role->connector;
  asked.howto = ruling->resource->howto;
  asked.duration = times->duration;
  asked.until = ask.until;
  asked.start = times->start;
  asked.reason = ask.reason;
  asked.ticket = ticket_of(*ruling->rule, ask.reason, ask.ticket);
  if (facts.channel && *facts.channel) asked.asked_in = **facts.channel;
  asked.was_in = live_memberships(policy, beneficiary->person, facts);
  asked.asked_at = facts.now;
  freeze_rule(asked, *ruling, policy);
  asked.warn_before = warnings_for(*ruling->rule, times->duration);

  const auto terms = terms_of(asked.connector, beneficiary->email);
  if (!terms && for_another && terms.error().kind == ErrorKind::refused) {
    return fail(ErrorKind::refused,
                fmt::format("{} has no account at {}; ask an administrator",
                            called_in_errors(asked.beneficiary), asked.connector),
                terms.error().detail);
  }
  if (!terms) return tl::unexpected<Error>(terms.error());
  asked.account = terms->account;
  asked.on_existing = terms->on_existing;
  auto params = resolve_params(*ruling->role, asked.resource, asked.account);
  if (!params) return tl::unexpected<Error>(params.error());
  asked.params = std::move(*params);
  return asked;
}

namespace {

// Rounded down, for what may still be asked for: people are told no more than they get.
Millis whole_minutes(Millis time) {
  return time < 5min ? std::chrono::floor<std::chrono::seconds>(time)
                     : Millis(std::chrono::floor<std::chrono::minutes>(time));
}

// What bounds a grant and its extensions together: the rule, which a sentence calls so, or what it is for.
std::string limit_in_all(const Ruling& ruling, Millis total, std::string_view rule) {
  const std::string length = format_duration(total);
  if (total == ruling.rule->extend.total)
    return fmt::format("{} {} allows {} in all", rule, ruling.rule->name, length);
  return fmt::format("{}:{} may be had for at most {} in one stretch", ruling.name, ruling.role->name,
                     length);
}

}  // namespace

Result<void> within_extension(const Ruling& ruling, const Grant& grant, Millis by) {
  const Rule& rule = *ruling.rule;
  const ExtendTerms terms = extend_terms(rule, *ruling.resource, *ruling.role);
  if (terms.max <= Millis{0}) {
    return fail(ErrorKind::refused,
                fmt::format("Rule {} does not allow extensions; ask again when {} has ended", rule.name,
                            to_string(grant.id)));
  }
  if (by <= Millis{0}) return fail(ErrorKind::invalid, "a duration must be longer than 0");
  const Millis had = grant.end() - grant.confirmed.value_or(grant.created);
  const Millis left = terms.total - had;
  const Millis at_once = std::min(terms.max, rule.max_duration);
  if (by <= std::min(left, at_once)) return {};
  if (left <= Millis{0}) {
    return fail(ErrorKind::refused,
                fmt::format("{}, and that is used; ask again when {} has ended",
                            limit_in_all(ruling, terms.total, "Rule"), to_string(grant.id)));
  }
  if (left < at_once) {
    return fail(ErrorKind::refused,
                fmt::format("That would be {} in all; {}, so at most {} more", format_duration(had + by),
                            limit_in_all(ruling, terms.total, "rule"), format_duration(whole_minutes(left))));
  }
  return fail(ErrorKind::refused,
              fmt::format("Rule {} allows at most {} at a time", rule.name, format_duration(at_once)));
}

Result<Asked> propose_extension(const Grant& grant, const Asked& original, Millis by,
                                const std::string& reason, const Policy& policy, const Facts& facts) {
  if (grant.state == GrantState::activating || grant.state == GrantState::scheduled) {
    return fail(ErrorKind::conflict, fmt::format("{} is not yet active", to_string(grant.id)));
  }
  if (grant.state != GrantState::active) {
    return fail(ErrorKind::conflict, fmt::format("{} has ended; ask again", to_string(grant.id)));
  }
  if (original.until) {
    return fail(ErrorKind::refused, fmt::format("{} ends at a fixed time; ask again", to_string(grant.id)));
  }
  const auto person = facts.person(grant.beneficiary);
  if (!person) return tl::unexpected<Error>(person.error());
  if (const auto email = may_ask_at_all(*person); !email) return tl::unexpected<Error>(email.error());
  const std::string why = reason.empty() ? original.reason : reason;
  const auto named = resolve(policy, original.resource, original.role);
  if (!named) return tl::unexpected<Error>(named.error());
  const Terms asked_terms{by, std::nullopt, why, original.ticket, false, true};
  const auto ruling = find_ruling(policy, *named, *person, facts, "you", asked_terms);
  if (!ruling) return tl::unexpected<Error>(ruling.error());
  if (const auto there = exists(*named, facts); !there) return tl::unexpected<Error>(there.error());
  if (const auto fits = within_extension(*ruling, grant, by); !fits)
    return tl::unexpected<Error>(fits.error());
  if (const auto fits = within_limits(*ruling->rule, by, why, original.ticket); !fits)
    return tl::unexpected<Error>(fits.error());
  const ExtendTerms& terms = ruling->rule->extend;
  Asked asked = original;
  asked.kind = RequestKind::extension;
  asked.extends = grant.id;
  asked.asker = grant.beneficiary;  // who had it asked for him prolongs it himself
  asked.start.reset();
  if (ruling->role->risk == Risk::high) asked.risk = Risk::high;  // it may have become so since
  asked.duration = by;
  asked.reason = why;
  asked.asked_at = facts.now;
  freeze_rule(asked, *ruling, policy);
  asked.was_in = live_memberships(policy, *person, facts);
  asked.asked_in.reset();
  if (facts.channel && *facts.channel) asked.asked_in = **facts.channel;
  asked.automatic = asked.steps.empty() || terms.automatic;
  if (!asked.automatic) return asked;
  asked.steps.clear();
  asked.approve_when.clear();
  return asked;
}

Request make_request(const Asked& asked, const RequestId& id, std::optional<Time> not_after) {
  Request request;
  request.id = id;
  request.asked = asked;
  request.digest = digest_of(asked, 0);
  request.times_out_at = asked.asked_at + asked.pending_timeout;
  if (not_after) request.times_out_at = std::min(request.times_out_at, *not_after);
  if (asked.until) request.times_out_at = std::min(request.times_out_at, *asked.until);
  return request;
}

Request approved_by_rule(const Request& request, Time now) {
  Request out = request;
  out.state = RequestState::approved;
  out.decided_at = now;
  out.decided_by = system_principal("rule");
  return out;
}

EntitlementKey entitlement_key(const Asked& asked) {
  return {asked.connector, asked.params, asked.account};
}

Entitlement new_entitlement(const Asked& asked) {
  Entitlement entitlement;
  entitlement.key = entitlement_key(asked);
  entitlement.resource = asked.resource;
  entitlement.role = asked.role;
  entitlement.on_existing = asked.on_existing;
  return entitlement;
}

Grant make_grant(const Request& request, EntitlementId entitlement, Time now) {
  const Asked& asked = request.asked;
  const bool later = asked.start && *asked.start > now;
  const Time start = later ? *asked.start : now;
  Grant grant;
  grant.id = request.id;
  grant.entitlement = entitlement;
  grant.asker = asked.asker;
  grant.beneficiary = asked.beneficiary;
  grant.resource = asked.resource;
  grant.role = asked.role;
  grant.state = later ? GrantState::scheduled : GrantState::activating;
  grant.created = now;
  grant.window_end = start + k_activation_window;
  grant.duration = asked.duration;
  grant.until = asked.until;
  grant.latest_end = asked.until.value_or(start + k_activation_window + asked.duration);
  grant.warn_before = asked.warn_before;
  return grant;
}

}  // namespace jitbot

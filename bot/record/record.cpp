#include "bot/record/record.hpp"

#include "bot/model/nudges.hpp"
#include "bot/workflow/ask.hpp"
#include "bot/workflow/audit_detail.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace jitbot {

namespace {

constexpr Millis k_day = 24h;

std::string number(EntitlementId id) {
  return std::to_string(id.value);
}

// The beneficiary first.
std::vector<PrincipalId> participants(const Asked& asked) {
  if (asked.asker == asked.beneficiary) return {asked.beneficiary};
  return {asked.beneficiary, asked.asker};
}

// What the target is asked for, as it was asked last: an entitlement at rest belongs to nobody.
void take_terms(Entitlement& entitlement, const Asked& asked) {
  if (entitlement.state != EntitlementState::rest) return;
  entitlement.on_existing = asked.on_existing;
  entitlement.resource = asked.resource;
  entitlement.role = asked.role;
}

}  // namespace

Place direct(const PrincipalId& who) {
  Place place;
  place.direct = who;
  return place;
}

void Recorder::ask(const Request& request) {
  tx_.put(request);
  const Asked& asked = request.asked;
  nlohmann::json detail{{"digest", request.digest},
                        {"rule", asked.rule},
                        {"policy", asked.policy_digest},
                        {"resource", asked.resource},
                        {"role", asked.role},
                        {"account", asked.account},
                        {"duration_ms", asked.duration.count()},
                        {"reason", asked.reason},
                        {"why", asked.explanation}};
  if (asked.extends) detail["extends"] = to_string(*asked.extends);
  if (asked.beneficiary != asked.asker) detail["for"] = to_string(asked.beneficiary);
  if (!asked.ticket.empty()) detail["ticket"] = asked.ticket;
  if (!asked.policy_commit.empty()) detail["commit"] = asked.policy_commit;
  if (asked.start) detail["start"] = to_ms(*asked.start);
  if (asked.until) detail["until"] = to_ms(*asked.until);
  const bool pending = request.state == RequestState::pending;
  const AuditEvent happened{now_, asked.asker, pending ? "request.asked" : "request.approved_by_rule",
                            to_string(request.id), canonical_json(detail)};
  tx_.audit(happened);
  log(request);
  if (asked.extends && pending) tell_steps(*asked.extends, {happened}, shown_id(request));
  for (const std::string& channel : asked.post_to) {
    CardRow card;
    card.subject = request.id;
    card.place.channel = channel;
    card.next_at = now_;
    tx_.add(card);
  }
  // Whoever is asked for reads it at once; who asked sees what comes of it.
  for (const PrincipalId& who : participants(asked)) {
    CardRow mine;
    mine.subject = request.id;
    mine.face = CardRow::Face::requester;
    mine.place = direct(who);
    mine.next_at = now_;
    tx_.add(mine);
  }
  if (asked.extends) tx_.want_cards(*asked.extends);  // the grant's card shows what waits for it
  if (request.state == RequestState::pending) {
    set_dues(request);
    if (next_due(request) <= now_) settle_request(request.id);
  } else if (request.state == RequestState::approved) {
    approved(request);
  }
}

void Recorder::save(const RequestOutcome& outcome) {
  for (const AuditEvent& happened : outcome.audit) tx_.audit(happened);
  if (!outcome.changed) return;
  const Request& request = outcome.request;
  tx_.put(request);
  for (const Vote& vote : outcome.votes) tx_.put(vote);
  tx_.want_cards(request.id);
  const bool narrower =
      std::ranges::find(outcome.audit, "request.revised", &AuditEvent::action) != outcome.audit.end();
  if (narrower) revised(outcome);
  tell_outcome(outcome);
  for (const PrincipalId& who : outcome.voided) {
    // A voter may come back and lose the right again: each time is told.
    const std::string key =
        to_string(request.id) + "/void/" + to_string(who) + "/" + std::to_string(to_ms(now_));
    notice(NoticeKind::vote_voided, key, direct(who), request.id, {{"voter", to_string(who)}}, k_day);
  }
  set_dues(request);
  if (request.state == RequestState::pending) return;
  log(request);
  if (request.asked.extends) tx_.want_cards(*request.asked.extends);
  if (request.state == RequestState::approved) return approved(request);
  tell_decided(request);
}

// Who waits for his access hears of an approval when it can be used: that is soon, unless it starts later.
// Whoever asked for another hears of it now.
void Recorder::tell_approved(const Request& request, const Grant& grant) {
  if (request.asked.automatic) return;
  if (grant.state == GrantState::scheduled) return tell_decided(request);
  if (request.asked.asker == request.asked.beneficiary) return;
  notice(NoticeKind::decided, to_string(request.id) + "/decided/asker", direct(request.asked.asker),
         request.id, nlohmann::json::object(), k_day);
}

void Recorder::tell_decided(const Request& request) {
  for (const PrincipalId& who : participants(request.asked)) {
    const std::string to_asker = who == request.asked.beneficiary ? "" : "/asker";
    notice(NoticeKind::decided, to_string(request.id) + "/decided" + to_asker, direct(who), request.id,
           nlohmann::json::object(), k_day);
  }
}

void Recorder::approved(const Request& request) {
  if (request.asked.kind == RequestKind::extension) {
    prolong(request);
  } else {
    open_grant(request);
  }
}

void Recorder::open_grant(const Request& request) {
  const EntitlementKey key = entitlement_key(request.asked);
  auto entitlement = tx_.entitlement(key);
  if (!entitlement) {
    entitlement = new_entitlement(request.asked);
    entitlement->id = tx_.add(*entitlement);
  }
  Access access{*entitlement, tx_.live_grants_on(entitlement->id)};
  take_terms(access.entitlement, request.asked);
  const Grant grant = make_grant(request, entitlement->id, now_);
  tx_.put(grant);
  log(grant);
  audit(request.decided_by, "grant.created", to_string(grant.id),
        {{"latest_end", to_ms(grant.latest_end)},
         {"entitlement", entitlement->id.value},
         {"start", to_ms(grant.start())},
         {"request", request.digest}});
  set_dues(grant);
  tell_approved(request, grant);
  access.grants.push_back(grant);
  save(settle(access, now_));
}

void Recorder::start_grant(const RequestId& id) {
  settle_grant(id);
  const auto grant = tx_.grant(id);
  const auto request = tx_.request(id);
  auto found = access_of(id);
  if (!grant || !request || !found || grant->state != GrantState::scheduled) return;
  if (grant->start() > now_) return;
  take_terms(found->entitlement, request->asked);
  save(grant_event(*found, id,
                   {.event = GrantEvent::started, .actor = system_principal("time"), .now = now_}));
}

void Recorder::prolong(const Request& request) {
  const auto access = access_of(*request.asked.extends);
  GrantInput input{.event = GrantEvent::extended,
                   .actor = request.decided_by,
                   .now = now_,
                   .text = shown_id(request),
                   .by = request.asked.duration};
  bool moved = false;
  if (access) {
    const auto outcome = grant_event(*access, *request.asked.extends, input);
    moved = std::ranges::any_of(
        outcome.changes, [](const GrantChange& change) { return change.event == GrantEvent::extended; });
    save(outcome);
  }
  if (moved) return;
  // The grant ended while the extension waited: the approval prolongs nothing.
  Request late = request;
  late.state = RequestState::denied;
  late.decided_by = system_principal("workflow");
  late.decision_reason = "ended meanwhile; ask again";
  tx_.put(late);
  const AuditEvent happened{now_, late.decided_by, "request.denied", to_string(late.id),
                            canonical_json({{"reason", late.decision_reason}})};
  tx_.audit(happened);
  log(late);
  tell_steps(late.id, {happened}, {});
  tell_steps(*late.asked.extends, {happened}, shown_id(late));
  tell_decided(late);
}

void Recorder::set_dues(const Grant& grant) {
  if (grant.state == GrantState::scheduled) {
    tx_.set_due({grant.start(), DueKind::start, grant.id.value});
  } else {
    tx_.clear_due(DueKind::start, grant.id.value);
  }
  if (const auto at = next_due(grant)) {
    tx_.set_due({*at, DueKind::grant, grant.id.value});
  } else {
    tx_.clear_due(DueKind::grant, grant.id.value);
  }
}

void Recorder::save(const Entitlement& entitlement) {
  tx_.put(entitlement);
  const std::string subject = number(entitlement.id);
  constexpr Millis k_grace = 5s;  // a connector that does not keep its own time-out
  const bool quiet =
      entitlement.state == EntitlementState::rest || entitlement.state == EntitlementState::standing;
  if (entitlement.lease) {
    tx_.set_due({entitlement.lease->deadline + k_grace, DueKind::call, subject});
  } else if (quiet) {
    tx_.clear_due(DueKind::call, subject);
  } else {
    tx_.set_due({entitlement.next_at, DueKind::call, subject});
  }
  if (const auto at = next_alarm(entitlement)) {
    tx_.set_due({*at, DueKind::alarm, subject});
  } else {
    tx_.clear_due(DueKind::alarm, subject);
  }
}

void Recorder::save(const AccessOutcome& given) {
  const AccessOutcome outcome = followed_in_store(given);
  const auto before = tx_.entitlement(outcome.access.entitlement.id);
  if (!before || *before != outcome.access.entitlement) save(outcome.access.entitlement);
  for (const AuditEvent& happened : outcome.audit) tx_.audit(happened);
  for (const Grant& grant : outcome.access.grants) {
    const auto stored = tx_.grant(grant.id);
    if (stored && *stored == grant) continue;
    if (!stored || stored->state != grant.state) log(grant);
    tx_.put(grant);
    set_dues(grant);
    tx_.want_cards(grant.id);
  }
  // What the target said last stands on the cards of those who wait for it.
  if (before && before->last_error != outcome.access.entitlement.last_error) {
    for (const Grant& grant : outcome.access.grants) tx_.want_cards(grant.id);
  }
  tell_outcome(outcome);
  for (const GrantChange& change : outcome.changes) tell(change, outcome.access.entitlement);
  const Entitlement& it = outcome.access.entitlement;
  const std::string about = "entitlement/" + number(it.id) + "/";
  if (outcome.reappeared) {
    notice_admins(NoticeKind::reappeared, about + "reappeared/" + std::to_string(to_ms(now_)), {},
                  {{"resource", it.resource}, {"role", it.role}, {"account", it.key.account}});
  }
  if (outcome.resolved && before && before->removal_wanted) {
    notice_admins(NoticeKind::overdue_resolved, about + "resolved/" + std::to_string(to_ms(now_)), {},
                  {{"resource", it.resource},
                   {"role", it.role},
                   {"account", it.key.account},
                   {"since", to_ms(*before->removal_wanted)},
                   {"at", to_ms(now_)}});
  }
}

std::optional<Access> Recorder::access(EntitlementId id) {
  auto entitlement = tx_.entitlement(id);
  if (!entitlement) return std::nullopt;
  return Access{std::move(*entitlement), tx_.live_grants_on(id)};
}

std::optional<Access> Recorder::access_of(const RequestId& id) {
  const auto grant = tx_.grant(id);
  if (!grant) return std::nullopt;
  return access(grant->entitlement);
}

void Recorder::settle_grant(const RequestId& id) {
  if (const auto found = access_of(id)) save(settle(*found, now_));
}

int Recorder::deactivate(const PrincipalId& beneficiary) {
  int changed = 0;
  Facts facts;
  facts.now = now_;
  const PrincipalId directory = system_principal("directory");
  for (const Request& waiting : tx_.pending_of(beneficiary)) {
    if (waiting.asked.beneficiary != beneficiary) continue;
    settle_request(waiting.id);
    const Request request = *tx_.request(waiting.id);
    if (request.state != RequestState::pending) continue;
    const RequestInput input{.event = RequestEvent::beneficiary_deactivated, .actor = directory};
    save(apply(request, tx_.votes(request.id), input, Policy{}, facts));
    ++changed;
  }
  for (const Grant& grant : tx_.live_grants_of(beneficiary)) {
    if (!grant.can_be_ended()) continue;
    const GrantInput input{.event = GrantEvent::deactivated, .actor = directory, .now = now_};
    if (const auto found = access(grant.entitlement)) save(grant_event(*found, grant.id, input));
    ++changed;
  }
  return changed;
}

bool Recorder::notice(NoticeKind kind, const std::string& key, const Place& place, const RequestId& subject,
                      const nlohmann::json& args, Millis valid) {
  NoticeRow row;
  row.key = key;
  row.kind = to_string(kind);
  row.place = place;
  row.subject = subject;
  row.args = args.dump();
  row.created = now_;
  row.valid_until = now_ + valid;
  row.next_at = now_;
  return tx_.add(row);
}

void Recorder::notice_admins(NoticeKind kind, const std::string& key, const RequestId& subject,
                             const nlohmann::json& args) {
  Place place;
  place.channel = settings_.admin_channel;
  notice(kind, key + "/admins", place, subject, args, k_day);
}

void Recorder::audit(const PrincipalId& actor, std::string_view action, const std::string& subject,
                     const nlohmann::json& detail) {
  tx_.audit({now_, actor, std::string(action), subject, canonical_json(detail)});
}

SubjectView Recorder::view(const Request& request) {
  SubjectView view;
  view.request = request;
  view.votes = tx_.votes(request.id);
  view.grant = tx_.grant(request.asked.extends.value_or(request.id));
  if (view.grant) {
    view.entitlement = tx_.entitlement(view.grant->entitlement);
    view.extension = tx_.pending_extension(view.grant->id);
  }
  view.now = now_;
  return view;
}

}  // namespace jitbot

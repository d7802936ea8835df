#include "bot/model/json.hpp"

#include "bot/model/enum_text.hpp"

#include <nlohmann/json.hpp>

#include <stdexcept>

namespace jitbot {

namespace {

using nlohmann::json;

std::string_view to_string(Subject::Kind kind) {
  switch (kind) {
    case Subject::Kind::email:
      return "email";
    case Subject::Kind::group:
      return "group";
    case Subject::Kind::principal:
      return "principal";
    case Subject::Kind::owners:
      return "owners";
  }
  return "owners";
}

std::string_view to_string(Risk risk) {
  switch (risk) {
    case Risk::low:
      return "low";
    case Risk::high:
      return "high";
  }
  return "high";
}

std::string_view to_string(OnExisting on_existing) {
  switch (on_existing) {
    case OnExisting::keep:
      return "keep";
    case OnExisting::refuse:
      return "refuse";
  }
  return "refuse";
}

std::string_view to_string(RemindWhere where) {
  switch (where) {
    case RemindWhere::thread:
      return "thread";
    case RemindWhere::direct:
      return "direct";
  }
  return "thread";
}

template <class Enum>
Enum enum_from(const json& value, std::initializer_list<Enum> all) {
  const auto& text = value.get_ref<const std::string&>();
  for (const Enum candidate : all) {
    if (to_string(candidate) == text) return candidate;
  }
  throw std::invalid_argument("unknown word: " + text);
}

json from_principal(const PrincipalId& id) {
  return {{"workspace", id.workspace}, {"user", id.user}};
}
PrincipalId principal_from(const json& value) {
  return {value.at("workspace").get<std::string>(), value.at("user").get<std::string>()};
}

json from_subject(const Subject& subject) {
  return {{"kind", std::string(to_string(subject.kind))}, {"value", subject.value}};
}
Subject subject_from(const json& value) {
  using Kind = Subject::Kind;
  return {enum_from(value.at("kind"), {Kind::email, Kind::group, Kind::principal, Kind::owners}),
          value.at("value").get<std::string>()};
}

json from_step(const Step& step);
Step step_from(const json& value);

json from_millis(const Millis& duration) {
  return duration.count();
}
Millis millis_from(const json& value) {
  if (!value.is_number_integer()) throw std::invalid_argument("a duration is not an integer");
  return Millis{value.get<std::int64_t>()};
}

template <class T>
json from_list(const std::vector<T>& items, json (*from)(const T&)) {
  json list = json::array();
  for (const T& item : items) list.push_back(from(item));
  return list;
}

template <class T>
std::vector<T> list_from(const json& value, T (*from)(const json&)) {
  std::vector<T> items;
  for (const json& item : value.get_ref<const json::array_t&>()) items.push_back(from(item));
  return items;
}

json from_step(const Step& step) {
  return {{"name", step.name}, {"from", from_list(step.from, from_subject)}, {"count", step.count}};
}
Step step_from(const json& value) {
  return {value.at("name").get<std::string>(), list_from(value.at("from"), subject_from),
          value.at("count").get<int>()};
}

json from_escalation(const Escalation& escalation) {
  return {{"after", escalation.after.count()}, {"to", from_list(escalation.to, from_subject)}};
}
Escalation escalation_from(const json& value) {
  return {millis_from(value.at("after")), list_from(value.at("to"), subject_from)};
}

json from_extend(const ExtendTerms& terms) {
  return {{"max", terms.max.count()}, {"total", terms.total.count()}, {"automatic", terms.automatic}};
}
ExtendTerms extend_from(const json& value) {
  return {millis_from(value.at("max")), millis_from(value.at("total")), value.at("automatic").get<bool>()};
}

json from_asked_in(const AskedIn& where) {
  return {{"name", where.name}, {"private", where.is_private}, {"external", where.external}};
}
AskedIn asked_in_from(const json& value) {
  return {value.at("name").get<std::string>(), value.at("private").get<bool>(),
          value.at("external").get<bool>()};
}

// What requests have held only since a later version: left out where it says nothing, so that the digests of
// older requests stay what they were.
void decode_later(const json& value, Asked& asked) {
  if (const auto needs = value.find("needs_reason"); needs != value.end()) needs->get_to(asked.needs_reason);
  if (const auto start = value.find("start"); start != value.end()) asked.start = Time{millis_from(*start)};
  if (const auto remind = value.find("remind"); remind != value.end()) asked.remind = millis_from(*remind);
  if (const auto where = value.find("remind_where"); where != value.end())
    asked.remind_where = enum_from(*where, {RemindWhere::thread, RemindWhere::direct});
  if (const auto escalate = value.find("escalate"); escalate != value.end())
    asked.escalate = list_from(*escalate, escalation_from);
  if (const auto when = value.find("approve_when"); when != value.end()) when->get_to(asked.approve_when);
  if (const auto tags = value.find("tags"); tags != value.end()) tags->get_to(asked.tags);
  if (const auto catalog = value.find("catalog"); catalog != value.end()) catalog->get_to(asked.catalog);
  if (const auto where = value.find("asked_in"); where != value.end()) asked.asked_in = asked_in_from(*where);
  if (const auto groups = value.find("was_in"); groups != value.end()) groups->get_to(asked.was_in);
  if (const auto commit = value.find("policy_commit"); commit != value.end())
    commit->get_to(asked.policy_commit);
}

void encode_later(json& out, const Asked& asked) {
  if (asked.needs_reason) out["needs_reason"] = true;
  if (asked.start) out["start"] = to_ms(*asked.start);
  if (asked.remind > Millis{0}) out["remind"] = asked.remind.count();
  if (asked.remind_where != RemindWhere::thread)
    out["remind_where"] = std::string(to_string(asked.remind_where));
  if (!asked.escalate.empty()) out["escalate"] = from_list(asked.escalate, from_escalation);
  if (!asked.approve_when.empty()) out["approve_when"] = asked.approve_when;
  if (!asked.tags.empty()) out["tags"] = asked.tags;
  if (!asked.catalog.empty()) out["catalog"] = asked.catalog;
  if (asked.asked_in) out["asked_in"] = from_asked_in(*asked.asked_in);
  if (!asked.was_in.empty()) out["was_in"] = asked.was_in;
  if (!asked.policy_commit.empty()) out["policy_commit"] = asked.policy_commit;
}

Asked decode(const json& value) {
  Asked asked;
  asked.kind = enum_from(value.at("kind"), {RequestKind::access, RequestKind::extension});
  if (!value.at("extends").is_null()) asked.extends = RequestId{value.at("extends").get<std::string>()};
  asked.asker = principal_from(value.at("asker"));
  asked.beneficiary = principal_from(value.at("beneficiary"));
  value.at("beneficiary_email").get_to(asked.beneficiary_email);
  value.at("account").get_to(asked.account);
  value.at("resource").get_to(asked.resource);
  value.at("role").get_to(asked.role);
  asked.risk = enum_from(value.at("risk"), {Risk::low, Risk::high});
  value.at("connector").get_to(asked.connector);
  value.at("params").get_to(asked.params);
  asked.duration = millis_from(value.at("duration"));
  if (!value.at("until").is_null()) asked.until = Time{millis_from(value.at("until"))};
  value.at("reason").get_to(asked.reason);
  value.at("ticket").get_to(asked.ticket);
  value.at("rule").get_to(asked.rule);
  value.at("automatic").get_to(asked.automatic);
  asked.steps = list_from(value.at("steps"), step_from);
  value.at("deny_threshold").get_to(asked.deny_threshold);
  asked.owners = list_from(value.at("owners"), subject_from);
  value.at("post_to").get_to(asked.post_to);
  asked.pending_timeout = millis_from(value.at("pending_timeout"));
  asked.warn_before = list_from(value.at("warn_before"), millis_from);
  asked.extend = extend_from(value.at("extend"));
  asked.on_existing = enum_from(value.at("on_existing"), {OnExisting::keep, OnExisting::refuse});
  value.at("howto").get_to(asked.howto);
  value.at("policy_digest").get_to(asked.policy_digest);
  value.at("explanation").get_to(asked.explanation);
  asked.asked_at = Time{millis_from(value.at("asked_at"))};
  decode_later(value, asked);
  return asked;
}

}  // namespace

json to_json(const Asked& asked) {
  json out;
  out["kind"] = std::string(to_string(asked.kind));
  out["extends"] = asked.extends ? json(asked.extends->value) : json(nullptr);
  out["asker"] = from_principal(asked.asker);
  out["beneficiary"] = from_principal(asked.beneficiary);
  out["beneficiary_email"] = asked.beneficiary_email;
  out["account"] = asked.account;
  out["resource"] = asked.resource;
  out["role"] = asked.role;
  out["risk"] = std::string(to_string(asked.risk));
  out["connector"] = asked.connector;
  out["params"] = asked.params;
  out["duration"] = asked.duration.count();
  out["until"] = asked.until ? json(to_ms(*asked.until)) : json(nullptr);
  out["reason"] = asked.reason;
  out["ticket"] = asked.ticket;
  out["rule"] = asked.rule;
  out["automatic"] = asked.automatic;
  out["steps"] = from_list(asked.steps, from_step);
  out["deny_threshold"] = asked.deny_threshold;
  out["owners"] = from_list(asked.owners, from_subject);
  out["post_to"] = asked.post_to;
  out["pending_timeout"] = asked.pending_timeout.count();
  out["warn_before"] = from_list(asked.warn_before, from_millis);
  out["extend"] = from_extend(asked.extend);
  out["on_existing"] = std::string(to_string(asked.on_existing));
  out["howto"] = asked.howto;
  out["policy_digest"] = asked.policy_digest;
  out["explanation"] = asked.explanation;
  out["asked_at"] = to_ms(asked.asked_at);
  encode_later(out, asked);
  return out;
}

Result<Asked> asked_from_json(const json& value) {
  try {
    return decode(value);
  } catch (const json::exception& error) {
    return fail(ErrorKind::invalid, "a stored request cannot be read", error.what());
  } catch (const std::invalid_argument& error) {
    return fail(ErrorKind::invalid, "a stored request cannot be read", error.what());
  }
}

}  // namespace jitbot

#include "bot/policy/condition.hpp"

#include "bot/policy/decide.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace jitbot {

namespace {

using cel::ObjectType;
using cel::Type;
using cel::Value;

enum Slot : std::size_t { k_request, k_requester, k_approver, k_resource, k_channel, k_now };

namespace request_fields {
enum Name : std::size_t {
  resource,
  role,
  duration,
  start,
  reason,
  ticket,
  params,
  for_other,
  extension,
  break_glass
};
}
namespace person_fields {
enum Name : std::size_t {
  id,
  email,
  name,
  groups,
  guest,
  bot,
  external,
  timezone,
  oncall,
  active_grants,
  denied_24h
};
}
namespace resource_fields {
enum Name : std::size_t { name, tags, owners, role };
}
namespace channel_fields {
enum Name : std::size_t { name, is_private, external, incident };
}

// Where the fields of each slot begin.
constexpr std::array<std::size_t, 5> k_first_field{0, 10, 21, 32, 36};

// In the order of the enumerations above.
struct Types {
  ObjectType request{"request",
                     {{"resource", Type::Kind::string},
                      {"role", Type::Kind::string},
                      {"duration", Type::Kind::duration},
                      {"start", Type::Kind::timestamp},
                      {"reason", Type::Kind::string},
                      {"ticket", Type::Kind::string},
                      {"params", Type::map(Type::Kind::string, Type::Kind::string)},
                      {"for_other", Type::Kind::boolean},
                      {"extension", Type::Kind::boolean},
                      {"break_glass", Type::Kind::boolean}}};
  ObjectType person{"person",
                    {{"id", Type::Kind::string},
                     {"email", Type::Kind::string},
                     {"name", Type::Kind::string},
                     {"groups", Type::list(Type::Kind::string)},
                     {"guest", Type::Kind::boolean},
                     {"bot", Type::Kind::boolean},
                     {"external", Type::Kind::boolean},
                     {"timezone", Type::Kind::string},
                     {"oncall", Type::list(Type::Kind::string)},
                     {"active_grants", Type::Kind::integer},
                     {"denied_24h", Type::Kind::integer}}};
  ObjectType role{"role", {{"name", Type::Kind::string}, {"risk", Type::Kind::string}}};
  ObjectType resource{"resource",
                      {{"name", Type::Kind::string},
                       {"tags", Type::map(Type::Kind::string, Type::Kind::string)},
                       {"owners", Type::list(Type::Kind::string)},
                       {"role", Type::object(role)}}};
  ObjectType channel{"channel",
                     {{"name", Type::Kind::string},
                      {"private", Type::Kind::boolean},
                      {"external", Type::Kind::boolean},
                      {"incident", Type::Kind::boolean}}};
  cel::Declarations declared{{"request", Type::object(request)}, {"requester", Type::object(person)},
                             {"approver", Type::object(person)}, {"resource", Type::object(resource)},
                             {"channel", Type::object(channel)}, {"now", Type::Kind::timestamp}};
};

const Types& types() {
  static const Types all;
  return all;
}

GroupsRead groups_read(const cel::Program& program, std::size_t slot) {
  if (!program.reads(slot, person_fields::groups)) return {};
  auto sought = program.sought_in(slot, person_fields::groups);
  if (!sought) return {true, {}};
  return {false, std::move(*sought)};
}

// What the language has and this version, or this place, does not.
std::string not_here(const cel::Program& program, ConditionOf where) {
  for (const std::size_t slot : {k_requester, k_approver}) {
    if (program.names(slot, person_fields::oncall))
      return "oncall is not supported by this version: there are no on-call schedules yet";
  }
  if (where != ConditionOf::vote && program.reads(k_approver))
    return "approver is known in approve_when alone: nobody has voted when this is decided";
  return "";
}

cel::Instant instant(Time time) {
  const auto ms = to_ms(time);
  const auto seconds = ms >= 0 ? ms / 1000 : (ms - 999) / 1000;
  return {seconds, static_cast<std::int32_t>((ms - seconds * 1000) * 1'000'000)};
}

Value text(std::string_view view) {
  return Value::string_view(view);
}

// In lower case; guests have one, too. What nobody confirmed is no e-mail.
std::string confirmed_email(const Person& person) {
  if (!person.email_confirmed) return "";
  std::string email = person.email;
  std::ranges::transform(email, email.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return email;
}

std::string_view risk_word(Risk risk) {
  return risk == Risk::high ? "high" : "low";
}

}  // namespace

tl::expected<Condition, cel::Mistake> compile_condition(const std::string& text, ConditionOf where) {
  auto program = cel::compile(text, types().declared);
  if (!program) return tl::unexpected<cel::Mistake>(std::move(program.error()));
  if (!program->type().is(Type::Kind::boolean)) {
    return tl::unexpected<cel::Mistake>(
        cel::Mistake{1, 1,
                     fmt::format("a condition must be true or false, and this is {}: {}",
                                 to_string(program->type()), "compare it with something")});
  }
  if (std::string problem = not_here(*program, where); !problem.empty())
    return tl::unexpected<cel::Mistake>(cel::Mistake{1, 1, std::move(problem)});
  const bool activity = program->reads(k_requester, person_fields::active_grants) ||
                        program->reads(k_requester, person_fields::denied_24h) ||
                        program->reads(k_approver, person_fields::active_grants) ||
                        program->reads(k_approver, person_fields::denied_24h);
  GroupsRead requester = groups_read(*program, k_requester);
  GroupsRead approver = groups_read(*program, k_approver);
  const bool channel = program->reads(k_channel);
  return Condition{text, std::move(*program), std::move(requester), std::move(approver), activity, channel};
}

Truth ConditionFacts::holds(const Condition& condition) {
  asked_ = &condition;
  missing_ = false;
  const auto value = cel::evaluate(condition.program, {{}, this});
  if (value && value->is(cel::Kind::boolean)) return value->as_boolean() ? Truth::yes : Truth::no;
  if (!value && value.error().reason == cel::Failure::Reason::unknown)
    return missing_ ? Truth::unknown : Truth::open;
  why_ = {ErrorKind::refused, value ? "it is neither true nor false" : value.error().text, {}};
  return Truth::failed;
}

Value ConditionFacts::missing(Error why) {
  missing_ = true;
  why_ = std::move(why);
  return Value::unknown();
}

Value ConditionFacts::request_field(std::size_t field) {
  namespace f = request_fields;
  switch (field) {
    case f::resource:
      return text(about_.resource_name);
    case f::role:
      return text(about_.role->name);
    case f::params:
      return *Value::map({});
    case f::break_glass:
      return Value::boolean(false);
    default:
      break;
  }
  if (!about_.terms) return Value::unknown();
  const Terms& terms = *about_.terms;
  switch (field) {
    case f::duration:
      return Value::duration(terms.duration);
    case f::start:
      return Value::timestamp(instant(terms.start.value_or(about_.facts.now)));
    case f::reason:
      return terms.words_open ? Value::unknown() : text(terms.reason);
    case f::ticket:
      return terms.words_open ? Value::unknown() : text(terms.ticket);
    case f::for_other:
      return Value::boolean(terms.for_other);
    default:
      return Value::boolean(terms.extension);
  }
}

Value ConditionFacts::groups_of(const Person& person, const GroupsRead& groups) {
  std::vector<Value> names;
  for (const auto& [name, group] : about_.policy.groups) {
    if (!groups.all && !groups.names.contains(name)) continue;
    const auto member = is_one_of(about_.policy, {{Subject::Kind::group, name}}, person, about_.facts);
    if (!member) return missing(member.error());
    if (*member) names.push_back(text(name));
  }
  return Value::list(std::move(names));
}

Value ConditionFacts::activity_of(const Person& person, std::size_t field) {
  const auto known = about_.facts.activity.find(person.id);
  if (known == about_.facts.activity.end()) {
    if (!about_.terms) return Value::unknown();
    return missing({ErrorKind::unavailable, "I cannot check now what this person has", "no activity known"});
  }
  return Value::integer(field == person_fields::active_grants ? known->second.active_grants
                                                              : known->second.denied_24h);
}

Value ConditionFacts::person_field(const Person& person, std::size_t field, const GroupsRead& groups) {
  namespace f = person_fields;
  switch (field) {
    case f::id:
      return Value::string(person.id.workspace.substr(0, person.id.workspace.find(':')) + ":" +
                           person.id.user);
    case f::email:
      return Value::string(confirmed_email(person));
    case f::name:
      return text(person.shown_name);
    case f::groups:
      return groups_of(person, groups);
    case f::guest:
      return Value::boolean(person.guest);
    case f::bot:
      return Value::boolean(person.bot);
    case f::external:
      return Value::boolean(person.outsider);
    case f::timezone:
      return text(person.timezone);
    case f::oncall:
      return Value::list({});
    default:
      return activity_of(person, field);
  }
}

Value ConditionFacts::resource_field(std::size_t field) const {
  namespace f = resource_fields;
  switch (field) {
    case f::name:
      return text(about_.resource_name);
    case f::tags: {
      std::vector<Value::Entry> tags;
      for (const auto& [name, value] : about_.resource->tags) tags.emplace_back(text(name), text(value));
      return *Value::map(std::move(tags));
    }
    case f::owners: {
      std::vector<Value> owners;
      for (const Subject& owner : about_.resource->owners) owners.push_back(Value::string(to_string(owner)));
      return Value::list(std::move(owners));
    }
    default:
      return Value::object(types().role, {text(about_.role->name), text(risk_word(about_.role->risk))});
  }
}

Value ConditionFacts::channel_field(std::size_t field) {
  namespace f = channel_fields;
  const auto& channel = about_.facts.channel;
  if (!about_.terms && (!channel || !*channel)) return Value::unknown();
  if (channel && !*channel) return missing(channel->error());
  static const AskedIn nowhere;
  const AskedIn& in = channel ? **channel : nowhere;
  switch (field) {
    case f::name:
      return text(in.name);
    case f::is_private:
      return Value::boolean(in.is_private);
    case f::external:
      return Value::boolean(in.external);
    default:
      return Value::boolean(false);  // there are no incident channels
  }
}

const Value* ConditionFacts::field(std::size_t slot, std::size_t field) {
  // What the groups are depends on which of them are asked for.
  const bool by_condition = (slot == k_requester || slot == k_approver) && field == person_fields::groups;
  Value& kept = fields_[k_first_field.at(slot) + field];
  if (!kept.is(cel::Kind::unset) && !kept.is(cel::Kind::unknown) && !by_condition) return &kept;
  switch (slot) {
    case k_request:
      kept = request_field(field);
      break;
    case k_requester:
      kept = about_.requester == nullptr
                 ? missing({ErrorKind::unavailable, "I cannot check now who asked", {}})
                 : person_field(*about_.requester, field, asked_->requester_groups);
      break;
    case k_approver:
      kept = about_.approver == nullptr ? Value::unknown()
                                        : person_field(*about_.approver, field, asked_->approver_groups);
      break;
    case k_resource:
      kept = resource_field(field);
      break;
    default:
      kept = channel_field(field);
      break;
  }
  return &kept;
}

const Value* ConditionFacts::variable(std::size_t slot) {
  if (slot == k_now) {
    wholes_[slot] = Value::timestamp(instant(about_.facts.now));
    return &wholes_[slot];
  }
  const ObjectType& type = types().declared[slot].type.declaration();
  std::vector<Value> fields;
  for (std::size_t i = 0; i < type.fields().size(); ++i) fields.push_back(*field(slot, i));
  wholes_[slot] = Value::object(type, std::move(fields));
  return &wholes_[slot];
}

}  // namespace jitbot

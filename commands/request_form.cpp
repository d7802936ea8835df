#include "commands/request_form.hpp"

#include "bot/cards/clean.hpp"
#include "bot/cards/phrases.hpp"
#include "bot/model/duration.hpp"
#include "commands/families.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace jitbot {

namespace {

constexpr std::size_t k_most_label = 75;     // characters of a choice's label, slack.md §4
constexpr std::size_t k_most_choices = 100;  // of a menu, slack.md §4
constexpr std::size_t k_most_decided = 160;
constexpr int k_most_reason = 500;
constexpr int k_most_ticket = 100;
constexpr Millis k_usual_duration = 1h;

std::string value_in(const FormValues& values, const std::string& field) {
  const auto found = values.find(field);
  return found == values.end() ? std::string{} : tidy(found->second);
}

Field field_of(const FormValues& values, std::string name, std::string label) {
  Field field;
  field.initial = value_in(values, name);
  field.name = std::move(name);
  field.label = std::move(label);
  return field;
}

Field resource_field(const FormValues& values) {
  Field field = field_of(values, "resource", "What");
  field.kind = Field::Kind::search;
  field.hint = "Type a part of its name, its description or its tags";
  field.initial = one_line(field.initial, k_most_label);
  if (!field.initial.empty()) field.choices = {{field.initial, field.initial}};
  field.change = Field::Change::reshapes;
  return field;
}

Field resource_field(const Offer& offer, const FormValues& values) {
  Field field = resource_field(values);
  field.choices = {choice_of(offer)};
  field.initial = field.choices.front().value;
  return field;
}

std::string without_blanks(std::string text) {
  std::erase(text, ' ');
  return text;
}

Field duration_field(const FormValues& values, const Rule* rule) {
  Field field = field_of(values, "duration", "For how long");
  field.hint = "For example 30m, 1h30m or 2d";
  field.max_length = 40;
  Millis usual = k_usual_duration;
  if (rule != nullptr) {
    field.hint = fmt::format("At most {}, for example {}", format_duration(rule->max_duration),
                             format_duration(std::min<Millis>(30min, rule->max_duration)));
    usual = std::min(usual, rule->max_duration);
  }
  if (field.initial.empty()) field.initial = without_blanks(format_duration(usual));
  return field;
}

std::string hint_of(const ReasonRule& reason) {
  std::string hint;
  if (reason.min_length > 1) hint = fmt::format("At least {} characters", reason.min_length);
  if (!reason.hint.empty()) return hint.empty() ? reason.hint : hint + ": " + reason.hint;
  if (!reason.contains.empty()) return (hint.empty() ? "Must contain " : hint + ", with ") + reason.contains;
  return hint.empty() ? "Approvers read this" : hint;
}

Field reason_field(const FormValues& values, const Rule* rule) {
  Field field = field_of(values, "reason", "Reason");
  field.kind = Field::Kind::paragraph;
  field.max_length = k_most_reason;
  field.need = Field::Need::optional;
  field.hint = "Approvers read this; some rules want a ticket in it";
  if (rule == nullptr) return field;
  field.hint = hint_of(rule->reason);
  if (rule->reason.needed()) field.need = Field::Need::required;
  field.min_length = std::min(rule->reason.min_length, k_most_reason);
  return field;
}

// Needed or not, the form lets it be left out: the reason may hold it.
Field ticket_field(const FormValues& values, const Rule* rule) {
  Field field = field_of(values, "ticket", "Ticket");
  field.max_length = k_most_ticket;
  field.need = Field::Need::optional;
  if (rule == nullptr || !rule->ticket.needed()) return field;
  field.hint =
      rule->ticket.hint.empty() ? "Here or in the reason" : rule->ticket.hint + "; here or in the reason";
  return field;
}

Field for_field(const FormValues& values) {
  Field field = field_of(values, "for_user", "For somebody else");
  field.kind = Field::Kind::person;
  field.hint = "Leave it empty to ask for yourself";
  field.need = Field::Need::optional;
  return field;
}

// A menu; typed where no menu holds them.
Field role_field(const Offer& offer, const OfferedRole* chosen) {
  Field field;
  field.name = "role";
  field.label = "Role";
  field.initial = chosen == nullptr ? "" : chosen->role->name;
  field.change = Field::Change::reshapes;
  if (offer.roles.size() > k_most_choices) {
    field.hint = fmt::format("One of {}'s roles", offer.shown());
    return field;
  }
  field.kind = Field::Kind::choice;
  for (const OfferedRole& offered : offer.roles) {
    std::string label = offered.role->name;
    if (!offered.role->description.empty()) label += " — " + offered.role->description;
    field.choices.push_back({one_line(label, k_most_label - 1), offered.role->name});
  }
  return field;
}

Form empty_form() {
  Form form;
  form.kind = FormKind::request;
  form.title = "Request access";
  form.submit = "Ask";
  return form;
}

void add_rest(Form& form, const FormValues& values, const Rule* rule) {
  form.fields.push_back(duration_field(values, rule));
  form.fields.push_back(reason_field(values, rule));
  form.fields.push_back(ticket_field(values, rule));
  form.fields.push_back(for_field(values));
}

std::string value_of(const Submitted& form, const std::string& field) {
  return value_in(form.values, field);
}

}  // namespace

Form request_form(const FormValues& values) {
  Form form = empty_form();
  form.fields.push_back(resource_field(values));
  // Typed already, before anybody knows which ones there are.
  if (Field role = field_of(values, "role", "Role"); !role.initial.empty()) {
    role.need = Field::Need::optional;
    form.fields.push_back(std::move(role));
  }
  add_rest(form, values, nullptr);
  return form;
}

Form request_form(const Error& why, const FormValues& values) {
  Form form = request_form(values);
  form.intro.push_back(plain(why.message));
  return form;
}

Form nothing_to_ask_form(const Error& why) {
  Form form = empty_form();
  form.submit.clear();
  form.intro.push_back(plain(why.message));
  return form;
}

Form request_form(const Offer& offer, const FormValues& values) {
  const OfferedRole* role = chosen_role(offer, value_in(values, "role"));
  const Rule* rule = role == nullptr ? nullptr : role->rule;
  Form form = empty_form();
  if (role != nullptr) {
    form.intro.push_back({Strong{access_name(offer.shown(), role->role->name)},
                          Plain{fmt::format(" · rule {} · {}", rule->name,
                                            one_line(how_decided(*rule, *offer.resource), k_most_decided))}});
    if (!role->role->description.empty())
      form.intro.push_back(plain(one_line(role->role->description, k_most_decided)));
  }
  form.fields.push_back(resource_field(offer, values));
  if (offer.roles.size() > 1) form.fields.push_back(role_field(offer, role));
  add_rest(form, values, rule);
  return form;
}

// Policies take no name longer than a menu's value may be (bot/policy/words.cpp, is_name).
Choice choice_of(const Offer& offer) {
  std::string label = offer.shown();
  if (!offer.resource->description.empty()) label += " — " + offer.resource->description;
  return {one_line(label, k_most_label - 1), offer.shown()};
}

const OfferedRole* chosen_role(const Offer& offer, const std::string& chosen) {
  const auto named = [&offer](const std::string& name) -> const OfferedRole* {
    const auto found =
        std::ranges::find(offer.roles, name, [](const OfferedRole& offered) { return offered.role->name; });
    return found == offer.roles.end() ? nullptr : &*found;
  };
  if (const OfferedRole* role = named(chosen); role != nullptr) return role;
  if (offer.roles.size() == 1) return &offer.roles.front();
  return named(offer.resource->default_role);
}

std::optional<FormValues> words_of_form(const std::string& text) {
  grammar::Words words(text);
  const grammar::Word* command = words.peek();
  if (command == nullptr || words.left() != 2 || grammar::lower(command->text) != "request")
    return std::nullopt;
  words.skip();
  const grammar::Word word = *words.peek();
  if (word.kind == grammar::Word::Kind::mention || grammar::take_duration(words)) return std::nullopt;
  const auto scope = grammar::scope_of(word.text);
  if (!scope || grammar::straight_dashes(word.text).starts_with('-')) return std::nullopt;
  FormValues values{{"resource", scope->resource}};
  if (!scope->role.empty()) values.emplace("role", scope->role);
  return values;
}

std::vector<FieldProblem> request_form_problems(const Submitted& form) {
  std::vector<FieldProblem> problems;
  const auto add = [&problems](std::string field, const Error& error) {
    problems.push_back({std::move(field), error.message});
  };
  if (const auto scope = grammar::scope_of(value_of(form, "resource")); !scope)
    add("resource", scope.error());
  if (const auto duration = grammar::duration_of(value_of(form, "duration")); !duration)
    add("duration", duration.error());
  if (const auto reason = grammar::reason_of(value_of(form, "reason")); !reason)
    add("reason", reason.error());
  if (length_of(value_of(form, "ticket")) > static_cast<std::size_t>(k_most_ticket)) {
    problems.push_back(
        {"ticket", fmt::format("a ticket has at most {} characters; say more in the reason", k_most_ticket)});
  }
  return problems;
}

AskIntent ask_of(const Submitted& form) {
  const auto scope = *grammar::scope_of(value_of(form, "resource"));
  AskIntent ask;
  ask.resource = scope.resource;
  ask.role = value_of(form, "role");
  if (ask.role.empty()) ask.role = scope.role;
  ask.duration = *grammar::duration_of(value_of(form, "duration"));
  ask.reason = value_of(form, "reason");
  ask.ticket = one_line(value_of(form, "ticket"), static_cast<std::size_t>(k_most_ticket));
  ask.for_user = value_of(form, "for_user");
  return ask;
}

}  // namespace jitbot

// Forms: what they ask, and what a filled-in form or a pressed button means.
#include "bot/cards/clean.hpp"
#include "commands/families.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace jitbot {

namespace {

using grammar::misunderstood;

constexpr std::size_t k_most_choices = 100;  // of a menu, slack.md §4
constexpr std::size_t k_most_label = 75;     // characters of a choice's label and value, slack.md §4
constexpr int k_most_reason = 500;

std::string value_of(const Submitted& form, const std::string& field) {
  const auto found = form.values.find(field);
  return found == form.values.end() ? std::string{} : tidy(found->second);
}

std::vector<Choice> choices_of(const std::vector<CatalogEntry>& catalog) {
  std::vector<Choice> choices;
  const auto add = [&choices](const CatalogEntry& entry, const std::string& role) {
    std::string label = entry.resource + " : " + role;
    if (!entry.description.empty()) label += " — " + entry.description;
    choices.push_back({one_line(label, k_most_label - 1), entry.resource + ":" + role});
  };
  for (const CatalogEntry& entry : catalog) {
    const bool has_default = std::ranges::find(entry.roles, entry.default_role) != entry.roles.end();
    if (has_default) add(entry, entry.default_role);
    for (const std::string& role : entry.roles) {
      if (!has_default || role != entry.default_role) add(entry, role);
    }
  }
  return choices;
}

bool fits_a_menu(const std::vector<Choice>& choices) {
  const auto fits = [](const Choice& choice) { return length_of(choice.value) <= k_most_label; };
  return !choices.empty() && choices.size() <= k_most_choices && std::ranges::all_of(choices, fits);
}

// The choice that "staging" or "staging:viewer" means: the first of a resource is its default role.
std::string chosen(const std::vector<Choice>& choices, const std::string& resource) {
  const std::string wanted = grammar::lower(resource);
  if (wanted.empty()) return {};
  for (const Choice& choice : choices) {
    const std::string value = grammar::lower(choice.value);
    if (value == wanted || value.starts_with(wanted + ":")) return choice.value;
  }
  return {};
}

Field resource_field(const std::vector<CatalogEntry>& catalog, const std::string& resource) {
  Field field;
  field.name = "resource";
  field.label = "What";
  field.choices = choices_of(catalog);
  if (fits_a_menu(field.choices)) {
    field.kind = Field::Kind::choice;
    field.initial = chosen(field.choices, resource);
    return field;
  }
  field.choices.clear();
  field.hint = "A resource, and a role where it has several: staging or staging:viewer";
  field.initial = one_line(resource, k_most_label);
  field.max_length = 150;
  return field;
}

Field reason_field(std::string label, std::string hint, Field::Need need) {
  Field field;
  field.name = "reason";
  field.label = std::move(label);
  field.hint = std::move(hint);
  field.kind = Field::Kind::paragraph;
  field.max_length = k_most_reason;
  field.need = need;
  return field;
}

void add_problem(std::vector<FieldProblem>& problems, std::string field, const Error& error) {
  problems.push_back({std::move(field), error.message});
}

std::vector<FieldProblem> problems_of_request(const Submitted& form) {
  std::vector<FieldProblem> problems;
  if (const auto scope = grammar::scope_of(value_of(form, "resource")); !scope)
    add_problem(problems, "resource", scope.error());
  if (const auto duration = grammar::duration_of(value_of(form, "duration")); !duration) {
    add_problem(problems, "duration", duration.error());
  }
  if (const auto reason = grammar::reason_of(value_of(form, "reason")); !reason)
    add_problem(problems, "reason", reason.error());
  return problems;
}

std::vector<FieldProblem> problems_of_reason(const Submitted& form, Field::Need need) {
  std::vector<FieldProblem> problems;
  const std::string text = value_of(form, "reason");
  if (text.empty() && need == Field::Need::required) problems.push_back({"reason", "say why"});
  if (const auto reason = grammar::reason_of(text); !reason) add_problem(problems, "reason", reason.error());
  return problems;
}

Intent ask_of(const Submitted& form) {
  const auto scope = *grammar::scope_of(value_of(form, "resource"));
  AskIntent ask;
  ask.resource = scope.resource;
  ask.role = scope.role;
  ask.duration = *grammar::duration_of(value_of(form, "duration"));
  ask.reason = value_of(form, "reason");
  return ask;
}

tl::unexpected<Error> about_nothing() {
  return misunderstood("this form does not say which request it is about; open it again from the card");
}

}  // namespace

std::vector<FieldProblem> form_problems(const Submitted& form) {
  switch (form.form) {
    case FormKind::request:
      return problems_of_request(form);
    case FormKind::deny:
      return problems_of_reason(form, Field::Need::required);
    case FormKind::end:
      return problems_of_reason(form, Field::Need::optional);
    case FormKind::confirm:
    case FormKind::shorter:
    case FormKind::question:
    case FormKind::extend:
      return {};
  }
  return {};
}

Result<Intent> intent_of(const Submitted& form) {
  const auto problems = form_problems(form);
  if (!problems.empty()) return misunderstood(problems.front().message);
  if (form.form == FormKind::request) return ask_of(form);
  if (!form.about) return about_nothing();
  std::string reason = value_of(form, "reason");
  if (form.form == FormKind::deny) {
    return Intent{VoteIntent{form.about->request, form.about->digest_prefix, VoteIntent::Vote::deny,
                             std::move(reason)}};
  }
  return Intent{EndIntent{form.about->request, std::move(reason)}};
}

Result<Intent> intent_of(const Clicked& click) {
  const RequestId& id = click.button.request;
  switch (click.button.act) {
    case Act::approve:
      return Intent{VoteIntent{id, click.button.digest_prefix, VoteIntent::Vote::approve, {}}};
    case Act::deny:  // only where its form could not open: a denial needs a reason
      return misunderstood(fmt::format("say why: /jit deny {} <reason>", id.value));
    case Act::cancel:
      return Intent{CancelIntent{id}};
    case Act::confirm:
    case Act::shorter:
    case Act::question:
    case Act::again:
    case Act::request:
      break;
    case Act::done:
      return Intent{DoneIntent{id}};
    case Act::end:
      return Intent{EndIntent{id, {}}};
    case Act::extend:
      return misunderstood(fmt::format("say by how much: /jit extend {} 30m", id.value));
  }
  return misunderstood("this button does nothing any more");
}

Form request_form(const std::vector<CatalogEntry>& catalog, const std::string& resource) {
  Field duration;
  duration.name = "duration";
  duration.label = "For how long";
  duration.hint = "For example 30m, 1h30m or 2d";
  duration.initial = "1h";
  duration.max_length = 40;

  Form form;
  form.kind = FormKind::request;
  form.title = "Request access";
  form.submit = "Ask";
  form.fields = {
      resource_field(catalog, resource), std::move(duration),
      reason_field("Why", "Approvers read this; some rules want a ticket in it", Field::Need::optional)};
  return form;
}

Form deny_form(const ButtonValue& about) {
  Form form;
  form.kind = FormKind::deny;
  form.title = "Deny " + to_string(about.request);
  form.submit = "Deny";
  form.intro = {plain("The requester and everybody who sees the card read the reason.")};
  form.fields = {reason_field("Why not", {}, Field::Need::required)};
  form.about = about;
  return form;
}

Form end_form(const ButtonValue& about) {
  Form form;
  form.kind = FormKind::end;
  form.title = "End " + to_string(about.request);
  form.submit = "End access";
  form.intro = {plain("The access is removed at once. It cannot be given back without asking again.")};
  form.fields = {reason_field("Why", "Needed unless the access is your own", Field::Need::optional)};
  form.about = about;
  return form;
}

}  // namespace jitbot

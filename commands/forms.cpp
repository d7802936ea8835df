// Forms: what they ask, and what a filled-in form or a pressed button means.
#include "bot/cards/clean.hpp"
#include "commands/families.hpp"
#include "commands/request_form.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace jitbot {

namespace {

using grammar::misunderstood;

constexpr int k_most_reason = 500;

std::string value_of(const Submitted& form, const std::string& field) {
  const auto found = form.values.find(field);
  return found == form.values.end() ? std::string{} : tidy(found->second);
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

std::vector<FieldProblem> problems_of_reason(const Submitted& form, Field::Need need) {
  std::vector<FieldProblem> problems;
  const std::string text = value_of(form, "reason");
  if (text.empty() && need == Field::Need::required) problems.push_back({"reason", "say why"});
  if (const auto reason = grammar::reason_of(text); !reason) add_problem(problems, "reason", reason.error());
  return problems;
}

tl::unexpected<Error> about_nothing() {
  return misunderstood("this form does not say which request it is about; open it again from the card");
}

}  // namespace

std::vector<FieldProblem> form_problems(const Submitted& form) {
  switch (form.form) {
    case FormKind::request:
      return request_form_problems(form);
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
  if (form.form == FormKind::request) return Intent{ask_of(form)};
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

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
constexpr int k_most_name = 128;  // characters of a resource or role

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

std::vector<FieldProblem> problems_of_confirming(const Submitted& form) {
  auto problems = problems_of_reason(form, Field::Need::optional);
  if (value_of(form, "name").empty()) problems.push_back({"name", "type the resource's name"});
  return problems;
}

// Empty: as long as it was asked.
Millis shorter_duration(const Submitted& form) {
  const std::string text = value_of(form, "duration");
  return text.empty() ? Millis{0} : grammar::duration_of(text).value_or(Millis{0});
}

std::vector<FieldProblem> problems_of_shorter(const Submitted& form) {
  auto problems = problems_of_reason(form, Field::Need::required);
  const std::string duration = value_of(form, "duration");
  if (duration.empty() && value_of(form, "role").empty()) {
    problems.push_back({"duration", "say how long instead, or name a role below that is less"});
  } else if (!duration.empty()) {
    if (const auto read = grammar::duration_of(duration); !read)
      add_problem(problems, "duration", read.error());
  }
  return problems;
}

std::vector<FieldProblem> problems_of_question(const Submitted& form) {
  const std::string text = value_of(form, "question");
  if (text.empty()) return {{"question", "ask what?"}};
  if (const auto read = grammar::question_of(text); !read) return {{"question", read.error().message}};
  return {};
}

std::vector<FieldProblem> problems_of_extending(const Submitted& form) {
  auto problems = problems_of_reason(form, Field::Need::optional);
  if (const auto read = grammar::duration_of(value_of(form, "duration")); !read)
    add_problem(problems, "duration", read.error());
  return problems;
}

Field line_field(std::string name, std::string label, std::string hint, Field::Need need) {
  Field field;
  field.name = std::move(name);
  field.label = std::move(label);
  field.hint = std::move(hint);
  field.max_length = k_most_name;
  field.need = need;
  return field;
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
      return problems_of_confirming(form);
    case FormKind::shorter:
      return problems_of_shorter(form);
    case FormKind::question:
      return problems_of_question(form);
    case FormKind::extend:
      return problems_of_extending(form);
  }
  return {};
}

Result<Intent> intent_of(const Submitted& form) {
  const auto problems = form_problems(form);
  if (!problems.empty()) return misunderstood(problems.front().message);
  if (form.form == FormKind::request) return Intent{ask_of(form)};
  if (!form.about) return about_nothing();
  const ButtonValue& about = *form.about;
  std::string reason = value_of(form, "reason");
  switch (form.form) {
    case FormKind::deny:
      return Intent{
          VoteIntent{about.request, about.digest_prefix, VoteIntent::Vote::deny, std::move(reason)}};
    case FormKind::confirm:
      return Intent{VoteIntent{about.request, about.digest_prefix, VoteIntent::Vote::approve,
                               std::move(reason), std::nullopt, value_of(form, "name")}};
    case FormKind::shorter:
      return Intent{ReviseIntent{about.request, about.digest_prefix, shorter_duration(form),
                                 one_line(value_of(form, "role"), k_most_name), std::move(reason),
                                 std::nullopt, value_of(form, "name")}};
    case FormKind::question:
      return Intent{QuestionIntent{about.request, value_of(form, "question")}};
    case FormKind::extend:
      return Intent{
          ExtendIntent{about.request, *grammar::duration_of(value_of(form, "duration")), std::move(reason)}};
    case FormKind::end:
      return Intent{EndIntent{about.request, std::move(reason)}};
    case FormKind::request:
      break;
  }
  return about_nothing();
}

Result<Intent> intent_of(const Clicked& click) {
  const RequestId& id = click.button.request;
  const std::string shown = typed_id(click.button);
  switch (click.button.act) {
    case Act::approve:
      return Intent{VoteIntent{id, click.button.digest_prefix, VoteIntent::Vote::approve, {}}};
    case Act::deny:  // only where its form could not open: a denial needs a reason
      return misunderstood(fmt::format("say why: /jit deny {} <reason>", shown));
    case Act::cancel:
      return Intent{CancelIntent{id}};
    case Act::confirm:  // without its form: refused with how it is typed
      return Intent{VoteIntent{id, click.button.digest_prefix, VoteIntent::Vote::approve, {}}};
    case Act::shorter:
      return misunderstood(fmt::format("say how long instead: /jit revise {} 30m because <reason>", shown));
    case Act::question:
      return misunderstood(fmt::format("say what: /jit ask {} <question>", shown));
    case Act::again:
      return Intent{AgainIntent{id}};
    case Act::request:
      break;
    case Act::done:
      return Intent{DoneIntent{id}};
    case Act::end:
      return Intent{EndIntent{id, {}}};
    case Act::extend:
      return misunderstood(fmt::format("say by how much: /jit extend {} 30m", shown));
  }
  return misunderstood("this button does nothing any more");
}

Form deny_form(const ButtonValue& about) {
  Form form;
  form.kind = FormKind::deny;
  form.title = "Deny " + shown_id(about);
  form.submit = "Deny";
  form.intro = {plain("The requester and everybody who sees the card read the reason.")};
  form.fields = {reason_field("Why not", {}, Field::Need::required)};
  form.about = about;
  return form;
}

Form confirm_form(const ButtonValue& about) {
  Form form;
  form.kind = FormKind::confirm;
  form.title = "Approve " + shown_id(about);
  form.submit = "Approve";
  form.intro = {plain("This is of high risk: the card says what is asked, for whom and for how long.")};
  form.fields = {
      line_field("name", "Type the resource's name", "As it stands on the card", Field::Need::required),
      reason_field("Comment", {}, Field::Need::optional)};
  form.about = about;
  return form;
}

Form shorter_form(const ButtonValue& about) {
  Form form;
  form.kind = FormKind::shorter;
  form.title = "Shorten " + shown_id(about);
  form.submit = "Approve that";
  form.intro = {
      plain("This asks for less and is your approval of it. Approvals of before do not count any more.")};
  form.fields = {
      line_field("duration", "For how long instead", "For example 30m; empty: as long as it was asked",
                 Field::Need::optional),
      line_field("role", "Role instead", "One that the asked role includes; empty: the same role",
                 Field::Need::optional),
      reason_field("Why", "The requester and everybody who sees the card read it", Field::Need::required),
      line_field("name", "The resource's name", "Only for high risk: type it to approve",
                 Field::Need::optional)};
  form.about = about;
  return form;
}

Form question_form(const ButtonValue& about) {
  Form form;
  form.kind = FormKind::question;
  form.title = "Ask about " + shown_id(about);
  form.submit = "Ask";
  form.intro = {plain("It is posted in the card's thread and sent to the requester.")};
  Field question = reason_field("Question", {}, Field::Need::required);
  question.name = "question";
  form.fields = {std::move(question)};
  form.about = about;
  return form;
}

Form extend_form(const ButtonValue& about) {
  Form form;
  form.kind = FormKind::extend;
  form.title = "Extend " + shown_id(about);
  form.submit = "Ask for more time";
  form.intro = {plain("Whether it must be approved, and how much there is in all, says the rule.")};
  form.fields = {line_field("duration", "By how much", "For example 30m or 1h30m", Field::Need::required),
                 reason_field("Why", "Empty: as it was asked", Field::Need::optional)};
  form.about = about;
  return form;
}

Form end_form(const ButtonValue& about) {
  Form form;
  form.kind = FormKind::end;
  form.title = "End " + shown_id(about);
  form.submit = "End access";
  form.intro = {plain("The access is removed at once. It cannot be given back without asking again.")};
  form.fields = {reason_field("Why", "Needed unless the access is your own", Field::Need::optional)};
  form.about = about;
  return form;
}

}  // namespace jitbot

#include "bot/desk/form_check.hpp"

#include "bot/desk/shelf.hpp"
#include "bot/policy/decide.hpp"
#include "commands/request_form.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>

namespace jitbot {

namespace {

using Limit = Result<void> (*)(const Rule& rule, const AskIntent& ask);

Result<void> in_time(const Rule& rule, const AskIntent& ask) {
  return within_duration(rule, ask.duration);
}

Result<void> with_reason(const Rule& rule, const AskIntent& ask) {
  return within_limits(rule, std::min(ask.duration, rule.max_duration), ask.reason, ask.ticket);
}

// What the most generous rule says where none lets it pass: whichever decides refuses it, too.
std::optional<Error> refused_by_all(std::vector<const Rule*> rules, const AskIntent& ask, Limit limit) {
  // The most generous first, alike ones in the policy's order.
  const auto before = [](const Rule* a, const Rule* b) {
    return a->max_duration != b->max_duration ? a->max_duration > b->max_duration : std::less<>()(a, b);
  };
  std::ranges::sort(rules, before);
  std::optional<Error> first;
  for (const Rule* rule : rules) {
    const auto fits = limit(*rule, ask);
    if (fits) return std::nullopt;
    if (!first) first = fits.error();
  }
  return first;
}

std::vector<FieldProblem> limit_problems(const std::vector<const Rule*>& rules, const AskIntent& ask) {
  std::vector<FieldProblem> problems;
  if (const auto error = refused_by_all(rules, ask, in_time))
    problems.push_back({"duration", error->message});
  if (const auto error = refused_by_all(rules, ask, with_reason))
    problems.push_back({"reason", error->message});
  return problems;
}

FieldProblem no_role(const Offer& offer) {
  std::vector<std::string> roles;
  for (const OfferedRole& offered : offer.roles) roles.push_back(offered.role->name);
  return {"role", fmt::format("choose a role of {}: {}", offer.resource->name, fmt::join(roles, ", "))};
}

std::vector<FieldProblem> request_problems(const DeskState& desk, const PrincipalId& who,
                                           const Submitted& form) {
  const AskIntent ask = ask_of(form);
  const auto seen = remembered_shelf(desk, who, Age::seen);
  if (!seen) return {};
  const auto fresh = remembered_shelf(desk, who, Age::fresh);
  const Offer* offer = find_offer(*seen, ask.resource);
  if (offer == nullptr) {
    // Said alike for what does not exist and what is not for him.
    const bool sure = fresh && fresh->person && fresh->barred.empty() && !fresh->offers.unknown &&
                      !fresh->offers.offers.empty();
    if (!sure) return {};
    return {{"resource", no_such_resource(ask.resource, fresh->offers).message}};
  }
  const auto named = resolve(*desk.policy, ask.resource, ask.role);
  if (!named) return {ask.role.empty() ? no_role(*offer) : FieldProblem{"role", named.error().message}};
  std::vector<const Rule*> rules = candidate_rules(*desk.policy, *named);
  // For somebody else, his rule decides, and only asking tells which one that is.
  const auto offered = std::ranges::find(offer->roles, named->role, &OfferedRole::role);
  if (fresh && ask.for_user.empty() && offered != offer->roles.end()) rules = {offered->rule};
  return limit_problems(rules, ask);
}

}  // namespace

std::optional<Form> form_that_opens(const Inbound& inbound) {
  if (const auto* said = std::get_if<Said>(&inbound.what)) {
    if (said->text.find_first_not_of(" \t\r\n") == std::string::npos) return request_form(FormValues{});
    const auto values = words_of_form(said->text);
    return values ? std::optional(request_form(*values)) : std::nullopt;
  }
  if (const auto* click = std::get_if<Clicked>(&inbound.what)) {
    if (click->button.act == Act::request) return request_form(FormValues{});
    if (click->button.act == Act::confirm) return confirm_form(click->button);
    if (click->button.act == Act::deny) return deny_form(click->button);
    if (click->button.act == Act::shorter) return shorter_form(click->button);
    if (click->button.act == Act::question) return question_form(click->button);
    if (click->button.act == Act::extend) return extend_form(click->button);
    if (click->button.act == Act::end) return end_form(click->button);
  }
  return std::nullopt;
}

std::vector<FieldProblem> form_problems(const DeskState& desk, const Inbound& inbound) {
  const auto* form = std::get_if<Submitted>(&inbound.what);
  if (form == nullptr) return {};
  auto problems = form_problems(*form);
  if (problems.empty() && form->form == FormKind::request)
    problems = request_problems(desk, inbound.from, *form);
  return problems;
}

}  // namespace jitbot

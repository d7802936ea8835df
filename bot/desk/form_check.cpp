#include "bot/desk/form_check.hpp"

#include "bot/policy/decide.hpp"
#include "commands/intent.hpp"

namespace jitbot {

namespace {

std::vector<CatalogEntry> catalog_of(const Policy& policy) {
  std::vector<CatalogEntry> catalog;
  for (const auto& [name, resource] : policy.resources) {
    CatalogEntry entry{name, resource.description, {}, resource.default_role};
    for (const auto& [role, unused] : resource.roles) entry.roles.push_back(role);
    catalog.push_back(std::move(entry));
  }
  return catalog;
}

std::vector<FieldProblem> request_problems(const Policy& policy, const Submitted& form) {
  const auto intent = intent_of(form);
  if (!intent) return {{"resource", intent.error().message}};
  const auto& ask = std::get<AskIntent>(*intent);
  const auto named = resolve(policy, ask.resource, ask.role);
  if (!named) return {{"resource", named.error().message}};
  const auto rules = candidate_rules(policy, *named);
  if (rules.size() != 1) return {};
  // Each limit on its own, so the message stands at the field that breaks it.
  Rule duration_alone = *rules.front();
  duration_alone.reason = ReasonRule{};
  if (const auto fits = within_limits(duration_alone, ask.duration, ask.reason); !fits) {
    return {{"duration", fits.error().message}};
  }
  if (const auto fits = within_limits(*rules.front(), ask.duration, ask.reason); !fits) {
    return {{"reason", fits.error().message}};
  }
  return {};
}

}  // namespace

std::optional<Form> form_that_opens(const Policy& policy, const Inbound& inbound) {
  if (const auto* said = std::get_if<Said>(&inbound.what)) {
    if (said->text.find_first_not_of(" \t\r\n") != std::string::npos) return std::nullopt;
    return request_form(catalog_of(policy), "");
  }
  if (const auto* click = std::get_if<Clicked>(&inbound.what)) {
    if (click->button.act == Act::deny) return deny_form(click->button);
    if (click->button.act == Act::end) return end_form(click->button);
  }
  return std::nullopt;
}

std::vector<FieldProblem> form_problems(const Policy& policy, const Inbound& inbound) {
  const auto* form = std::get_if<Submitted>(&inbound.what);
  if (form == nullptr) return {};
  auto problems = form_problems(*form);
  if (problems.empty() && form->form == FormKind::request) problems = request_problems(policy, *form);
  return problems;
}

}  // namespace jitbot

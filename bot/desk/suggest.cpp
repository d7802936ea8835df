#include "bot/desk/suggest.hpp"

#include "bot/desk/identity.hpp"
#include "bot/desk/shelf.hpp"
#include "bot/workflow/ask.hpp"
#include "commands/request_form.hpp"

namespace jitbot {

namespace {

// The platform waits 3 s for both.
constexpr Millis k_patience = 2s;
constexpr Millis k_patience_for_account = 600ms;
constexpr std::size_t k_most_choices = 100;

}  // namespace

Task<std::vector<Choice>> choices_for(SharedDesk desk, PrincipalId account, std::string field,
                                      std::string typed) {
  std::vector<Choice> choices;
  if (field != "resource") co_return choices;
  const auto barred = co_await recognised_lately(desk, account, k_patience_for_account);
  if (barred) co_return choices;
  auto who = desk->ports.aliases.person_of(account);
  const auto shelf = co_await shelf_of(desk, who, k_patience);
  if (!shelf) co_return choices;
  const auto found = catalog_search(*desk).find(shelf->offers.offers, typed, k_most_choices);
  for (const Offer* offer : found) choices.push_back(choice_of(*offer));
  co_return choices;
}

Task<std::optional<Form>> next_shape(SharedDesk desk, PrincipalId account, Submitted so_far) {
  std::optional<Form> form;
  if (so_far.form != FormKind::request) co_return form;
  const auto barred = co_await recognised_lately(desk, account, k_patience_for_account);
  if (barred) {
    form = nothing_to_ask_form(barred->why);
    co_return form;
  }
  auto who = desk->ports.aliases.person_of(account);
  const auto typed = so_far.values.find("resource");
  const auto shelf = co_await shelf_of(desk, who, k_patience);
  if (!shelf) co_return form;
  if (const auto may = shelf->person ? may_ask_at_all(*shelf->person) : Result<std::string>(); !may) {
    form = nothing_to_ask_form(may.error());
    co_return form;
  }
  if (typed == so_far.values.end()) co_return form;
  if (const Offer* offer = find_offer(*shelf, typed->second); offer != nullptr) {
    form = request_form(*offer, so_far.values);
  } else if (!shelf->person) {
    co_return form;
  } else if (!shelf->barred.empty()) {
    form = request_form(Error{ErrorKind::refused, shelf->barred, {}}, so_far.values);
  } else if (!shelf->offers.unknown) {
    form = request_form(no_such_resource(typed->second, shelf->offers), so_far.values);
  }
  co_return form;
}

}  // namespace jitbot

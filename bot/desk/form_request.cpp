#include "bot/desk/asking.hpp"
#include "bot/desk/form_parts.hpp"
#include "bot/desk/shelf.hpp"
#include "bot/policy/decide.hpp"
#include "bot/workflow/ask.hpp"
#include "commands/request_form.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

// The request form, by the rule that would decide.
namespace jitbot {

namespace {

using Problems = std::vector<FieldProblem>;

// Longer than whoever waits for it does.
constexpr Millis k_patience = 3s;

std::string roles_of(const Offer& offer) {
  std::vector<std::string> roles;
  for (const OfferedRole& offered : offer.roles) roles.push_back(offered.role->name);
  return fmt::format("{}: {}", offer.shown(), fmt::join(roles, ", "));
}

Problems no_role(const Offer& offer) {
  return {{"role", "choose a role of " + roles_of(offer)}};
}

Problems not_his_role(const Offer& offer, const std::string& role) {
  return {{"role", fmt::format("you may not ask for {}:{}; choose a role of {}", offer.shown(), role,
                               roles_of(offer))}};
}

// A form cannot show a mention, and nobody knows people by their ids.
std::string without_id(std::string text, const PrincipalId& who) {
  const std::string called = called_in_errors(who);
  for (auto at = text.find(called); at != std::string::npos; at = text.find(called))
    text.replace(at, called.size(), "this person");
  return text;
}

Problems limit_problems(const Rule& rule, const AskIntent& ask) {
  Problems problems;
  if (const auto fits = within_duration(rule, ask.duration); !fits)
    problems.push_back({"duration", fits.error().message});
  if (const auto fits = within_reason(rule, ask.reason, ask.ticket); !fits)
    problems.push_back({"reason", fits.error().message});
  if (const auto fits = within_ticket(rule, ask.reason, ask.ticket); !fits)
    problems.push_back({"ticket", fits.error().message});
  return problems;
}

struct Asking {
  AskIntent ask;
  PrincipalId who;
  PrincipalId whom;
  std::string field;  // where it is told what has no field of its own
};

// By the rule of whom it is for, as asking decides it.
Problems problems_of(const DeskState& desk, const Asking& asking, const Named& named, const Facts& facts) {
  const auto at_field = [&](const Error& error) -> Problems {
    if (error.kind == ErrorKind::unavailable || error.kind == ErrorKind::internal) return {};
    return {{asking.field, without_id(error.message, asking.whom)}};
  };
  const auto person = facts.person(asking.whom);
  if (!person) return at_field(person.error());
  const bool his_own = asking.who == asking.whom;
  if (!his_own) {
    if (const auto may = may_be_asked_for(*person); !may) return at_field(may.error());
  }
  const auto ruling = find_ruling(*desk.policy, named, *person, facts,
                                  his_own ? std::string("you") : called_in_errors(asking.whom));
  if (!ruling) return at_field(ruling.error());
  if (auto problems = limit_problems(*ruling->rule, asking.ask); !problems.empty()) return problems;
  Ask ask{named.shown(), named.role->name, asking.ask.duration, asking.ask.reason, asking.ask.ticket};
  if (!his_own) ask.for_whom = asking.whom;
  const auto asked = propose(ask, asking.who, *desk.policy, facts, desk.settings.terms_of);
  return asked ? Problems() : at_field(asked.error());
}

}  // namespace

Task<std::vector<FieldProblem>> request_problems(SharedDesk desk, PrincipalId who, Submitted form) {
  const AskIntent ask = ask_of(form);
  const auto shelf = co_await shelf_of(desk, who, k_patience);
  // Whose account is not believed is told so when it is taken: the administrators hear of it then.
  if (!shelf || !shelf->person || !shelf->barred.empty()) co_return Problems();
  if (const auto may = may_ask_at_all(*shelf->person); !may)
    co_return Problems(1, FieldProblem{"resource", may.error().message});
  const Offer* offer = find_offer(*shelf, ask.resource);
  if (offer == nullptr) {
    if (shelf->offers.unknown) co_return Problems();
    // It may have come up since: deciding asks the catalog itself.
    const Resource* resource = find_resource(*shelf->policy, ask.resource);
    if (resource != nullptr && !resource->catalog.empty()) co_return Problems();
    // Said alike for what does not exist and what is not for him.
    co_return Problems(1, FieldProblem{"resource", no_such_resource(ask.resource, shelf->offers).message});
  }
  const auto named = resolve(*shelf->policy, ask.resource, ask.role);
  if (!named && ask.role.empty()) co_return no_role(*offer);
  if (!named) co_return Problems(1, FieldProblem{"role", named.error().message});
  const bool his_own = ask.for_user.empty() || ask.for_user == who.user;
  const bool offered = std::ranges::find(offer->roles, named->role, &OfferedRole::role) != offer->roles.end();
  if (his_own && !offered && !shelf->offers.unknown) co_return not_his_role(*offer, named->role->name);
  Asking asking{ask, who, who, his_own ? "resource" : "for_user"};
  if (!his_own) asking.whom = mentioned_by(who, ask.for_user);
  Facts facts;
  if (!his_own) {
    FactsWanted other{{asking.whom}, {}};
    facts = co_await fetch_facts(desk, std::move(other));
  }
  facts.people.insert_or_assign(who, shelf->person);
  auto needed = facts_to_ask(*shelf->policy, *named);
  auto seen = co_await seen_lately(desk, std::move(needed.groups), std::move(needed.catalogs));
  facts.groups = std::move(seen.members);
  facts.catalogs = std::move(seen.listed);
  // A form stands in no channel; where it is sent from is told when it is taken.
  if (needed.channel) facts.channel = fail(ErrorKind::unavailable, "the channel is not known yet");
  facts.now = desk->ports.clock.now();
  if (needed.activity) {
    std::set<PrincipalId> people{asking.who, asking.whom};
    facts = co_await with_activity(desk, std::move(people), std::move(facts));
  }
  if (shelf->policy != desk->policy) co_return Problems();  // `named` is of another one
  co_return problems_of(*desk, asking, *named, facts);
}

}  // namespace jitbot

#include "bot/policy/catalog.hpp"

#include "bot/desk/asking.hpp"
#include "bot/desk/look.hpp"
#include "bot/desk/who_votes.hpp"
#include "bot/workflow/ask.hpp"
#include "commands/answers.hpp"

// What somebody may ask for, and what would come of it: resources, explain.
namespace jitbot {

Task<Facts> glance_further(SharedDesk desk, Facts facts, PrincipalId who, std::set<std::string> groups) {
  FactsNeeded needed;
  needed.groups = std::move(groups);
  return glance_further(std::move(desk), std::move(facts), std::move(who), std::move(needed));
}

Task<Facts> glance_further(SharedDesk desk, Facts facts, PrincipalId who, FactsNeeded needed) {
  const auto person = facts.person(who);
  if (!person || !may_decide_at_all(*person)) co_return facts;
  auto seen = co_await seen_lately(desk, std::move(needed.groups), std::move(needed.catalogs));
  facts.groups.merge(seen.members);
  facts.catalogs.merge(seen.listed);
  facts.now = desk->ports.clock.now();
  if (!needed.activity) co_return facts;
  std::set<PrincipalId> himself{who};
  co_return co_await with_activity(std::move(desk), std::move(himself), std::move(facts));
}

bool sees_everything(const DeskState& desk, const Person& person, const Facts& facts) {
  return is_administrator(desk, person, facts) || is_auditor(desk, person, facts);
}

std::set<std::string> groups_of_overseers(const DeskState& desk) {
  auto groups = live_groups_of(*desk.policy, desk.settings.admins);
  groups.merge(live_groups_of(*desk.policy, desk.settings.auditors));
  return groups;
}

Facts known_people(const Facts& facts) {
  Facts known{facts.now, facts.people, {}};
  std::erase_if(known.people, [](const auto& person) { return !person.second.has_value(); });
  return known;
}

Task<Result<Answered>> show_list(SharedDesk desk, Job job, Facts facts, Card card) {
  if (const auto unknown = missing_fact(facts))
    card.footer.push_back(plain("There may be more. " + unknown->message));
  Conclusion work = [who = job.from(), facts = std::move(facts), card = std::move(card)](Recorder& record) {
    const auto person = facts.person(who);
    const auto barred = person ? bind_or_bar(record, *person) : std::string();
    if (!barred.empty()) return say(Error{ErrorKind::refused, barred, {}});
    return say(card);
  };
  co_return co_await conclude(std::move(desk), std::move(job), std::move(work));
}

Task<Error> unknown_resource(SharedDesk desk, PrincipalId who, Facts facts, std::string typed) {
  const auto person = facts.person(who);
  if (!person) co_return person.error();
  auto all = all_facts(*desk->policy);
  auto more = co_await glance_further(desk, std::move(facts), who, std::move(all));
  if (auto unknown = missing_fact(more)) co_return *unknown;
  co_return no_such_resource(typed, offers_for(*desk->policy, *person, more));
}

Task<Result<Answered>> handle(SharedDesk desk, Job job, ResourcesIntent intent) {
  const PrincipalId who = job.from();
  std::set<std::string> none;
  auto facts = co_await glance(desk, who, std::move(none));
  const auto person = facts.person(who);
  if (!person) {
    auto unknown = error_answer(person.error());
    co_return co_await show_list(desk, std::move(job), known_people(facts), std::move(unknown));
  }
  ResourcesView view;
  view.word = intent.word;
  auto needed = facts_to_offer(*desk->policy, *person);
  facts = co_await glance_further(desk, std::move(facts), who, std::move(needed));
  const Offers found = offers_for(*desk->policy, *person, facts);
  view.all = found.offers.size();
  for (const Offer& offer : found.offers) {
    if (!mentions(offer, intent.word)) continue;
    ResourcesView::Row row{offer.resource, {}, offer.name};
    for (const OfferedRole& role : offer.roles)
      row.ways.push_back({role.role->name, role.rule, how_decided(*role.rule, *offer.resource)});
    view.rows.push_back(std::move(row));
  }
  auto card = resources_answer(view);
  co_return co_await show_list(desk, std::move(job), std::move(facts), std::move(card));
}

namespace {

// As far as they were said: the reason never is.
std::optional<Terms> terms_of(const std::optional<Millis>& duration) {
  if (!duration) return std::nullopt;
  Terms terms{*duration};
  terms.words_open = true;
  return terms;
}

// The decision as asking makes it, without a reason: that one is told as a limit.
struct Explained {
  ExplainView view;
  std::vector<Step> steps;  // that are needed
};
Explained explained(const DeskState& desk, const Person& person, const std::string& email, const Named& named,
                    const std::optional<Millis>& duration, const Facts& facts) {
  Explained out;
  ExplainView& view = out.view;
  view.resource = named.shown();
  view.role = named.role->name;
  view.duration = duration;
  const auto terms = terms_of(duration);
  const auto ruling = find_ruling(*desk.policy, named, person, facts, "you", terms);
  if (!ruling) {
    view.problems.push_back(ruling.error().message);
    if (ruling.error().kind == ErrorKind::refused)
      view.steps_of_thought = misfits(*desk.policy, named, person, terms, facts, nullptr);
    return out;
  }
  if (const auto there = exists(named, facts); !there) {
    view.problems.push_back(there.error().message);
    return out;
  }
  out.steps = ruling->steps;
  view.rule = ruling->rule;
  view.longest = longest_of(*ruling->resource, *ruling->role);
  view.decided = how_decided(*ruling->rule, *ruling->resource);
  view.steps_of_thought = ruling->explanation;
  if (duration) {
    if (const auto fits = within_duration(*ruling->rule, *duration); !fits)
      view.problems.push_back(fits.error().message);
  }
  if (const auto account = desk.settings.terms_of(named.role->connector, email); !account)
    view.problems.push_back(account.error().message);
  return out;
}

}  // namespace

Task<Result<Answered>> handle(SharedDesk desk, Job job, ExplainIntent intent) {
  const PrincipalId who = job.from();
  const auto named = resolve(*desk->policy, intent.resource, intent.role);
  std::set<std::string> none;
  auto facts = co_await glance(desk, who, std::move(none));
  auto needed = named ? facts_to_ask(*desk->policy, *named) : FactsNeeded();
  const bool reads_channel = needed.channel;
  facts = co_await glance_further(desk, std::move(facts), who, std::move(needed));
  if (reads_channel) {
    auto reply = job.inbound.reply;
    facts.channel = co_await channel_asked_in(desk, std::move(reply));
  }
  const auto person = facts.person(who);
  // Rules are for those whom policies name; nobody else learns which resources there are.
  const auto email =
      person ? may_ask_at_all(*person) : Result<std::string>(tl::unexpected<Error>(person.error()));
  std::optional<Error> wrong;
  if (!email) {
    wrong = email.error();
  } else if (!named && find_resource(*desk->policy, intent.resource) == nullptr) {
    wrong = co_await unknown_resource(desk, who, facts, intent.resource);
  } else if (!named) {
    wrong = named.error();
  }
  if (wrong) {
    auto card = error_answer(*wrong);
    co_return co_await show_list(desk, std::move(job), known_people(facts), std::move(card));
  }
  auto found = explained(*desk, *person, *email, *named, intent.duration, facts);
  if (!found.steps.empty()) {
    std::set<PrincipalId> himself{who};
    found.view.voters = co_await who_could_vote(desk, std::move(found.steps), std::move(himself));
  }
  auto card = explain_answer(found.view);
  co_return co_await show_list(desk, std::move(job), known_people(facts), std::move(card));
}

}  // namespace jitbot

#include "bot/desk/form_check.hpp"

#include "bot/desk/form_parts.hpp"
#include "bot/desk/identity.hpp"
#include "bot/desk/shelf.hpp"
#include "bot/workflow/ask.hpp"
#include "commands/request_form.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

namespace jitbot {

namespace {

// Slack shows an error of its own where a form is not acknowledged within 3 s; taking it needs the rest.
constexpr Millis k_patience = 1500ms;
constexpr Millis k_patience_for_account = 600ms;

using Problems = std::vector<FieldProblem>;

// Shared with the look under way: what it finds behind the deadline is read by nobody.
struct Looking {
  Problems found;
  std::unique_ptr<Timer> done;
};

Task<Problems> problems_by_facts(SharedDesk desk, PrincipalId who, Submitted form) {
  switch (form.form) {
    case FormKind::request:
      co_return co_await request_problems(std::move(desk), std::move(who), std::move(form));
    case FormKind::confirm:
    case FormKind::deny:
    case FormKind::shorter:
      co_return co_await decision_problems(std::move(desk), std::move(who), std::move(form));
    case FormKind::extend:
      co_return co_await extension_problems(std::move(desk), std::move(who), std::move(form));
    case FormKind::question:
    case FormKind::end:
      break;
  }
  co_return Problems();
}

Task<void> look(SharedDesk desk, PrincipalId who, Submitted form, std::shared_ptr<Looking> looking) {
  try {
    looking->found = co_await problems_by_facts(desk, std::move(who), std::move(form));
  } catch (const std::exception& problem) {
    spdlog::debug("event=form_check_failed detail=\"{}\"", problem.what());
  }
  looking->done->poke();
  finished(*desk);
}

// Somebody who is known to be allowed nothing is told that in place of a form that he would fill in for
// nothing.
Form form_to_ask(const DeskState& desk, const PrincipalId& account, const FormValues& values) {
  if (const auto barred = remembered_as_barred(desk, account)) return nothing_to_ask_form(barred->why);
  const PrincipalId who = desk.ports.aliases.person_of(account);
  const auto shelf = remembered_shelf(desk, who, Age::fresh);
  if (shelf && shelf->person) {
    if (const auto may = may_ask_at_all(*shelf->person); !may) return nothing_to_ask_form(may.error());
  }
  return request_form(values);
}

struct Refused {
  std::string_view action;
  std::string_view vote;
};
Refused refused_by(FormKind kind) {
  switch (kind) {
    case FormKind::confirm:
      return {"request.vote_refused", "approve"};
    case FormKind::deny:
      return {"request.vote_refused", "deny"};
    case FormKind::shorter:
      return {"request.revise_refused", "revise"};
    case FormKind::request:
    case FormKind::extend:
    case FormKind::question:
    case FormKind::end:
      break;
  }
  return {"request.refused", ""};
}

std::string what_about(const Submitted& form) {
  if (form.about) return to_string(form.about->request);
  if (form.form != FormKind::request) return {};
  const AskIntent ask = ask_of(form);
  return ask.resource + (ask.role.empty() ? "" : ":" + ask.role);
}

// A refusal is remembered wherever it is told.
Task<void> remember_refusal(SharedDesk desk, PrincipalId who, Submitted form, Problems problems) {
  const Time now = desk->ports.clock.now();
  const std::string about = what_about(form);
  Store::Work work = [=, &settings = desk->settings.record](Tx& tx) -> Result<void> {
    Recorder record(tx, settings, now);
    const Refused refused = refused_by(form.form);
    for (const FieldProblem& problem : problems) {
      nlohmann::json detail{{"why", problem.message}, {"field", problem.field}};
      if (!refused.vote.empty()) detail["vote"] = refused.vote;
      record.audit(who, refused.action, about, detail);
    }
    return {};
  };
  auto done = co_await desk->ports.store.write(std::move(work));
  if (!done) spdlog::error("event=refusal_not_kept detail=\"{}\"", done.error().detail);
}

}  // namespace

std::optional<Form> form_that_opens(const DeskState& desk, const Inbound& inbound) {
  if (const auto* said = std::get_if<Said>(&inbound.what)) {
    if (said->text.find_first_not_of(" \t\r\n") == std::string::npos)
      return form_to_ask(desk, inbound.from, FormValues{});
    const auto values = words_of_form(said->text);
    return values ? std::optional(form_to_ask(desk, inbound.from, *values)) : std::nullopt;
  }
  if (const auto* click = std::get_if<Clicked>(&inbound.what)) {
    if (click->button.act == Act::request) return form_to_ask(desk, inbound.from, FormValues{});
    if (click->button.act == Act::confirm) return confirm_form(click->button);
    if (click->button.act == Act::deny) return deny_form(click->button);
    if (click->button.act == Act::shorter) return shorter_form(click->button);
    if (click->button.act == Act::question) return question_form(click->button);
    if (click->button.act == Act::extend) return extend_form(click->button);
    if (click->button.act == Act::end) return end_form(click->button);
  }
  return std::nullopt;
}

Task<std::vector<FieldProblem>> form_problems(SharedDesk desk, Inbound inbound) {
  if (!std::holds_alternative<Submitted>(inbound.what)) co_return Problems();
  auto problems = form_problems(std::get<Submitted>(inbound.what));
  if (!problems.empty()) co_return problems;
  const auto barred = co_await recognised_lately(desk, inbound.from, k_patience_for_account);
  inbound = said_by_people(std::move(inbound), desk->ports.aliases);
  auto form = std::get<Submitted>(inbound.what);
  if (barred) {
    // Other forms have no field for it: told when they are taken.
    if (form.form == FormKind::request) problems.push_back({"resource", barred->why.message});
  } else {
    auto looking = std::make_shared<Looking>();
    looking->done = desk->ports.clock.clock().make_timer();
    begun(*desk);
    boost::asio::co_spawn(desk->ports.executor, look(desk, inbound.from, form, looking),
                          boost::asio::detached);
    co_await looking->done->wait(k_patience);
    problems = looking->found;
  }
  if (!problems.empty()) co_await remember_refusal(desk, inbound.from, std::move(form), problems);
  co_return problems;
}

}  // namespace jitbot

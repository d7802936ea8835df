#include "bot/reconcile/start_loop.hpp"

#include "bot/policy/decide.hpp"
#include "bot/policy/existing.hpp"
#include "bot/reconcile/catalog_book.hpp"
#include "bot/record/activity.hpp"
#include "bot/record/binding.hpp"
#include "bot/record/policy_in_force.hpp"
#include "bot/workflow/entitlement_machine.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace jitbot {

namespace {

constexpr int k_batch = 500;
constexpr std::size_t k_at_once = 4;  // people asked for: the platform's pace is for decisions first
constexpr Millis k_deadline = 20s;
constexpr Millis k_longest_pause = 1min;  // of the fifteen that the window has
constexpr Millis k_longest_rest = 30s;
constexpr Millis k_patience = 30s;
constexpr Millis k_rules_again = 30s;

// Shared with the question under way: an answer behind the deadline is read by nobody.
template <class T>
struct Asking {
  std::optional<Result<T>> answer;
  std::unique_ptr<Timer> answered;
};

template <class T>
Task<void> put(std::function<Task<Result<T>>()> question, std::shared_ptr<Asking<T>> asking) {
  try {
    auto answer = co_await question();
    asking->answer = std::move(answer);
  } catch (const std::exception& failure) {
    asking->answer = fail(ErrorKind::internal, "the directory cannot be asked", failure.what());
  }
  asking->answered->poke();
}

bool has_come(const Grant& grant, Time now) {
  return grant.state == GrantState::scheduled && grant.start() <= now;
}

// Why he could not ask for it now, under the name and account that were approved; empty: he could.
std::string against_start(Recorder& record, const Person& person, const Asked& asked,
                          const TermsOf& terms_of) {
  const auto email = may_be_asked_for(person, "this person");
  if (!email) return email.error().message;
  if (*email != asked.beneficiary_email)
    return "the e-mail of the chat account is another one than when it was asked";
  if (is_bound_otherwise(record.tx(), person))
    return "the chat account and its e-mail do not match what is known";
  const auto terms = terms_of(asked.connector, *email);
  if (!terms) return terms.error().message;
  if (terms->account != asked.account)
    return fmt::format("the account at {} is another one now than the {} that was asked for", asked.connector,
                       asked.account);
  const auto holders = record.tx().holders(asked.connector, asked.account);
  const bool taken =
      std::ranges::any_of(holders, [&](const PrincipalId& it) { return it != asked.beneficiary; });
  return taken
             ? fmt::format("the account {} at {} is in use by somebody else", asked.account, asked.connector)
             : std::string();
}

// Its window may be over by now, which is then what it ends by.
void bar(Recorder& record, const RequestId& id, const std::string& by, const std::string& why) {
  record.settle_grant(id);
  const auto access = record.access_of(id);
  if (!access) return;
  const GrantInput input{
      .event = GrantEvent::barred, .actor = system_principal(by), .now = record.now(), .text = why};
  record.save(grant_event(*access, id, input));
}

void start_one(Recorder& record, const Grant& grant, const Asked& asked, const Person& person,
               const TermsOf& terms_of, const Policy& policy, Facts facts) {
  const std::string why = against_start(record, person, asked, terms_of);
  if (!why.empty()) return bar(record, grant.id, "directory", why);
  if (const auto there = still_exists(asked, facts); !there) {
    spdlog::warn("event=start_waits subject={} why=\"{}\"", to_string(grant.id), there.error().message);
    return record.tx().set_due({record.now() + k_second_list, DueKind::start, grant.id.value});
  }
  facts.now = record.now();
  facts.channel = channel_of(asked);
  add_activity(record.tx(), policy, asked, {}, facts);
  const auto denial = denied_now(policy, asked, facts);
  if (!denial) {
    spdlog::warn("event=start_waits subject={} why=\"{}\"", to_string(grant.id), denial.error().message);
    record.tx().set_due({record.now() + k_rules_again, DueKind::start, grant.id.value});
  } else if (*denial) {
    bar(record, grant.id, "rule", fmt::format("{} (rule {})", (*denial)->message, (*denial)->rule));
  } else {
    record.start_grant(grant.id);
  }
}

void start_each(Recorder& record, const Person& person, const TermsOf& terms_of, const Policy& policy,
                const Facts& facts) {
  for (const Grant& grant : record.tx().live_grants_of(person.id)) {
    if (!has_come(grant, record.now()) || grant.beneficiary != person.id) continue;
    const auto request = record.tx().request(grant.id);
    if (request) start_one(record, grant, request->asked, person, terms_of, policy, facts);
  }
}

// What is not there any more by now ends here; what is missing for the first time waits for a second list.
void take_lists(Recorder& record, const PrincipalId& who, const Facts& facts, Time listed) {
  std::map<std::string, std::vector<RequestId>> about;
  for (const Grant& grant : record.tx().live_grants_of(who)) {
    if (!has_come(grant, record.now())) continue;
    const auto request = record.tx().request(grant.id);
    if (request && !request->asked.catalog.empty()) about[request->asked.catalog].push_back(grant.id);
  }
  for (const auto& [catalog, grants] : about) {
    const auto found = facts.catalogs.find(catalog);
    if (found != facts.catalogs.end() && found->second)
      (void)take_listing(record, {catalog, listed, *found->second}, grants);
  }
}

void end_all(Recorder& record, const PrincipalId& who) {
  if (record.deactivate(who) == 0) return;
  record.audit(system_principal("directory"), "principal.deactivated", to_string(who),
               nlohmann::json::object());
}

void look_again(Recorder& record, const PrincipalId& who, Time at) {
  for (const Grant& grant : record.tx().live_grants_of(who)) {
    if (has_come(grant, record.now())) record.tx().set_due({at, DueKind::start, grant.id.value});
  }
}

}  // namespace

// Whose start has come, and when the next one comes.
struct StartLoop::Due {
  std::set<PrincipalId> people;
  std::optional<Time> next;
};

StartLoop::StartLoop(LoopPorts ports, Directory& directory, Random& random, Basis basis)
    : ports_(std::move(ports)),
      directory_(directory),
      random_(random),
      basis_(std::move(basis)),
      timer_(ports_.clock.clock().make_timer()),
      running_(ports_.clock.clock()) {}

void StartLoop::poke() {
  timer_->poke();
}

void StartLoop::stop() {
  stopping_ = true;
  timer_->poke();
}

Task<void> StartLoop::drain() {
  co_await running_.drain(k_patience);
}

Task<void> StartLoop::run() {
  while (!stopping_) {
    auto due = co_await look();
    if (stopping_) co_return;  // whoever waits for the last start to end has counted them
    if (!due) {
      spdlog::error("event=start_loop_failed detail=\"{}\"", due.error().detail);
      co_await timer_->wait(1s);
      continue;
    }
    for (const PrincipalId& who : due->people) {
      if (asked_.size() >= k_at_once) break;
      if (asked_.insert(who).second) running_.spawn(ports_.executor, start_all_of(who), "scheduled start");
    }
    std::optional<Time> at = due->next;
    if (!due->people.empty()) at = ports_.clock.now() + 1s;  // under way, or waiting for a free place
    co_await rest(ports_.clock, *timer_, at, k_longest_rest);
  }
}

Task<Result<StartLoop::Due>> StartLoop::look() {
  const Time now = ports_.clock.now();
  std::function<Result<Due>(Tx&)> ask = [now](Tx& tx) -> Result<Due> {
    Due out;
    out.next = tx.next_due_of({DueKind::start});
    if (!out.next || *out.next > now) return out;
    for (const auto& row : tx.due_of({DueKind::start}, now, k_batch)) {
      if (const auto grant = tx.grant(RequestId{row.subject})) out.people.insert(grant->beneficiary);
    }
    return out;
  };
  co_return co_await query<Due>(ports_.store, std::move(ask));
}

Task<void> StartLoop::start_all_of(PrincipalId beneficiary) {
  // However it ends, he can be asked about again.
  class Leave {
   public:
    Leave(StartLoop& loop, PrincipalId who) : loop_(loop), who_(std::move(who)) {}
    ~Leave() {
      loop_.asked_.erase(who_);
      loop_.timer_->poke();
    }
    Leave(const Leave&) = delete;
    Leave& operator=(const Leave&) = delete;

   private:
    StartLoop& loop_;
    PrincipalId who_;
  };
  const Leave leave(*this, beneficiary);
  const auto policy = basis_.policy();
  auto needed = co_await needed_for(beneficiary, policy);
  if (!needed) {
    spdlog::error("event=start_failed principal={} detail=\"{}\"", to_string(beneficiary),
                  needed.error().detail);
    co_return;
  }
  const Time listed = ports_.clock.now();
  auto facts = co_await facts_about(beneficiary, std::move(*needed));
  auto done = co_await apply(beneficiary, policy, std::move(facts), listed);
  if (!done) {
    spdlog::error("event=start_failed principal={} detail=\"{}\"", to_string(beneficiary),
                  done.error().detail);
  }
}

Task<Result<StartLoop::Needed>> StartLoop::needed_for(PrincipalId beneficiary,
                                                      std::shared_ptr<const Policy> policy) {
  const Time now = ports_.clock.now();
  std::function<Result<Needed>(Tx&)> ask = [beneficiary, policy, now](Tx& tx) -> Result<Needed> {
    Needed needed;
    for (const Grant& grant : tx.live_grants_of(beneficiary)) {
      const auto request = has_come(grant, now) ? tx.request(grant.id) : std::nullopt;
      if (!request) continue;
      FactsNeeded facts = facts_to_deny(*policy, request->asked);
      if (facts.participants) needed.askers.insert(request->asked.asker);
      needed.facts.merge(std::move(facts));
    }
    needed.askers.erase(beneficiary);
    return needed;
  };
  co_return co_await query<Needed>(ports_.store, std::move(ask));
}

template <class T>
Task<Result<T>> StartLoop::in_time(std::function<Task<Result<T>>()> question) {
  auto why = basis_.held();
  if (!why.empty()) co_return fail(ErrorKind::unavailable, std::move(why));
  auto asking = std::make_shared<Asking<T>>();
  asking->answered = ports_.clock.clock().make_timer();
  running_.spawn(ports_.executor, put<T>(std::move(question), asking), "directory");
  co_await asking->answered->wait(k_deadline);
  if (asking->answer) co_return *asking->answer;
  co_return fail(ErrorKind::unavailable, "the directory does not answer");
}

Task<Facts> StartLoop::facts_about(PrincipalId beneficiary, Needed needed) {
  Facts facts;
  std::function<Task<Result<Person>>()> who = [this, beneficiary] { return directory_.person(beneficiary); };
  auto person = co_await in_time<Person>(std::move(who));
  facts.people.insert_or_assign(beneficiary, person);
  if (!person || person->deactivated) co_return facts;
  for (const PrincipalId& asker : needed.askers) {
    std::function<Task<Result<Person>>()> ask = [this, asker] { return directory_.person(asker); };
    auto found = co_await in_time<Person>(std::move(ask));
    facts.people.insert_or_assign(asker, std::move(found));
  }
  for (const std::string& group : needed.facts.groups) {
    std::function<Task<Result<std::set<PrincipalId>>>()> ask = [this, group] {
      return directory_.members(group);
    };
    auto members = co_await in_time<std::set<PrincipalId>>(std::move(ask));
    facts.groups.insert_or_assign(group, std::move(members));
  }
  for (const std::string& name : needed.facts.catalogs) {
    const auto catalog = basis_.catalogs.find(name);
    if (catalog == basis_.catalogs.end()) continue;  // not known whether anything of it exists
    std::function<Task<Result<std::set<std::string>>>()> ask = [it = catalog->second] { return it->list(); };
    auto names = co_await in_time<std::set<std::string>>(std::move(ask));
    facts.catalogs.insert_or_assign(name, std::move(names));
  }
  co_return facts;
}

Task<Result<void>> StartLoop::apply(PrincipalId who, std::shared_ptr<const Policy> policy, Facts facts,
                                    Time listed) {
  const auto person = facts.person(who);
  Millis pause{0};
  if (person) {
    failures_.erase(who);
  } else {
    constexpr std::uint64_t k_grain = 1000;
    const double jitter = static_cast<double>(random_.below(k_grain)) / static_cast<double>(k_grain);
    pause = std::min(back_off(failures_[who]++, jitter), k_longest_pause);
    spdlog::warn("event=start_waits principal={} why=\"{}\"", to_string(who), person.error().message);
  }
  std::function<Result<void>(Recorder&)> work = [who, pause, policy, terms_of = basis_.terms_of, person,
                                                 listed,
                                                 facts = std::move(facts)](Recorder& record) -> Result<void> {
    if (!person) {
      look_again(record, who, record.now() + pause);
    } else if (person->deactivated) {
      end_all(record, who);
    } else if (!is_in_force(record.tx(), *policy)) {
      look_again(record, who, record.now());
    } else {
      take_lists(record, who, facts, listed);
      start_each(record, *person, terms_of, *policy, facts);
    }
    return {};
  };
  co_return co_await record(ports_, std::move(work));
}

}  // namespace jitbot

#include "bot/app/policy_keeper.hpp"

#include "bot/app/parts.hpp"
#include "bot/cards/clean.hpp"
#include "bot/policy/words_of.hpp"
#include "bot/record/policy_in_force.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace jitbot {

namespace {

constexpr const char* k_refused = "policy_refused";  // meta: what was told last, and when
constexpr Millis k_told_again = 10min;
constexpr std::size_t k_most_audited = 20;
constexpr std::size_t k_most_told = 5;
constexpr std::size_t k_most_characters = 300;  // of one problem

nlohmann::json first_of(const std::vector<PolicyProblem>& problems, std::size_t most) {
  auto list = nlohmann::json::array();
  for (const PolicyProblem& problem : problems) {
    if (list.size() == most) break;
    list.push_back(one_line(words_of(problem), k_most_characters));
  }
  return list;
}

nlohmann::json described(const Policy& policy) {
  nlohmann::json detail{{"digest", policy.digest}};
  if (policy.commit.id.empty()) return detail;
  detail["commit"] = policy.commit.id;
  detail["changed"] = policy.commit.changed ? 1 : 0;
  return detail;
}

void keep_documents(Recorder& record, const Policy& policy) {
  if (!record.tx().has_policy(policy.digest))
    record.tx().put_policy(policy.digest, policy.documents, record.now());
}

// Another policy may mean other channels by the same names; see ChannelBook. And other people.
void forget_meanings(Recorder& record) {
  record.tx().forget_channels();
  record.nudge({.what = NudgeTask::What::voters});
  record.nudge({.what = NudgeTask::What::channels});
}

void put(Recorder& record, const Policy& policy, const PrincipalId& by) {
  keep_documents(record, policy);
  const auto before = recorded_policy(record.tx());
  PolicyRecord now{policy.digest, policy.commit, record.now(), by};
  if (before && before->digest == policy.digest) {
    now.since = before->since;
    now.by = before->by;
  } else {
    forget_meanings(record);
  }
  record_policy(record.tx(), now);
}

// What still has to be ended needs its connector, whatever the policy says by then.
std::vector<PolicyProblem> without_connector(Tx& tx, const Config& config) {
  std::set<std::string> missing;
  for (const Entitlement& it : tx.entitlements_not_at_rest()) {
    if (!config.connectors.contains(it.key.connector)) missing.insert(it.key.connector);
  }
  std::vector<PolicyProblem> problems;
  for (const std::string& name : missing) {
    PolicyProblem problem;
    problem.where = {config.file.string(), 1, 1};
    problem.key = "connectors";
    problem.message = fmt::format(
        "{} is missing, and access that it gave is not ended: put it back and start again, or give up on it "
        "with /jit debt abandon",
        name);
    problems.push_back(std::move(problem));
  }
  return problems;
}

// Whether these problems are news: the same ones, looked at again and again, are told once in a while.
bool is_news(Recorder& record, const std::string& what) {
  const auto last = nlohmann::json::parse(record.tx().meta(k_refused).value_or("{}"), nullptr, false);
  const bool same = last.is_object() && last.value("what", "") == what;
  const Time told = time_from_ms(same ? last.value("at", std::int64_t{0}) : 0);
  if (same && record.now() - told < k_told_again) return false;
  record.tx().put_meta(k_refused, nlohmann::json{{"what", what}, {"at", to_ms(record.now())}}.dump());
  return true;
}

void tell_refused(Recorder& record, const PolicyLooked& looked) {
  const std::string what = sha256_hex(first_of(looked.problems, looked.problems.size()).dump());
  if (!is_news(record, what)) return;
  nlohmann::json args{{"problems", first_of(looked.problems, k_most_told)},
                      {"in_force", looked.before->digest}};
  if (looked.problems.size() > k_most_told) args["more"] = looked.problems.size() - k_most_told;
  record.notice_admins(NoticeKind::policy_refused,
                       fmt::format("policy/refused/{}/{}", what, to_ms(record.now())), {}, args);
}

}  // namespace

PolicyKeeper::PolicyKeeper(Ports ports, Desk& desk) : ports_(std::move(ports)), desk_(desk) {}

Task<Result<void>> PolicyKeeper::start(std::string restored) const {
  std::function<Result<void>(Recorder&)> work = [policy = ports_.in_force.now(),
                                                 restored](Recorder& record) -> Result<void> {
    put(record, *policy, system_principal("app"));
    auto detail = described(*policy);
    detail["version"] = k_version;
    record.audit(system_principal("app"), "app.started", "policy", detail);
    if (!restored.empty()) {
      record.tx().put_meta(k_restore_pending, restored);
      record.audit(system_principal("app"), "restore.accepted", "store", {{"why", restored}});
    }
    return {};
  };
  auto kept = co_await record(ports_.loop, std::move(work));
  const auto policy = ports_.in_force.now();
  if (kept) {
    spdlog::info("event=policy_in_force digest={} commit=\"{}\" rules={}", policy->digest,
                 to_string(policy->commit), policy->rules.size());
  }
  co_return kept;
}

Task<PolicyLooked> PolicyKeeper::look() {
  PolicyLooked looked;
  looked.before = ports_.in_force.now();
  std::string failure;
  ++reading_;
  co_await boost::asio::post(ports_.disk, boost::asio::use_awaitable);
  try {
    auto found = policy_of_folder(ports_.config, ports_.tests);
    if (found) {
      looked.fresh = std::move(*found);
    } else {
      looked.problems = std::move(found).error();
    }
  } catch (const std::exception& bug) {
    failure = bug.what();
  }
  co_await boost::asio::post(ports_.loop.executor, boost::asio::use_awaitable);
  --reading_;
  if (!failure.empty()) throw std::runtime_error(failure);
  co_return looked;
}

Task<void> PolicyKeeper::take_turn() {
  while (busy_) {
    const std::shared_ptr<Timer> timer = ports_.loop.clock.clock().make_timer();
    waiting_.push_back(timer);
    co_await timer->wait(1h);
    std::erase(waiting_, timer);
  }
  busy_ = true;
}

void PolicyKeeper::end_turn() {
  busy_ = false;
  if (!waiting_.empty()) waiting_.front()->poke();
}

Task<Result<PolicyLooked>> PolicyKeeper::reload(PrincipalId by) {
  co_await take_turn();
  std::exception_ptr bug;
  Result<PolicyLooked> done;
  try {
    done = co_await reload_now(std::move(by));
  } catch (...) {
    bug = std::current_exception();
  }
  end_turn();
  if (bug) std::rethrow_exception(bug);
  co_return done;
}

Task<Result<PolicyLooked>> PolicyKeeper::reload_now(PrincipalId by) {
  auto looked = co_await look();
  if (looked.problems.empty()) {
    auto put = co_await put_in_force(looked, by);
    if (!put) co_return tl::unexpected<Error>(put.error());
    looked.problems = std::move(*put);
  }
  if (!looked.problems.empty()) {
    auto refused = co_await refuse(looked, by);
    if (!refused) co_return tl::unexpected<Error>(refused.error());
  }
  co_return looked;
}

Task<Result<std::vector<PolicyProblem>>> PolicyKeeper::put_in_force(PolicyLooked looked, PrincipalId by) {
  const auto& [_, fresh, before] = looked;
  const bool same = before->digest == fresh->digest;
  auto problems = std::make_shared<std::vector<PolicyProblem>>();
  std::function<Result<void>(Recorder&)> work = [by, same, fresh, before, problems,
                                                 &config = ports_.config](Recorder& record) -> Result<void> {
    *problems = without_connector(record.tx(), config);
    if (!problems->empty()) return {};
    put(record, *fresh, by);
    record.tx().put_meta(k_refused, "{}");
    if (same && fresh->commit == before->commit) return {};
    auto detail = described(*fresh);
    detail["from"] = before->digest;
    record.audit(by, "policy.loaded", "policy", detail);
    return {};
  };
  auto done = co_await record(ports_.loop, std::move(work));
  if (!done) co_return tl::unexpected<Error>(done.error());
  if (!problems->empty() || (same && fresh->commit == before->commit)) co_return std::move(*problems);
  ports_.in_force.replace(fresh);
  desk_.use(fresh);
  spdlog::info("event=policy_loaded digest={} commit=\"{}\" from={} by={} rules={}", fresh->digest,
               to_string(fresh->commit), before->digest, to_string(by), fresh->rules.size());
  co_return std::vector<PolicyProblem>();
}

Task<Result<void>> PolicyKeeper::refuse(PolicyLooked looked, PrincipalId by) const {
  spdlog::error("event=policy_refused by={} in_force={} problems={} first=\"{}\"", to_string(by),
                looked.before->digest, looked.problems.size(), to_string(looked.problems.front()));
  std::function<Result<void>(Recorder&)> work = [by, looked](Recorder& record) -> Result<void> {
    record.audit(by, "policy.refused", "policy",
                 {{"in_force", looked.before->digest},
                  {"problems", first_of(looked.problems, k_most_audited)},
                  {"count", looked.problems.size()}});
    tell_refused(record, looked);
    return {};
  };
  co_return co_await record(ports_.loop, std::move(work));
}

}  // namespace jitbot

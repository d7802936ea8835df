#include "bot/desk/desk.hpp"

#include "bot/desk/form_check.hpp"
#include "bot/desk/home.hpp"
#include "bot/desk/identity.hpp"
#include "bot/desk/state.hpp"
#include "bot/desk/suggest.hpp"
#include "bot/desk/unfinished.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <utility>

namespace jitbot {

struct Desk::Shared {
  SharedDesk state;  // under the policy in force
};

namespace {

using Present = std::function<SharedDesk()>;

constexpr Millis k_stale = 10min;
constexpr int k_tries = 5;

// By the wall clock, which is what `at` was read from: effective time may be ahead of it for long.
bool is_stale(const DeskState& desk, const Job& job, const Intent& intent) {
  return starts_access(intent) && desk.ports.clock.clock().now() - job.inbound.at > k_stale;
}

Result<Intent> understand(const Inbound& inbound) {
  if (const auto* said = std::get_if<Said>(&inbound.what)) return parse_command(said->text);
  if (const auto* form = std::get_if<Submitted>(&inbound.what)) return intent_of(*form);
  return intent_of(std::get<Clicked>(inbound.what));
}

// What an event of the directory tells is said by nobody.
bool is_by_somebody(const Inbound& inbound) {
  return std::holds_alternative<Said>(inbound.what) || std::holds_alternative<Clicked>(inbound.what) ||
         std::holds_alternative<Submitted>(inbound.what);
}

// Whoever could be told from nobody may say who he is.
bool may_mend(const Barred& barred, const Result<Intent>& intent) {
  return barred.remedy == Barred::Remedy::link && intent && std::holds_alternative<LinkIntent>(*intent);
}

Task<Result<Answered>> refuse_account(SharedDesk desk, Job job, Barred barred) {
  const std::string about = to_string(job.account);
  Conclusion work = [who = job.from(), about, barred](Recorder& record) {
    record.audit(who, "principal.refused", about,
                 {{"why", barred.why.message}, {"kind", to_string(barred.why.kind)}});
    if (!barred.conflict.empty()) {
      record.notice_admins(NoticeKind::identity_conflict, "identity/" + about + "/" + barred.conflict, {},
                           {{"detail", barred.conflict}});
    }
    return say(barred.why);
  };
  co_return co_await conclude(std::move(desk), std::move(job), std::move(work));
}

Task<Result<Answered>> dispatch_intent(SharedDesk desk, Job job, std::optional<Barred> barred) {
  auto intent = understand(job.inbound);
  if (barred && !may_mend(*barred, intent))
    co_return co_await refuse_account(std::move(desk), std::move(job), std::move(*barred));
  if (!intent) {
    auto answer = say(intent.error());
    co_return co_await conclude_with(std::move(desk), std::move(job), std::move(answer));
  }
  if (is_stale(*desk, job, *intent)) {
    auto error = Error{ErrorKind::refused, "I was away; ask again", {}};
    co_return co_await refuse(std::move(desk), std::move(job), "inbound.stale", "inbox", std::move(error));
  }
  auto task = std::visit([&](auto& what) { return handle(desk, job, std::move(what)); }, *intent);
  co_return co_await std::move(task);
}

Task<Result<Answered>> dispatch(SharedDesk desk, Job job) {
  std::optional<Barred> barred;
  if (is_by_somebody(job.inbound)) barred = co_await recognise(desk, job.account);
  job.inbound = said_by_people(std::move(job.inbound), desk->ports.aliases);
  if (auto* person = std::get_if<PersonChanged>(&job.inbound.what)) {
    auto what = *person;
    co_return co_await handle(std::move(desk), std::move(job), std::move(what));
  }
  if (auto* group = std::get_if<GroupChanged>(&job.inbound.what)) {
    auto what = *group;
    co_return co_await handle(std::move(desk), std::move(job), std::move(what));
  }
  if (auto* channel = std::get_if<ChannelChanged>(&job.inbound.what)) {
    auto what = *channel;
    co_return co_await handle(std::move(desk), std::move(job), std::move(what));
  }
  co_return co_await dispatch_intent(std::move(desk), std::move(job), std::move(barred));
}

Task<Result<Answered>> try_once(Present present, Job job) {
  try {
    constexpr int k_rounds = 8;  // the state can overtake the facts only so often
    for (int round = 0; round < k_rounds; ++round) {
      auto answered = co_await dispatch(present(), job);
      if (!answered || answered->how != Answered::How::again) co_return answered;
    }
    co_return fail(ErrorKind::internal, "the state changed faster than it could be read");
  } catch (const boost::system::system_error&) {
    throw;  // the loop is being stopped
  } catch (const std::exception& bug) {
    co_return fail(ErrorKind::internal, "something went wrong here", bug.what());
  }
}

// A row that fails five times is parked, answered, audited and told; it never stops the others.
Task<void> park(SharedDesk desk, Job job, Error why) {
  const std::string key = job.row.key;
  const Time now = desk->ports.clock.now();
  const std::string detail = why.message + (why.detail.empty() ? "" : ": " + why.detail);
  Store::Work run = [desk, now, detail, row = job.row](Tx& tx) -> Result<void> {
    Recorder record(tx, desk->settings.record, now);
    InboxRow parked = row;
    parked.outcome = "parked";
    parked.failures = k_tries;
    tx.put(parked);
    record.audit(system_principal("desk"), "inbound.parked", "inbox", {{"key", row.key}, {"why", detail}});
    record.notice_admins(NoticeKind::inbox_parked, "parked/" + row.key, {},
                         {{"key", row.key}, {"detail", detail}});
    return {};
  };
  auto done = co_await desk->ports.store.write(std::move(run));
  if (!done) spdlog::error("event=park_failed key={} error=\"{}\"", key, done.error().detail);
}

Task<void> count_failure(SharedDesk desk, Job job) {
  Store::Work run = [row = job.row](Tx& tx) -> Result<void> {
    tx.put(row);
    return {};
  };
  (void)co_await desk->ports.store.write(std::move(run));
}

Task<void> tell(SharedDesk desk, Job job, Card card) {
  auto told = co_await desk->ports.chat.answer(job.inbound, std::move(card));
  if (!told) {
    spdlog::warn("event=answer_lost key={} kind={} detail=\"{}\"", job.row.key, to_string(told.error().kind),
                 told.error().detail);
  }
}

Task<void> work_on(Present present, Job job) {
  const SharedDesk desk = present();  // for what no rule decides
  auto timer = desk->ports.clock.clock().make_timer();
  for (;;) {
    auto answered = co_await try_once(present, job);
    if (answered) {
      if (answered->how == Answered::How::say) co_await tell(desk, job, std::move(answered->card));
      co_return;
    }
    ++job.row.failures;
    spdlog::error("event=inbound_failed key={} failures={} kind={} error=\"{}\" detail=\"{}\"", job.row.key,
                  job.row.failures, to_string(answered.error().kind), answered.error().message,
                  answered.error().detail);
    if (job.row.failures >= k_tries) {
      co_await park(desk, job, answered.error());
      auto card = answer("I could not do that, five times; the administrators were told");
      co_await tell(desk, job, std::move(card));
      co_return;
    }
    co_await count_failure(desk, job);
    co_await timer->wait(back_off(job.row.failures - 1, 1.0));
  }
}

Task<void> guarded(Present present, Job job) {
  const SharedDesk desk = present();
  try {
    co_await work_on(present, std::move(job));
  } catch (const std::exception& stop) {
    spdlog::debug("event=inbound_interrupted detail=\"{}\"", stop.what());
  }
  finished(*desk);
}

// Looking counts too: the store stays open for it.
class AtWork {
 public:
  explicit AtWork(SharedDesk desk) : desk_(std::move(desk)) { begun(*desk_); }
  ~AtWork() { finished(*desk_); }
  AtWork(const AtWork&) = delete;
  AtWork& operator=(const AtWork&) = delete;

 private:
  SharedDesk desk_;
};

Task<Result<void>> read_links(SharedDesk desk) {
  std::function<Result<std::vector<AccountLink>>(Tx&)> ask = [](Tx& tx) -> Result<std::vector<AccountLink>> {
    return tx.account_links();
  };
  auto links = co_await query<std::vector<AccountLink>>(desk->ports.store, std::move(ask));
  if (!links) co_return tl::unexpected<Error>(links.error());
  for (const AccountLink& link : *links) desk->ports.aliases.add(link.account, link.person);
  co_return Result<void>();
}

void start(const Present& present, Job job) {
  const SharedDesk desk = present();
  begun(*desk);
  boost::asio::co_spawn(desk->ports.executor, guarded(present, std::move(job)), boost::asio::detached);
}

}  // namespace

Desk::Desk(Ports ports, DeskSettings settings, std::shared_ptr<const Policy> policy)
    : shared_(std::make_shared<Shared>()) {
  shared_->state = std::make_shared<DeskState>(ports, std::move(settings), std::move(policy),
                                               std::make_shared<DeskMemory>());
}

Desk::~Desk() = default;

void Desk::use(std::shared_ptr<const Policy> policy) {
  const DeskState& before = *shared_->state;
  shared_->state =
      std::make_shared<DeskState>(before.ports, before.settings, std::move(policy), before.memory);
}

Task<Result<void>> Desk::accept(Inbound inbound) {
  auto desk = shared_->state;
  InboxRow row;
  row.key = inbound.key;
  row.received = desk->ports.clock.now();
  row.payload = to_json(inbound).dump();
  std::function<Result<std::optional<InboxRow>>(Tx&)> work =
      [row](Tx& tx) -> Result<std::optional<InboxRow>> {
    if (!tx.add_inbox(row)) return std::optional<InboxRow>();
    return tx.inbox(row.key);
  };
  auto taken = co_await transact<std::optional<InboxRow>>(desk->ports.store, std::move(work));
  if (!taken) co_return tl::unexpected<Error>(taken.error());
  if (*taken)
    start([shared = shared_] { return shared->state; }, Job{std::move(**taken), std::move(inbound)});
  co_return Result<void>();
}

Task<Result<void>> Desk::find_unfinished() {
  auto desk = shared_->state;
  constexpr int k_most = 100'000;
  std::function<Result<std::vector<InboxRow>>(Tx&)> work = [](Tx& tx) -> Result<std::vector<InboxRow>> {
    return tx.unfinished_inbox(k_most);
  };
  auto rows = co_await query<std::vector<InboxRow>>(desk->ports.store, std::move(work));
  if (!rows) co_return tl::unexpected<Error>(rows.error());
  desk->memory->unfinished = std::move(*rows);
  co_return co_await read_links(desk);
}

Task<void> Desk::go_on(std::string chat) {
  auto desk = shared_->state;
  auto ready = take_unfinished(*desk, std::move(chat));
  for (Unfinished& one : ready) {
    if (one.inbound) {
      start([shared = shared_] { return shared->state; }, Job{std::move(one.row), std::move(*one.inbound)});
      continue;
    }
    Job job{std::move(one.row), {}};
    auto why = one.inbound.error();
    co_await park(desk, std::move(job), std::move(why));
  }
}

void Desk::on_channel_changed(std::function<void(const std::string&)> forget) {
  shared_->state->memory->channel_changed = std::move(forget);
}

void Desk::hold_grants(std::string why) {
  shared_->state->memory->held.set(std::move(why));
}

Task<void> Desk::drain() {
  auto desk = shared_->state;
  auto& waiting = desk->memory->waiting_for_quiet;
  while (desk->memory->working > 0) {
    waiting.push_back(desk->ports.clock.clock().make_timer());
    Timer& quiet = *waiting.back();
    co_await quiet.wait(1h);
  }
  waiting.clear();
}

std::optional<Form> Desk::form_for(const Inbound& inbound) const {
  return form_that_opens(*shared_->state, inbound);
}

Task<std::vector<FieldProblem>> Desk::check(Inbound inbound) {
  const AtWork work(shared_->state);
  co_return co_await form_problems(shared_->state, std::move(inbound));
}

Task<std::vector<Choice>> Desk::suggest(PrincipalId who, std::string field, std::string typed) {
  const AtWork work(shared_->state);
  co_return co_await choices_for(shared_->state, std::move(who), std::move(field), std::move(typed));
}

Task<std::optional<Form>> Desk::reshape(PrincipalId who, Submitted so_far) {
  const AtWork work(shared_->state);
  co_return co_await next_shape(shared_->state, std::move(who), std::move(so_far));
}

Task<Result<Home>> Desk::home(PrincipalId who) {
  const AtWork work(shared_->state);
  co_return co_await home_for(shared_->state, std::move(who));
}

}  // namespace jitbot

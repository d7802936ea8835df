#include "tests/bench/seed.hpp"

#include "bot/workflow/ask.hpp"
#include "store/sqlite_store.hpp"
#include "tests/bench/rig.hpp"

#include <fmt/format.h>

#include <sqlite3.h>
#include <stdexcept>

namespace jitbot::bench {

namespace {

constexpr int k_people_with_grants = 25'000;
constexpr int k_in_one_transaction = 2000;

Asked asked_by(int number, const Policy& policy, Time now) {
  const PrincipalId who = person_id(number % k_people_with_grants);
  Asked asked;
  asked.asker = who;
  asked.beneficiary = who;
  asked.beneficiary_email = email_of(who);
  asked.account = asked.beneficiary_email;
  asked.resource = fmt::format("r{}", number / k_people_with_grants);
  asked.role = "user";
  asked.connector = "door";
  asked.params = {{"door", asked.resource}};
  asked.duration = 24h;
  asked.reason = fmt::format("look at the queue of ticket {}", number);
  asked.rule = "everybody";
  for (const RuleStep& step : policy.rules.front().steps) asked.steps.push_back(step);
  asked.owners = policy.resources.begin()->second.owners;
  asked.post_to = {"#approvals"};
  asked.pending_timeout = 4h;
  asked.policy_digest = policy.digest;
  asked.explanation = {"rule everybody: the first that fits"};
  asked.asked_at = now;
  return asked;
}

void add_cards(Tx& tx, const Request& request, int number, Time now) {
  CardRow card;
  card.subject = request.id;
  card.wanted = card.shown = 3;
  card.next_at = now;
  card.place.channel = "Capprovals";
  card.message = MessageRef{"Capprovals", fmt::format("s{}", number)};
  tx.add(card);
  card.face = CardRow::Face::requester;
  card.place = Place{{}, {}, request.asked.beneficiary};
  card.message = MessageRef{"D" + request.asked.beneficiary.user, fmt::format("s{}", number)};
  tx.add(card);
}

void add_grant(Tx& tx, const Policy& policy, int number, Time now) {
  constexpr unsigned k_digits = 6;
  Request request = make_request(asked_by(number, policy, now),
                                 make_request_id(static_cast<std::uint64_t>(number), k_digits), {});
  request.state = RequestState::approved;
  request.decided_at = now;
  request.decided_by = approver_id(0);
  tx.put(request);
  Grant grant = make_grant(request, EntitlementId{}, now);
  grant.state = GrantState::active;
  grant.confirmed = now;
  Entitlement entitlement = new_entitlement(request.asked);
  entitlement.state = EntitlementState::ours;
  entitlement.present_started = true;
  entitlement.confirmed = true;
  entitlement.asked_until = grant.end();
  entitlement.last_present_returned = now;
  entitlement.next_token = 4;
  entitlement.next_call = Call::observe;
  entitlement.next_at = now + 24h;
  grant.entitlement = tx.add(entitlement);
  tx.put(grant);
  tx.set_due({grant.end(), DueKind::grant, grant.id.value});
  tx.set_due({entitlement.next_at, DueKind::call, std::to_string(grant.entitlement.value)});
  add_cards(tx, request, number, now);
}

void run_sql(sqlite3* database, const std::string& sql) {
  if (sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    throw std::runtime_error(sqlite3_errmsg(database));
}

}  // namespace

std::vector<std::string> seed_grants(const std::filesystem::path& folder, int grants) {
  const auto options = load_set_up(write_set_up(folder, SlackAddress{}));
  const Time now = std::chrono::floor<Millis>(std::chrono::system_clock::now());
  auto store = open_store(options.config.store.sqlite);
  if (!store) throw std::runtime_error(store.error().message);
  boost::asio::io_context loop;
  for (int first = 0; first < grants; first += k_in_one_transaction) {
    Store::Work work = [&, first](Tx& tx) -> Result<void> {
      for (int i = first; i < std::min(first + k_in_one_transaction, grants); ++i)
        add_grant(tx, *options.policy, i, now);
      return {};
    };
    boost::asio::co_spawn(loop, (*store)->write(std::move(work)),
                          [](const std::exception_ptr& bug, const Result<void>& done) {
                            if (bug) std::rethrow_exception(bug);
                            if (!done) throw std::runtime_error(done.error().detail);
                          });
  }
  loop.run();
  std::vector<std::string> ids;
  for (int i = 0; i < grants; ++i) ids.push_back(make_request_id(static_cast<std::uint64_t>(i), 6).value);
  return ids;
}

void move_ends(const std::filesystem::path& folder, const std::vector<std::string>& ids, Time first,
               Millis spread) {
  sqlite3* database = nullptr;
  sqlite3_open((folder / "jitbot.db").c_str(), &database);
  sqlite3_stmt* grants = nullptr;
  sqlite3_stmt* dues = nullptr;
  run_sql(database, "BEGIN");
  // Confirmed earlier, so that no warning is left.
  sqlite3_prepare_v2(database,
                     "UPDATE grants SET latest_end = ?1, confirmed = ?1 - duration, warned = 9 WHERE id = ?2",
                     -1, &grants, nullptr);
  sqlite3_prepare_v2(database, "UPDATE dues SET at = ?1 WHERE kind = 'grant' AND subject = ?2", -1, &dues,
                     nullptr);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto offset = spread * static_cast<std::int64_t>(i) / static_cast<std::int64_t>(ids.size());
    for (sqlite3_stmt* statement : {grants, dues}) {
      sqlite3_bind_int64(statement, 1, to_ms(first + offset));
      sqlite3_bind_text(statement, 2, ids[i].c_str(), -1, SQLITE_STATIC);
      if (sqlite3_step(statement) != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(database));
      sqlite3_reset(statement);
    }
  }
  sqlite3_finalize(grants);
  sqlite3_finalize(dues);
  run_sql(database, "COMMIT");
  sqlite3_close(database);
}

}  // namespace jitbot::bench

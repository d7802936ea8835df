#include "bot/workflow/ask.hpp"
#include "tests/support/seeded_random.hpp"
#include "tests/unit/record/record_office.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <set>

// Days of work at random. After each transaction the store is compared with what it was.
namespace jitbot::testing {

namespace {

const std::vector<std::string> k_people{"bea", "cleo", "stranger"};
const std::vector<std::string> k_voters{"lena", "leo", "lia", "sam", "sid", "bea", "guest"};

class Walk {
 public:
  explicit Walk(std::uint64_t seed) : random_(seed) {}

  void step() {
    const auto before = office_.dump();
    const auto audits = office_.audit_count();
    act();
    const auto after = office_.dump();
    check_audited(before, after, audits);
    check_dues();
    check_cards();
  }

  int changes() const { return changes_; }
  const std::set<std::string>& seen() const { return seen_; }

 private:
  template <class T>
  const T& one_of(const std::vector<T>& all) {
    return all[random_.below(all.size())];
  }

  void act() {
    switch (random_.below(14)) {
      case 0:
        return ask();
      case 1:
      case 2:
      case 3:
        return vote();
      case 4:
        return extend();
      case 5:
        return end();
      case 6:
        return pass(Millis(1min) * static_cast<int>(random_.below(20)));
      case 7:
        return random_.below(5) == 0 ? deactivate() : pass(Millis(1s) * static_cast<int>(random_.below(90)));
      case 8:
        return random_.below(12) == 0 ? give_up() : undo();
      default:
        return call();
    }
  }

  void ask() {
    const std::string who = one_of(k_people);
    const bool pending = office_.read([&](Tx& tx) {
      return std::ranges::any_of(tx.pending_of(id_of(who)), [](const Request& request) {
        return request.asked.kind == RequestKind::access;
      });
    });
    if (pending) return;
    const std::string id = fmt::format("R{:03}", ++asked_);
    const Millis duration = Millis(1min) * static_cast<int>(5 + random_.below(60));
    std::optional<Time> start;
    if (random_.below(4) == 0) start = office_.now + Millis(1min) * static_cast<int>(1 + random_.below(30));
    office_.ask(id, who, random_.below(2) == 0, duration, start);
  }

  void vote() {
    const auto pending = office_.read([](Tx& tx) { return tx.pending_requests(); });
    if (pending.empty()) return;
    const auto events = std::vector<RequestEvent>{
        RequestEvent::approve, RequestEvent::approve,  RequestEvent::approve, RequestEvent::approve,
        RequestEvent::deny,    RequestEvent::withdraw, RequestEvent::cancel};
    const std::string reason = random_.below(2) == 0 ? "" : "because";
    Facts facts = all_facts();
    if (random_.below(4) == 0) facts.groups.at(std::string(k_security))->erase(id_of("sam"));
    office_.act(one_of(pending).id, one_of(k_voters), one_of(events), reason, facts);
  }

  void extend() {
    const auto live = office_.read([](Tx& tx) { return tx.live_grants(); });
    if (live.empty()) return;
    const Grant grant = one_of(live);
    if (grant.state != GrantState::active) return;
    if (office_.read([&](Tx& tx) { return tx.pending_extension(grant.id); })) return;
    office_.ask_extension(fmt::format("R{:03}", ++asked_), grant.id,
                          Millis(1min) * static_cast<int>(1 + random_.below(30)), random_.below(2) == 0);
  }

  void end() {
    const auto live = office_.read([](Tx& tx) { return tx.live_grants(); });
    if (live.empty()) return;
    const auto events = std::vector<GrantEvent>{GrantEvent::done, GrantEvent::revoked};
    office_.grant_event(one_of(live).id, one_of(events));
  }

  // Time passes, and what is due is done as the time loop does it.
  void pass(Millis span) {
    office_.now += span;
    const auto due = office_.read([&](Tx& tx) {
      return tx.due_of({DueKind::request, DueKind::grant, DueKind::alarm, DueKind::start}, office_.now, 100);
    });
    office_.write([&](Recorder& record) {
      for (const Due& row : due) {
        if (row.kind == DueKind::request) record.settle_request(RequestId{row.subject});
        if (row.kind == DueKind::grant) record.settle_grant(RequestId{row.subject});
        if (row.kind == DueKind::start) record.start_grant(RequestId{row.subject});
        if (row.kind != DueKind::alarm) continue;
        const auto alarm =
            alarm_due(*record.tx().entitlement(EntitlementId{std::stoll(row.subject)}), record.now());
        for (const AuditEvent& happened : alarm.audit) record.tx().audit(happened);
        record.save(alarm.entitlement);
      }
    });
  }

  void deactivate() {
    office_.write([&](Recorder& record) { record.deactivate(id_of(one_of(k_people))); });
  }

  void give_up() {
    const auto open = office_.read([](Tx& tx) { return tx.entitlements_not_at_rest(); });
    if (open.empty()) return;
    const EntitlementId id = one_of(open).id;
    office_.write([&](Recorder& record) {
      const auto access = record.access(id);
      const auto outcome = abandon(access->entitlement, id_of("lena"), "scrap", record.now());
      record.save(entitlement_event(*access, outcome, record.now()));
    });
  }

  // A transaction that fails leaves the store as it was, audit included.
  void undo() {
    const auto before = office_.dump();
    const auto audits = office_.audit_count();
    office_.write_and_fail([&](Recorder& record) {
      for (const std::string& who : k_people) record.deactivate(id_of(who));
      for (const Grant& grant : record.tx().live_grants()) record.settle_grant(grant.id);
    });
    CHECK(office_.dump() == before);
    CHECK(office_.audit_count() == audits);
  }

  void call() {
    const auto open = office_.read([](Tx& tx) { return tx.entitlements_not_at_rest(); });
    if (open.empty()) return;
    const Entitlement it = one_of(open);
    if (it.state == EntitlementState::standing) return;
    office_.now = std::max(office_.now, it.next_at);
    const bool settled_to_rest = [&] {
      office_.write([&](Recorder& record) { record.save(settle(*record.access(it.id), record.now())); });
      const auto state = office_.entitlement(it.id).state;
      return state == EntitlementState::rest || state == EntitlementState::standing;
    }();
    if (settled_to_rest) return;
    const auto presences = std::vector<Presence>{Presence::present, Presence::absent, Presence::unknown,
                                                 Presence::present, Presence::absent, Presence::gone};
    // Mostly the truth, so that stories go on.
    const bool wanted = it.state == EntitlementState::ours;
    const auto likely = wanted ? Presence::present : Presence::absent;
    Result<void> result;
    if (random_.below(4) == 0) result = fail(ErrorKind::outcome_unknown, "connection lost");
    if (random_.below(12) == 0) result = fail(ErrorKind::refused, "not you");
    office_.call(it.id, random_.below(3) > 0 ? likely : one_of(presences), result);
  }

  // Each request, vote, grant and entitlement whose state changed is the subject of an event written with it.
  void check_audited(const StateDump& before, const StateDump& after, std::int64_t audits) {
    const auto subjects = office_.audit_subjects(audits);
    std::set<std::string> told(subjects.begin(), subjects.end());
    for (const auto& [key, row] : after) {
      const auto old = before.find(key);
      if (old != before.end() && old->second == row) continue;
      const std::string table = key.substr(0, key.find('/'));
      std::string id = key.substr(key.find('/') + 1);
      if (table == "votes") id = id.substr(0, id.find('/'));
      if (table == "requests" || table == "grants" || table == "votes") {
        ++changes_;
        CAPTURE(key, row);
        CHECK(told.contains("JIT-" + id));
      }
      if (table == "entitlements") {
        const auto state = office_.entitlement(EntitlementId{std::stoll(id)}).state;
        seen_.insert(std::string(to_string(state)));
        const bool changed = states_[id] != state;
        states_[id] = state;
        CAPTURE(key, row);
        if (changed) CHECK(told.contains("entitlement:" + id));
      }
    }
    for (const auto& [key, row] : before) {
      // Nothing that was asked, granted or voted is ever deleted.
      if (!key.starts_with("dues/")) CHECK(after.contains(key));
    }
  }

  // What must happen by itself has its due time, and nothing else has.
  void check_dues() {
    std::set<std::string> wanted;
    for (const Request& request : office_.read([](Tx& tx) { return tx.pending_requests(); })) {
      wanted.insert("request " + request.id.value + " " + std::to_string(to_ms(request.times_out_at)));
    }
    for (const Grant& grant : office_.read([](Tx& tx) { return tx.live_grants(); })) {
      if (const auto at = next_due(grant))
        wanted.insert("grant " + grant.id.value + " " + std::to_string(to_ms(*at)));
      if (grant.state == GrantState::scheduled)
        wanted.insert("start " + grant.id.value + " " + std::to_string(to_ms(grant.start())));
    }
    std::set<std::string> open;
    for (const Entitlement& it : office_.read([](Tx& tx) { return tx.entitlements_not_at_rest(); })) {
      const std::string id = std::to_string(it.id.value);
      if (it.state != EntitlementState::standing)
        wanted.insert("call " + id + " " + std::to_string(to_ms(it.next_at)));
      if (const auto at = next_alarm(it)) wanted.insert("alarm " + id + " " + std::to_string(to_ms(*at)));
    }
    std::set<std::string> there;
    const std::vector<DueKind> kinds{DueKind::request, DueKind::grant, DueKind::call, DueKind::alarm,
                                     DueKind::start};
    for (const Due& due :
         office_.read([&](Tx& tx) { return tx.due_of(kinds, office_.now + 365 * 24h, 10'000); })) {
      there.insert(fmt::format("{} {} {}", to_string(due.kind), due.subject, to_ms(due.at)));
    }
    CHECK(there == wanted);
  }

  void check_cards() {
    for (int i = 1; i <= asked_; ++i) CHECK_FALSE(office_.cards(RequestId{fmt::format("R{:03}", i)}).empty());
  }

  RecordOffice office_;
  SeededRandom random_;
  std::map<std::string, EntitlementState> states_;
  std::set<std::string> seen_;
  int asked_ = 0;
  int changes_ = 0;
};

}  // namespace

TEST_CASE("every change of state has its audit event in the same transaction, over days of random work") {
  std::set<std::string> seen;
  int changes = 0;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    CAPTURE(seed);
    Walk walk(seed);
    for (int i = 0; i < 220; ++i) walk.step();
    changes += walk.changes();
    seen.insert(walk.seen().begin(), walk.seen().end());
  }
  CHECK(changes > 300);
  for (const EntitlementState state :
       {EntitlementState::rest, EntitlementState::baseline, EntitlementState::ours,
        EntitlementState::removing, EntitlementState::settling}) {
    CAPTURE(to_string(state));
    CHECK(seen.contains(std::string(to_string(state))));
  }
}

}  // namespace jitbot::testing

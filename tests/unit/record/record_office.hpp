#pragma once

#include "bot/record/record.hpp"
#include "tests/unit/store/store_fixture.hpp"
#include "tests/unit/workflow/people.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace jitbot::testing {

// What there is, as SQL sees it: table and key → the row. Without the audit chain.
using StateDump = std::map<std::string, std::string>;

// A Recorder over a real store, its time told by hand, and a target that answers what the test says.
class RecordOffice {
 public:
  Time now = k_start;

  // One transaction; the second one fails after `work`, so nothing of it may stay.
  void write(const std::function<void(Recorder&)>& work);
  void write_and_fail(const std::function<void(Recorder&)>& work);
  template <class Ask>
  auto read(Ask ask) {
    return store_.read(std::move(ask));
  }

  // Asked by `who` for himself; two of leads and one of security, or nobody.
  RequestId ask(const std::string& id, const std::string& who, bool automatic = false, Millis duration = 1h,
                std::optional<Time> start = {});
  RequestId ask_extension(const std::string& id, const RequestId& grant, Millis by, bool automatic = false);
  RequestOutcome act(const RequestId& id, const std::string& who, RequestEvent event,
                     const std::string& reason = "", const Facts& facts = all_facts());
  void approve_all(const RequestId& id);
  void grant_event(const RequestId& id, GrantEvent event, const std::string& who = "bea");

  // The next call of the entitlement, leased in one transaction, its outcome recorded in another.
  void call(EntitlementId id, Presence presence, const Result<void>& result = {});
  void activate(EntitlementId id);  // baseline, present, seen
  void remove(EntitlementId id);    // absent, seen absent

  Request request(const RequestId& id);
  Grant grant(const RequestId& id);
  Entitlement entitlement(EntitlementId id);
  std::vector<CardRow> cards(const RequestId& id);
  std::vector<NoticeRow> notices();  // all that wait, in order
  std::vector<std::string> notice_keys();
  std::vector<std::string> actions(const std::string& subject);  // of the audit, oldest first
  std::optional<Time> due(DueKind kind, const std::string& subject);

  StateDump dump();
  std::vector<std::string> audit_subjects(std::int64_t after);  // of events with a larger sequence
  std::int64_t audit_count();
  StoreFixture& store() { return store_; }

 private:
  Result<void> run(const std::function<void(Recorder&)>& work, const Result<void>& end);

  StoreFixture store_;
  RecordSettings settings_{"#jit-admins"};
};

}  // namespace jitbot::testing

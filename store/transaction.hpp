#pragma once

#include "bot/ports/store.hpp"
#include "store/audit_chain.hpp"
#include "store/commit_news.hpp"
#include "store/driver.hpp"
#include "store/row_memory.hpp"

#include <optional>
#include <string>
#include <vector>

namespace jitbot::store {

// Tx over a driver. The members live with their aggregate: requests.cpp, grants.cpp, entitlements.cpp,
// dues.cpp, inbox.cpp, cards.cpp, notices.cpp, people.cpp, audit.cpp. Whoever makes one begins and ends the
// transaction.
class Transaction : public Tx {
 public:
  // `chain` is moved on by audit(); null: this transaction only reads. `memory` is of this connection.
  Transaction(Driver& driver, ChainEnd* chain, RowMemory& memory)
      : driver_(driver), chain_(chain), memory_(memory) {}

  const CommitNews& news() const { return news_; }

  std::optional<Request> request(const RequestId& id) override;
  void put(const Request& request) override;
  std::vector<Request> pending_requests() override;
  std::vector<Request> pending_of(const PrincipalId& beneficiary) override;
  std::optional<Request> pending_extension(const RequestId& grant) override;
  std::vector<Request> decided_requests(const Narrowed& to, Time since, int limit) override;
  std::vector<Vote> votes(const RequestId& id) override;
  void put(const Vote& vote) override;

  std::optional<Grant> grant(const RequestId& id) override;
  void put(const Grant& grant) override;
  std::vector<Grant> live_grants() override;
  std::vector<PrincipalId> people_with_grants() override;
  std::vector<Grant> live_grants_of(const PrincipalId& beneficiary) override;
  std::vector<Grant> newest_live_grants(const Narrowed& to, int limit) override;
  std::vector<Grant> live_grants_on(EntitlementId id) override;
  std::vector<PrincipalId> holders(const std::string& connector, const std::string& account) override;
  std::vector<Grant> live_grants_at(const std::string& resource, const std::string& account) override;

  std::optional<Entitlement> entitlement(EntitlementId id) override;
  std::optional<Entitlement> entitlement(const EntitlementKey& key) override;
  EntitlementId add(const Entitlement& entitlement) override;
  void put(const Entitlement& entitlement) override;
  std::vector<Entitlement> entitlements_not_at_rest() override;
  std::vector<Entitlement> leased_entitlements() override;
  std::vector<std::string> connectors_known() override;
  std::vector<Entitlement> entitlements_of(const std::string& connector) override;
  std::vector<Entitlement> overdue_entitlements() override;

  void set_due(const Due& due) override;
  void clear_due(DueKind kind, const std::string& subject) override;
  std::vector<Due> due_of(const std::vector<DueKind>& kinds, Time until, int limit) override;
  std::optional<Time> next_due_of(const std::vector<DueKind>& kinds) override;
  std::vector<CallDue> calls_due(Time until, int limit) override;

  bool add_inbox(const InboxRow& row) override;
  std::optional<InboxRow> inbox(const std::string& key) override;
  std::vector<InboxRow> unfinished_inbox(int limit) override;
  void put(const InboxRow& row) override;
  void purge_inbox(Time payloads_before, Time rows_before) override;

  std::vector<CardRow> cards(const RequestId& subject) override;
  void add(const CardRow& card) override;
  void put(const CardRow& card) override;
  void want_cards(const RequestId& subject) override;
  std::vector<CardRow> cards_to_send(Time now, int limit) override;
  std::optional<CardRow> card_at(const MessageRef& message) override;

  bool add(const NoticeRow& notice) override;
  void put(const NoticeRow& notice) override;
  void finish_notice(std::int64_t id) override;
  std::vector<NoticeRow> notices_to_send(Time now, int limit) override;
  std::optional<Time> next_message() override;

  std::optional<Binding> binding(const PrincipalId& principal) override;
  std::optional<Binding> binding_of_email(const std::string& email) override;
  void put(const Binding& binding) override;
  std::vector<AccountLink> account_links() override;
  void put(const AccountLink& link) override;
  std::optional<std::string> channel_id(const std::string& name) override;
  void put_channel(const std::string& name, const std::string& id) override;
  std::vector<std::string> known_channels() override;
  void forget_channels() override;
  bool has_policy(const std::string& digest) override;
  void put_policy(const std::string& digest, const std::string& documents, Time at) override;
  std::optional<std::string> meta(const std::string& name) override;
  void put_meta(const std::string& name, const std::string& value) override;

  void audit(const AuditEvent& event) override;
  std::vector<ChainedEvent> audit_of(const std::string& subject, int limit) override;

 private:
  bool update(const Request& request);  // false: it is new, or asks for something else now
  bool update(const Grant& grant);      // false: it is new

  std::optional<Request> read_request(const RequestId& id);
  std::optional<Grant> read_grant(const RequestId& id);
  std::optional<Entitlement> read_entitlement(EntitlementId id);

  Driver& driver_;
  ChainEnd* chain_;
  RowMemory& memory_;
  bool notices_forgotten_ = false;  // those that were over for long, once a transaction
  CommitNews news_;
};

inline constexpr std::string_view k_store_id = "store_id";  // in meta: made with the store, written once

}  // namespace jitbot::store

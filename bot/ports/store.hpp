#pragma once

#include "bot/cards/inbound.hpp"
#include "bot/model/audit_event.hpp"
#include "bot/model/entitlement.hpp"
#include "bot/model/grant.hpp"
#include "bot/model/request.hpp"
#include "bot/model/vote.hpp"
#include "bot/ports/chat.hpp"
#include "bot/ports/task.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace jitbot {

// (when, kind, subject), unique by (kind, subject): setting again moves it.
enum class DueKind {
  request,
  grant,
  call,
  alarm,
  start,
  nudge
};  // request: reminder, escalation, time-out; grant: warning, window, end; call, alarm: entitlement; start:
    // of a scheduled grant; nudge: what the directory or the chat is asked about, see
    // bot/record/nudge_task.hpp
std::string_view to_string(DueKind kind);
struct Due {
  Time at;
  DueKind kind = DueKind::request;
  std::string subject;  // request id without prefix, the entitlement's number, or a nudge task
  bool operator==(const Due&) const = default;
};

// A call at a target that is due.
struct CallDue {
  EntitlementId id;
  Time at;
  std::string connector;
  bool removing = false;  // it takes access away
};

// What the platform told us. `payload` (JSON of the Inbound) is purged an hour after the row is finished; the
// key stays for a day, so a redelivery is recognised.
struct InboxRow {
  std::int64_t id = 0;
  std::string key;
  Time received;
  std::string payload;
  int failures = 0;
  std::string outcome;  // empty: still to be done; "done", "parked", "stale"
};

// One place where a subject is shown. The loop sends the newest wanted version when the place is free.
struct CardRow {
  std::int64_t id = 0;
  RequestId subject;
  // surplus: the same card posted twice; it only points at the one that counts
  enum class Face { approval, requester, surplus } face = Face::approval;
  Place place;              // channel may be "#name" until it was resolved once
  std::int64_t wanted = 1;  // bumped by each change of the subject
  std::int64_t shown = 0;   // 0: nothing posted yet
  std::optional<MessageRef> message;
  enum class Sending { idle, posting } sending = Sending::idle;  // posting: durable before a post starts
  Time next_at;                                                  // not before
  int failures = 0;
  std::string problem;  // why it cannot be shown; empty: it can
};

// Told at least once while valid; `key` makes asking for the same notice again harmless.
struct NoticeRow {
  std::int64_t id = 0;
  std::string key;    // "JIT-7K3F/warn/1", "overdue/12/3"
  std::string kind;   // which words: see bot/cards/notices.hpp
  Place place;        // DM, channel by name or id, or a thread
  RequestId subject;  // empty where it is about none
  std::string args;   // JSON: what the words need besides the subject's present state
  Time created;
  Time valid_until;
  enum class Sending { idle, posting } sending = Sending::idle;
  Time next_at;
  int failures = 0;
};

// An e-mail bound to the account that used it first.
struct Binding {
  PrincipalId principal;
  std::string email;
  Time bound_at;
};

// Two accounts of one person, of two platforms: everything is kept under `person`, the one that his e-mail is
// bound to.
struct AccountLink {
  PrincipalId account;
  PrincipalId person;
  Time linked_at;
};

// What a list of grants or requests is narrowed to; what is empty narrows nothing.
struct Narrowed {
  std::string resource;
  std::optional<PrincipalId> concerns;  // as beneficiary or as asker
};

// One transaction. Runs on the store's own thread: hand values in and out, keep nothing. SQL failures throw
// and undo this transaction alone. Lists come in a stable order (oldest first).
class Tx {
 public:
  virtual ~Tx() = default;

  // Requests and votes
  virtual std::optional<Request> request(const RequestId& id) = 0;
  virtual void put(const Request& request) = 0;
  virtual std::vector<Request> pending_requests() = 0;
  virtual std::vector<Request> pending_of(const PrincipalId& beneficiary) = 0;  // as beneficiary or as asker
  virtual std::optional<Request> pending_extension(const RequestId& grant) = 0;
  // Decided at `since` or later, newest decision first.
  virtual std::vector<Request> decided_requests(const Narrowed& to, Time since, int limit) = 0;
  virtual std::vector<Vote> votes(const RequestId& id) = 0;
  virtual void put(const Vote& vote) = 0;

  // Grants and entitlements
  virtual std::optional<Grant> grant(const RequestId& id) = 0;
  virtual void put(const Grant& grant) = 0;
  virtual std::vector<Grant> live_grants() = 0;               // every state but ended
  virtual std::vector<PrincipalId> people_with_grants() = 0;  // beneficiaries of live ones, each once
  virtual std::vector<Grant> live_grants_of(const PrincipalId& beneficiary) = 0;
  virtual std::vector<Grant> newest_live_grants(const Narrowed& to, int limit) = 0;  // newest first
  virtual std::vector<Grant> live_grants_on(EntitlementId id) = 0;
  virtual std::optional<Entitlement> entitlement(EntitlementId id) = 0;
  virtual std::optional<Entitlement> entitlement(const EntitlementKey& key) = 0;
  virtual EntitlementId add(const Entitlement& entitlement) = 0;  // its id is ignored; returns the new one
  virtual void put(const Entitlement& entitlement) = 0;
  virtual std::vector<Entitlement> entitlements_not_at_rest() = 0;
  virtual std::vector<Entitlement> leased_entitlements() = 0;
  virtual std::vector<std::string> connectors_known() = 0;  // of all entitlements there ever were
  virtual std::vector<Entitlement> entitlements_of(const std::string& connector) = 0;  // at rest too
  virtual std::vector<Entitlement> overdue_entitlements() = 0;
  // Everybody with a pending request, a live grant, or the latest grant on an entitlement not at rest, for
  // that account of that connector: an account in use by one person is taken for all others.
  virtual std::vector<PrincipalId> holders(const std::string& connector, const std::string& account) = 0;
  // Grants activating or active for this (resource, account), for the lookup connector.
  virtual std::vector<Grant> live_grants_at(const std::string& resource, const std::string& account) = 0;

  // Due times
  virtual void set_due(const Due& due) = 0;
  virtual void clear_due(DueKind kind, const std::string& subject) = 0;
  virtual std::vector<Due> due_of(const std::vector<DueKind>& kinds, Time until,
                                  int limit) = 0;  // oldest first
  virtual std::optional<Time> next_due_of(const std::vector<DueKind>& kinds) = 0;
  virtual std::vector<CallDue> calls_due(Time until, int limit) = 0;  // oldest first

  // Inbox
  virtual bool add_inbox(const InboxRow& row) = 0;  // false: the key is known
  virtual std::optional<InboxRow> inbox(const std::string& key) = 0;
  virtual std::vector<InboxRow> unfinished_inbox(int limit) = 0;
  virtual void put(const InboxRow& row) = 0;                             // by id
  virtual void purge_inbox(Time payloads_before, Time rows_before) = 0;  // finished rows only

  // Cards and notices
  virtual std::vector<CardRow> cards(const RequestId& subject) = 0;
  virtual void add(const CardRow& card) = 0;
  virtual void put(const CardRow& card) = 0;  // by id; never lowers `wanted`
  // A card that could not be shown gets one try for each new truth.
  virtual void want_cards(const RequestId& subject) = 0;  // wanted + 1 for each of its cards
  virtual std::vector<CardRow> cards_to_send(Time now,
                                             int limit) = 0;  // wanted > shown, next_at reached, no problem
  virtual std::optional<CardRow> card_at(const MessageRef& message) = 0;
  virtual bool add(const NoticeRow& notice) = 0;  // false: the key is known
  virtual void put(const NoticeRow& notice) = 0;
  virtual void finish_notice(std::int64_t id) = 0;  // the key stays known for 30 days
  // Of one thread, only the oldest that is not finished: replies come in their order.
  virtual std::vector<NoticeRow> notices_to_send(Time now, int limit) = 0;
  virtual std::optional<Time> next_message() = 0;  // earliest next_at of cards and notices to send

  // People and places
  virtual std::optional<Binding> binding(const PrincipalId& principal) = 0;
  virtual std::optional<Binding> binding_of_email(const std::string& email) = 0;
  virtual void put(const Binding& binding) = 0;
  virtual std::vector<AccountLink> account_links() = 0;
  virtual void put(const AccountLink& link) = 0;                               // by account
  virtual std::optional<std::string> channel_id(const std::string& name) = 0;  // resolved once and kept
  virtual void put_channel(const std::string& name, const std::string& id) = 0;
  virtual std::vector<std::string> known_channels() = 0;  // ids; of live cards, too
  virtual void forget_channels() = 0;                     // names are to be resolved anew

  // Policy documents of a digest, so an auditor can read the rules that decided
  virtual bool has_policy(const std::string& digest) = 0;
  virtual void put_policy(const std::string& digest, const std::string& documents, Time at) = 0;

  // Small durable facts: "high_water", "directory_sweep" …
  virtual std::optional<std::string> meta(const std::string& name) = 0;
  virtual void put_meta(const std::string& name, const std::string& value) = 0;

  // Appends to the chain
  virtual void audit(const AuditEvent& event) = 0;
  virtual std::vector<ChainedEvent> audit_of(const std::string& subject, int limit) = 0;
};

// The only owner of state. One writer groups what waits into one commit; a Task resolves when it is durable.
class Store {
 public:
  using Work = std::function<Result<void>(Tx&)>;
  virtual ~Store() = default;

  // An error of `work` undoes it and is returned; undone with others, it runs again. Resumes where it awaits.
  virtual Task<Result<void>> write(Work work) = 0;
  // The same for what nobody waits for: it joins the next commit, and makes one itself only after some
  // milliseconds without. In order with `write`.
  virtual Task<Result<void>> write_soon(Work work) { return write(std::move(work)); }
  virtual Task<Result<void>> read(Work work) = 0;  // sees everything that is durable; must not write
};

namespace detail {
template <class T>
Store::Work keep_value(std::shared_ptr<std::optional<T>> out, std::function<Result<T>(Tx&)> work) {
  return [out = std::move(out), work = std::move(work)](Tx& tx) -> Result<void> {
    auto value = work(tx);
    if (!value) return tl::unexpected<Error>(std::move(value).error());
    out->emplace(std::move(*value));
    return {};
  };
}
}  // namespace detail

// The same with a value: `co_await transact<Decision>(store, work)`.
template <class T>
Task<Result<T>> transact(Store& store, std::function<Result<T>(Tx&)> work) {
  auto out = std::make_shared<std::optional<T>>();
  auto run = detail::keep_value<T>(out, std::move(work));
  auto done = co_await store.write(std::move(run));
  if (!done) co_return tl::unexpected<Error>(std::move(done).error());
  co_return std::move(**out);
}

template <class T>
Task<Result<T>> transact_soon(Store& store, std::function<Result<T>(Tx&)> work) {
  auto out = std::make_shared<std::optional<T>>();
  auto run = detail::keep_value<T>(out, std::move(work));
  auto done = co_await store.write_soon(std::move(run));
  if (!done) co_return tl::unexpected<Error>(std::move(done).error());
  co_return std::move(**out);
}

template <class T>
Task<Result<T>> query(Store& store, std::function<Result<T>(Tx&)> work) {
  auto out = std::make_shared<std::optional<T>>();
  auto run = detail::keep_value<T>(out, std::move(work));
  auto done = co_await store.read(std::move(run));
  if (!done) co_return tl::unexpected<Error>(std::move(done).error());
  co_return std::move(**out);
}

}  // namespace jitbot

#pragma once

#include "bot/cards/notices.hpp"
#include "bot/cards/views.hpp"
#include "bot/ports/connector.hpp"
#include "bot/ports/store.hpp"
#include "bot/record/nudge_task.hpp"
#include "bot/workflow/access.hpp"
#include "bot/workflow/request_machine.hpp"

#include <nlohmann/json_fwd.hpp>

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

// Writes what the machines said into a transaction, whole: state, audit, due times, wanted cards and notices.
// Desk and reconcile commit through here alone, so no change can lack one of its parts.
namespace jitbot {

// A connector with Capabilities::in_store.
struct InStore {
  std::shared_ptr<const Connector> connector;
  Millis drift{5min};
};

struct RecordSettings {
  std::string admin_channel;
  std::map<std::string, InStore> in_store = {};  // by name
  std::shared_ptr<const std::atomic<bool>> starts_held =
      {};  // nothing is given anew while it is true; null: never
};

class Recorder {
 public:
  Recorder(Tx& tx, const RecordSettings& settings, Time now) : tx_(tx), settings_(settings), now_(now) {}

  Tx& tx() { return tx_; }
  Time now() const { return now_; }

  // A request that was just asked: the row, its cards, its due times, and a grant where the rule needs
  // nobody.
  void ask(const Request& request);
  // The outcome of a vote, a cancel or a time-out. An approval opens the grant (or prolongs it) here.
  void save(const RequestOutcome& outcome);
  void save(const AccessOutcome& outcome);
  // The entitlement alone changed (a lease, an alarm).
  void save(const Entitlement& entitlement);

  std::optional<Access> access(EntitlementId id);
  std::optional<Access> access_of(const RequestId& grant);

  // Applies what is due for this request or grant at `now`, so a late timer changes no answer.
  void settle_request(const RequestId& id);
  void settle_grant(const RequestId& id);
  // A scheduled grant whose start has come, once its beneficiary is known to be active.
  void start_grant(const RequestId& id);

  // Somebody is to be told, once the directory or the chat has been asked.
  void nudge(const NudgeTask& task);
  // The approval card as a direct message, edited in place like the others; false: he has it already.
  bool show_directly(const Request& request, const PrincipalId& who);
  // The steps of a pending request that nobody could satisfy now, each with why. Told once, until the step
  // could be satisfied again.
  void nobody_can(const Request& request, const std::map<std::string, std::string>& steps);

  // A card for whoever asked, or for whom, that the chat refuses: what it alone would have said is told
  // another way.
  void not_shown_to_requester(const CardRow& card);

  // Ends the grants and cancels the requests of a deactivated beneficiary. Returns how many changed.
  int deactivate(const PrincipalId& beneficiary);

  // False: what has this key was told, or will be.
  bool notice(NoticeKind kind, const std::string& key, const Place& place, const RequestId& subject,
              const nlohmann::json& args, Millis valid);
  void notice_admins(NoticeKind kind, const std::string& key, const RequestId& subject,
                     const nlohmann::json& args);
  void audit(const PrincipalId& actor, std::string_view action, const std::string& subject,
             const nlohmann::json& detail);
  // Those of the events that are steps for people, as one reply in the thread of each approval card of
  // `subject`; `of` names the request where it is another one.
  void tell_steps(const RequestId& subject, const std::vector<AuditEvent>& events, const std::string& of);
  // An end that is not proven: the cards of whoever waits for it say so, and once their threads.
  void tell_overdue(const Entitlement& entitlement);

  // What happened to requests and grants, a line each for the log once it is durable: never reasons or
  // e-mails.
  const std::vector<std::string>& news() const { return news_; }

  SubjectView view(const Request& request);

  // Whether its target is our own store: then no call of it is ever due after save().
  const Connector* in_store(const Entitlement& entitlement) const;

 private:
  AccessOutcome followed_in_store(AccessOutcome outcome) const;
  bool call_is_due(const Entitlement& entitlement) const;
  void approved(const Request& request);
  void open_grant(const Request& request);
  void prolong(const Request& request);
  void tell_decided(const Request& request);
  void tell_approved(const Request& request, const Grant& grant);
  void tell(const GrantChange& change, const Entitlement& entitlement);
  bool was_just_given_by_rule(const Grant& grant);
  bool is_told_by_card(const Grant& grant);  // that it works: he still looks at it
  void tell_usable(const Grant& grant);
  void tell_ended(const Grant& grant, const Entitlement& entitlement);
  void tell_outcome(const RequestOutcome& outcome);
  void tell_outcome(const AccessOutcome& outcome);
  void revised(const RequestOutcome& outcome);
  void tell_reconnect(const Grant& ended, const Entitlement& entitlement);
  void log(const Request& request);
  void log(const Grant& grant);
  void set_dues(const Grant& grant);
  void set_dues(const Request& request);

  Tx& tx_;
  const RecordSettings& settings_;
  Time now_;
  std::vector<std::string> news_;
};

// Into the log, after the commit.
void log_news(const std::vector<std::string>& news);

Place direct(const PrincipalId& who);

}  // namespace jitbot

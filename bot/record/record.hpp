#pragma once

#include "bot/cards/notices.hpp"
#include "bot/cards/views.hpp"
#include "bot/ports/store.hpp"
#include "bot/workflow/access.hpp"
#include "bot/workflow/request_machine.hpp"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>

// Writes what the machines said into a transaction, whole: state, audit, due times, wanted cards and notices.
// Desk and reconcile commit through here alone, so no change can lack one of its parts.
namespace jitbot {

struct RecordSettings {
  std::string admin_channel;
};

class Recorder {
 public:
  Recorder(Tx& tx, const RecordSettings& settings, Time now) : tx_(tx), settings_(settings), now_(now) {}

  Tx& tx() { return tx_; }
  Time now() const { return now_; }

  // A request that was just asked: the row, its cards, its time-out, and a grant where the rule needs nobody.
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

  // Ends the grants and cancels the requests of a deactivated beneficiary. Returns how many changed.
  int deactivate(const PrincipalId& beneficiary);

  void notice(NoticeKind kind, const std::string& key, const Place& place, const RequestId& subject,
              const nlohmann::json& args, Millis valid);
  void notice_admins(NoticeKind kind, const std::string& key, const RequestId& subject,
                     const nlohmann::json& args);
  void audit(const PrincipalId& actor, std::string_view action, const std::string& subject,
             const nlohmann::json& detail);

  SubjectView view(const Request& request);

 private:
  void approved(const Request& request);
  void open_grant(const Request& request);
  void prolong(const Request& request);
  void tell(const GrantChange& change, const Entitlement& entitlement);
  void tell_ended(const Grant& grant, const Request& request, const Entitlement& entitlement);
  void tell_thread(NoticeKind kind, const std::string& key, const RequestId& subject,
                   const nlohmann::json& args);
  void tell_reconnect(const Grant& ended, const Entitlement& entitlement);
  void set_dues(const Grant& grant);

  Tx& tx_;
  const RecordSettings& settings_;
  Time now_;
};

Place direct(const PrincipalId& who);

}  // namespace jitbot

#pragma once

#include "bot/cards/inbound.hpp"
#include "bot/model/ids.hpp"
#include "bot/model/result.hpp"
#include "bot/model/time.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

// What somebody wants, understood. Pure: the grammar knows words, not people, rules or state.
namespace jitbot {

struct AskIntent {
  std::string resource;
  std::string role;    // empty: the default
  Millis duration{0};  // 0: `until` says it
  std::string reason;
  std::string ticket;
  std::string for_user;  // the mentioned user's id; empty: for himself
  // As typed, a point of time in the asker's zone: "18:00", "tomorrow 9:00", "2026-03-01 18:00"; empty: none.
  std::string start;
  std::string until;
  enum class Mode { request, ensure, dry_run } mode = Mode::request;
};
struct VoteIntent {
  RequestId id;
  std::string digest_prefix;  // what was seen; empty when typed: the present one is meant
  enum class Vote { approve, deny, withdraw } vote = Vote::approve;
  std::string reason;
  // Request::revision that was typed after the id: "7K3F.2" is the first revision, 1. None: the present one
  // is meant, and a request that was revised needs it. Another one than the request's is stale.
  std::optional<int> revision{};
  // The resource's name as the voter typed it, for roles of high risk; empty: not typed. A typed command has
  // it as the first word of `reason`.
  std::string confirmed{};
};
struct CancelIntent {
  RequestId id;
};
struct DoneIntent {
  std::optional<RequestId> id;
};  // none: my only live grant
struct RevokeIntent {
  RequestId id;
  std::string reason;
};
struct EndIntent {
  RequestId id;
  std::string reason;
};  // "End now…": done for beneficiary or asker, else revoke
struct ExtendIntent {
  RequestId id;
  Millis duration{0};
  std::string reason;
};
struct MineIntent {};
struct PendingIntent {};
struct ShowIntent {
  RequestId id;
};
struct ActiveIntent {
  std::string resource;  // empty: any
};
struct WhoIntent {
  std::string resource;
};
struct HistoryIntent {
  std::string user;               // the mentioned user's id; empty: anybody
  std::string resource;           // empty: any
  std::optional<Millis> since{};  // how long ago; none: as far as the list reaches
};
struct ResourcesIntent {
  std::string word;  // empty: all
};
struct ExplainIntent {
  std::string resource;
  std::string role;                  // empty: the default
  std::optional<Millis> duration{};  // none: the rule's own limit is only told
};
struct HelpIntent {
  std::string topic;
};
struct StatusIntent {};
struct DebtIntent {};
struct AbandonIntent {
  EntitlementId entitlement;
  std::string reason;
};

using Intent =
    std::variant<AskIntent, VoteIntent, CancelIntent, DoneIntent, RevokeIntent, EndIntent, ExtendIntent,
                 MineIntent, PendingIntent, ShowIntent, ActiveIntent, WhoIntent, HistoryIntent,
                 ResourcesIntent, ExplainIntent, HelpIntent, StatusIntent, DebtIntent, AbandonIntent>;

// Words of `/jit …` into an Intent. Case-blind; smart quotes, non-breaking spaces and mentions understood.
// The error is one private line that says what is wrong and the nearest thing that works; what was typed
// appears in it only in quotes and shortened. No words at all: HelpIntent with an empty topic, where the
// request form opens if the platform can open one. Takes any bytes and never throws.
Result<Intent> parse_command(const std::string& text);
// The same for a form that was filled in, and for a button.
Result<Intent> intent_of(const Submitted& form);
Result<Intent> intent_of(const Clicked& click);

// Everything that is wrong with a form as far as words alone tell, field by field. Empty: intent_of()
// succeeds.
std::vector<FieldProblem> form_problems(const Submitted& form);

// Commands that start or prolong access: older than 10 minutes they are answered "I was away; ask again".
bool starts_access(const Intent& intent);

Form deny_form(const ButtonValue& about);
// The reason is optional: the form opens before anybody knows whether it is given back or taken away.
Form end_form(const ButtonValue& about);

}  // namespace jitbot

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
// Shorter, or a role that the asked one includes; it is a vote for that.
struct ReviseIntent {
  RequestId id;
  std::string digest_prefix;  // as of a vote
  Millis duration{0};         // 0: as it was asked
  std::string role;           // empty: as it was asked
  std::string reason;
  std::optional<int> revision{};  // as of a vote
  std::string confirmed{};        // as of a vote
  // Typed behind the duration: a role, the resource's name, the reason. Which word is which hangs on the
  // resource, see told_apart().
  std::string rest{};
};
struct QuestionIntent {
  RequestId id;
  std::string text;
};
// The same once more, as somebody asked for it before.
struct AgainIntent {
  RequestId id;
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
struct PolicyIntent {
  enum class What { show, diff, reload } what = What::show;
};
struct AbandonIntent {
  EntitlementId entitlement;
  std::string reason;
};

// Two accounts of one person: empty asks for a code, another account brings it.
struct LinkIntent {
  std::string code;
};

using Intent =
    std::variant<AskIntent, VoteIntent, ReviseIntent, QuestionIntent, AgainIntent, CancelIntent, DoneIntent,
                 RevokeIntent, EndIntent, ExtendIntent, MineIntent, PendingIntent, ShowIntent, ActiveIntent,
                 WhoIntent, HistoryIntent, ResourcesIntent, ExplainIntent, HelpIntent, StatusIntent,
                 DebtIntent, AbandonIntent, PolicyIntent, LinkIntent>;

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

// The words of a typed revision, told apart by the roles of its resource: first a role, then the resource's
// name, both where they are; what is left is the reason. A lone word that is none of them is a role mistyped.
Result<ReviseIntent> told_apart(const ReviseIntent& typed, const std::string& resource,
                                const std::vector<std::string>& roles);
// The resource's name that a typed approval of a role of high risk starts with, taken out of its comment.
VoteIntent with_name(const VoteIntent& typed, const std::string& resource);

// Commands that start or prolong access: older than 10 minutes they are answered "I was away; ask again".
bool starts_access(const Intent& intent);

Form deny_form(const ButtonValue& about);
// An approval that needs the resource's name typed.
Form confirm_form(const ButtonValue& about);
Form shorter_form(const ButtonValue& about);
Form question_form(const ButtonValue& about);
Form extend_form(const ButtonValue& about);
// The reason is optional: the form opens before anybody knows whether it is given back or taken away.
Form end_form(const ButtonValue& about);

}  // namespace jitbot

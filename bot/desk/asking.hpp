#pragma once

#include "bot/desk/state.hpp"
#include "bot/policy/decide.hpp"
#include "commands/answers.hpp"

#include <optional>
#include <set>
#include <string>
#include <vector>

// What asking, and asking what would come of it, share.
namespace jitbot {

// All that deciding about this may read, live. `named`: what is asked for, where that is known. Nothing is
// decided for people whom `people` leaves out.
Task<Facts> facts_of_asking(SharedDesk desk, Job job, std::optional<Named> named,
                            std::set<PrincipalId> people);

// The channel that something was said in; none: it was said in none. An error: we are not let in there.
Task<std::optional<Result<AskedIn>>> channel_asked_in(SharedDesk desk, ReplyTo reply);
// The same facts, and what these people have, where the policy reads it. For showing.
Task<Facts> with_activity(SharedDesk desk, std::set<PrincipalId> people, Facts facts);

// With a mention wherever an error calls this person by called_in_errors().
Card mentioning(Card card, const PrincipalId& who);

// "JIT-7K3F asked: staging:viewer for 1h. Rule … needs …", or that it is granted already.
Card asked_answer(const SubjectView& view);

// The same for the same person that waits already.
std::optional<Request> same_pending(Recorder& record, const Asked& asked);

// Everything against it that only the state knows: identity, what is pending, limits, whose account it is.
std::optional<Error> against(Recorder& record, const DeskState& desk, const Facts& facts, const Asked& asked);
// The same but for identity, which binds e-mails to accounts at first use: this binds and tells nothing.
std::optional<Error> against_now(Recorder& record, const DeskState& desk, const Asked& asked);
// The account at the target is somebody else's.
std::optional<Error> account_taken(Recorder& record, const Asked& asked);

// Asker and beneficiary decide nothing about it, whatever the steps say.
void remove_participants(NamedPeople& people, const Asked& asked, const Facts& facts);

// What would happen if this were asked now, said in words; nothing is filed. `voters`: who could agree to it.
Answered dry_run(Recorder& record, const DeskState& desk, const Ask& ask, const PrincipalId& asker,
                 const Facts& facts, const std::vector<StepView>& voters);

}  // namespace jitbot

#pragma once

#include "bot/desk/state.hpp"

#include <optional>
#include <set>
#include <string>
#include <vector>

// What voting and revising share: the facts that a decision needs, and how a refusal is worded.
namespace jitbot {

struct Seen {
  Request request;
  std::vector<Vote> votes;
};
Task<Result<std::optional<Seen>>> look_at(Store& store, RequestId id);

// The voter first, so that nobody's idle clicks use up what the platform lets us ask about groups. `more`:
// what else this decision reads; `to_see`: what decides only how a refusal is worded.
Task<Facts> facts_to_decide(SharedDesk desk, Seen seen, PrincipalId voter, FactsWanted more,
                            std::set<std::string> to_see);
// Whether the facts that were fetched for `seen_digest` are those that deciding needs now.
bool is_covered(const Facts& facts, const std::string& seen_digest, const Request& request,
                const std::vector<Vote>& votes, const PrincipalId& voter);

// The voter, and everybody whose vote may count.
std::set<PrincipalId> people_who_count(const std::vector<Vote>& votes, const PrincipalId& voter);

// Who types an id that is none of his business learns nothing about it; who pressed a button saw the card.
bool knows_of(const Request& request, const DeskState& desk, const Job& job, const Facts& facts);

// Why nothing can be approved now: new grants are held. Nothing: it can.
std::optional<Answered> held_answer(const DeskState& desk, const Request& request, const Job& job,
                                    const Facts& facts);
// What became of it, for whoever did it.
Answered decision_answer(Recorder& record, const RequestOutcome& outcome, const DeskState& desk,
                         const Job& job, const Facts& facts);

}  // namespace jitbot

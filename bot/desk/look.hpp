#pragma once

#include "bot/desk/state.hpp"

#include <optional>
#include <set>
#include <string>

// What the lists that people look at share.
namespace jitbot {

// More groups for the same look, by the same rules as glance().
Task<Facts> glance_further(SharedDesk desk, Facts facts, PrincipalId who, std::set<std::string> groups);
// The same with what catalogs list.
Task<Facts> glance_further(SharedDesk desk, Facts facts, PrincipalId who, FactsNeeded needed);

// Administrators and auditors are shown everything.
bool sees_everything(const DeskState& desk, const Person& person, const Facts& facts);
// Those that any request or resource could need: asked of for one that does not exist, so that a directory
// that cannot answer does not tell which ones do.
std::set<std::string> all_live_groups(const Policy& policy);
FactsNeeded all_facts(const Policy& policy);  // those groups, and every catalog
// The groups that tell who administrators and auditors are.
std::set<std::string> groups_of_overseers(const DeskState& desk);

// Those who could be read, and no group: for an answer that hangs on nothing else, or says itself what could
// not be read.
Facts known_people(const Facts& facts);

// The answer to a list, unless this account's e-mail is bound to another one. What could not be read is said
// below what could.
Task<Result<Answered>> show_list(SharedDesk desk, Job job, Facts facts, Card card);

// "I know no resource …": the same for what does not exist and for what is not for him, with the nearest that
// is. Nothing is named to whom policies do not name. While a group cannot be read, that is said of both.
Task<Error> unknown_resource(SharedDesk desk, PrincipalId who, Facts facts, std::string typed);

}  // namespace jitbot

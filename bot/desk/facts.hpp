#pragma once

#include "bot/model/person.hpp"
#include "bot/policy/decide.hpp"
#include "bot/ports/catalog.hpp"
#include "bot/ports/chat.hpp"
#include "bot/ports/effective_clock.hpp"

#include <optional>
#include <set>
#include <string>

namespace jitbot {

// Exactly what a decision may read.
struct FactsWanted {
  std::set<PrincipalId> people;
  std::set<std::string> groups;         // `from` texts
  std::set<std::string> catalogs = {};  // names
};
// The groups and catalogs of it; activity and channel are not asked of anybody outside.
FactsWanted wanted_by(const FactsNeeded& needed);

// Whom facts are asked of.
struct FactSources {
  Directory& directory;
  const Catalogs& catalogs;
  EffectiveClock& clock;
};

// Asks for all of it at once, under one deadline. What did not answer is an error value in the Facts: a
// decision that needs it closes.
Task<Facts> fetch_facts(FactSources sources, FactsWanted wanted);

// The first fact that could not be fetched, said so that people understand; nothing: all are there.
std::optional<Error> missing_fact(const Facts& facts);

}  // namespace jitbot

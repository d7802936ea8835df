#pragma once

#include "bot/policy/decide.hpp"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

// What one person may ask for, by the same rules that decide when he does. For showing: limits such as the
// reason bind only when he asks.
namespace jitbot {

struct OfferedRole {
  const Role* role = nullptr;
  const Rule* rule = nullptr;  // the one that would decide
};
struct Offer {
  const Resource* resource = nullptr;
  std::vector<OfferedRole> roles;  // at least one, by name
  std::string name{};              // of a resource that a catalog lists; empty: the resource's own

  const std::string& shown() const { return name.empty() ? resource->name : name; }
};
struct Offers {
  std::vector<Offer> offers;     // by name
  std::optional<Error> unknown;  // a fact that is missing: there may be more
};

// Policies name only who has a confirmed e-mail and belongs here: everybody else may ask for nothing.
Offers offers_for(const Policy& policy, const Person& person, const Facts& facts);
// The same of one resource, under the name that is given where a catalog lists it; no roles: he may not ask
// for it. Whether it exists is not looked at.
Offer offer_of(const Policy& policy, const Resource& resource, const Person& person, const Facts& facts,
               const std::string& name = {});
// What somebody calls a resource: its own name, or, where a catalog lists it, the one that he typed.
std::string called(const Resource& resource, const std::string& typed);

// What must be read to know what this person may ask for: no group of a rule that names him himself.
FactsNeeded facts_to_offer(const Policy& policy, const Person& person);

// Whether a word, in any case, stands in its name, description or tags.
bool mentions(const Offer& offer, std::string_view word);

// "there is no resource "x"", with the nearest of those he may ask for, or all where they are few.
Error no_such_resource(const std::string& typed, const Offers& offers);

}  // namespace jitbot

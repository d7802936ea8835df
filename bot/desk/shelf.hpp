#pragma once

#include "bot/desk/state.hpp"
#include "bot/policy/catalog.hpp"
#include "bot/policy/search.hpp"

#include <memory>
#include <string>

// What one person may ask for, as it was at most 60 s ago: for showing while he types, never for deciding.
namespace jitbot {

struct Shelf {
  Millis until{0};                       // monotonic: not shown as it is any more after that
  std::shared_ptr<const Policy> policy;  // which the offers point into
  Result<Person> person;                 // asked live when it was made
  std::string barred;                    // why this account may ask and decide nothing; empty: nothing
  Offers offers;
};

// Made anew where it is old. Null: not known within `patience`; what is under way goes on, so that the next
// one who asks has it.
Task<std::shared_ptr<const Shelf>> shelf_of(SharedDesk desk, PrincipalId who, Millis patience);

// From memory alone. `fresh` gives none that is older than 60 s; `seen` any that is still there, for what may
// be said to somebody who saw it already.
enum class Age { fresh, seen };
std::shared_ptr<const Shelf> remembered_shelf(const DeskState& desk, const PrincipalId& who, Age age);

const CatalogSearch& catalog_search(DeskState& desk);
const Offer* find_offer(const Shelf& shelf, const std::string& typed);  // case-blind; null: none of his

// What was known of this person is asked anew: something changed.
void forget_shelf(DeskState& desk, const PrincipalId& who);

// Why this account's e-mail is not believed, without telling anybody; empty: nothing against it.
std::string barred_by_binding(Tx& tx, const Person& person);

}  // namespace jitbot

#pragma once

#include "bot/cards/inbound.hpp"
#include "bot/desk/state.hpp"
#include "bot/model/aliases.hpp"

#include <optional>

// Several accounts of one person: whatever he says by one of them, he says.
namespace jitbot {

// With whoever said it, and whom it mentions, as the people whose accounts they are.
Inbound said_by_people(Inbound inbound, const Aliases& aliases);

// With several chats: why nothing is done for this account although its person may do things. A guest's is a
// guest's, whoever he is elsewhere; its e-mail is not his any more; it shows none, so that it could be the
// second one of somebody; or nobody can tell now. Nothing: it speaks for him. Where the configuration trusts
// e-mails across platforms, an account with the e-mail of a known person, who has it still, is linked to him
// first.
Task<std::optional<Barred>> recognise(SharedDesk desk, PrincipalId account);

// The same as it was at most a minute ago, for what is shown while somebody looks or types, never for
// deciding. Nothing: nothing is known against it, or not within `patience`.
Task<std::optional<Barred>> recognised_lately(SharedDesk desk, PrincipalId account, Millis patience);
// From memory alone.
std::optional<Barred> remembered_as_barred(const DeskState& desk, const PrincipalId& account);

// Why an account whose e-mail is that of another chat's account does nothing yet, and what to do.
std::string not_linked_with(const PrincipalId& other);

}  // namespace jitbot

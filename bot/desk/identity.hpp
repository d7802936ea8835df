#pragma once

#include "bot/cards/inbound.hpp"
#include "bot/desk/state.hpp"
#include "bot/model/aliases.hpp"

#include <optional>

// Several accounts of one person: whatever he says by one of them, he says.
namespace jitbot {

// With whoever said it, and whom it mentions, as the people whose accounts they are.
Inbound said_by_people(Inbound inbound, const Aliases& aliases);

// Where the configuration trusts e-mails across platforms, an account with the e-mail of a known person is
// linked to him before anything it says is worked on. An error: it cannot be known now.
Task<Result<void>> link_by_email(SharedDesk desk, PrincipalId account);

// Why, with several chats, nothing is done for this account although its person may do things: a guest's is a
// guest's, whoever he is elsewhere; its e-mail is not his any more; or it shows none, so that it could be the
// second one of somebody. Nothing: it speaks for him.
Task<std::optional<Error>> why_not_for(SharedDesk desk, PrincipalId account);

}  // namespace jitbot

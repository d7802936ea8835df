#pragma once

#include "bot/desk/state.hpp"

#include <string>

// Who may look after the bot: administrators; auditors may read.
namespace jitbot {

Task<Facts> facts_to_administer(SharedDesk desk, PrincipalId who);

// With the facts above. They bind the account's e-mail at first use.
bool may_read(Recorder& record, const DeskState& desk, const PrincipalId& who, const Facts& facts);
bool may_administer(Recorder& record, const DeskState& desk, const PrincipalId& who, const Facts& facts);

// The same for everybody else; the audit log remembers it.
Answered not_for_you(Recorder& record, const PrincipalId& who, const std::string& what, const Facts& facts);

}  // namespace jitbot

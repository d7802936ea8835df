#pragma once

#include "bot/policy/catalog.hpp"
#include "commands/intent.hpp"

#include <map>
#include <string>
#include <vector>

// The form that asks for access. It opens from static values alone; once a resource is chosen it shows what
// the rule that would decide asks for.
namespace jitbot {

using FormValues = std::map<std::string, std::string>;  // by field name, as typed so far

Form request_form(const FormValues& values);
// After a resource was chosen: its roles that the person may ask for, and the limits of the rule.
Form request_form(const Offer& offer, const FormValues& values);
// After one was chosen that is not to be had; `why` is shown.
Form request_form(const Error& why, const FormValues& values);

// For whoever may ask for nothing: why, and nothing to fill in.
Form nothing_to_ask_form(const Error& why);

// How a menu offers a resource.
Choice choice_of(const Offer& offer);

// The role that is meant: the one that was chosen, the only one, the default. Null: one must be chosen.
const OfferedRole* chosen_role(const Offer& offer, const std::string& chosen);

// `/jit request staging` says everything but for how long: the form asks for the rest. Nothing: it is no such
// command.
std::optional<FormValues> words_of_form(const std::string& text);

// Everything wrong with a filled-in one as far as words alone tell; empty: ask_of() may be called.
std::vector<FieldProblem> request_form_problems(const Submitted& form);
AskIntent ask_of(const Submitted& form);

}  // namespace jitbot

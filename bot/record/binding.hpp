#pragma once

#include "bot/model/person.hpp"
#include "bot/ports/store.hpp"

namespace jitbot {

// Whether this account's e-mail belongs to another one, or it used another e-mail before: then it asks and
// decides nothing, and is told of nothing. Binds nothing: who is not bound yet will be, when he first asks or
// decides.
bool is_bound_otherwise(Tx& tx, const Person& person);

}  // namespace jitbot

#pragma once

#include "adapters/chat/mattermost/dress.hpp"
#include "bot/cards/form.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace jitbot::mattermost {

// What opens a dialog besides its form.
struct Opening {
  std::string trigger;  // of the click or command; good for 3 s
  std::string url;      // where it is submitted to
  std::string state;    // a sealed FormSeal
};

// The body of POST /actions/dialogs/open. The server takes any length, clients do not: all is cut to what
// they take. A choice is a menu, and so is a search that brings several choices, since nothing is looked up
// while one types; without choices both are typed. A form without fields asks nothing and opens nothing worth
// opening: tell its intro instead.
nlohmann::json open_dialog(const Form& form, const Opening& opening, const Dress& dress);

// The answer (status 200: any other loses it) that keeps the dialog open and says what is wrong. `fields`:
// the names that were submitted; clients show no error at all under a name that the dialog does not have, so
// such a problem is told for the dialog as a whole. No problems: the empty answer, which closes it.
// `command`: what typed commands begin with here.
nlohmann::json dialog_answer(const std::vector<FieldProblem>& problems,
                             const std::vector<std::string>& fields, const std::string& command);

}  // namespace jitbot::mattermost

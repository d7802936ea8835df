#pragma once

#include "bot/model/ids.hpp"
#include "bot/model/time.hpp"
#include "bot/record/record.hpp"

#include <map>
#include <string>
#include <string_view>

namespace jitbot {

// Codes that wait to be typed in the other chat. A restart forgets them.
struct LinkOffers {
  struct Offer {
    PrincipalId account;
    Millis made;  // monotonic
  };
  std::map<std::string, Offer> codes;
  struct Wrong {
    Millis first;  // monotonic
    int count = 0;
  };
  std::map<PrincipalId, Wrong> wrong;  // what accounts typed that was no code
};

// From now on `account` is `person`. `how` for the audit log: "code", "trusted e-mail".
void link_accounts(Recorder& record, const PrincipalId& account, const PrincipalId& person,
                   const std::string& email, std::string_view how);

}  // namespace jitbot

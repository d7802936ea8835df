#pragma once

#include "bot/model/ids.hpp"
#include "bot/model/result.hpp"
#include "bot/model/time.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>

namespace jitbot {

// What a directory says of an account at one moment.
struct Person {
  PrincipalId id;
  std::string email;            // as the directory has it; empty where it shows none
  bool email_confirmed = true;  // false only where the directory says so
  bool deactivated = false;
  bool bot = false;
  bool guest = false;
  bool outsider = false;   // belongs to another organisation, or cannot be proven to belong to ours
  std::string timezone;    // IANA name; empty: unknown
  std::string shown_name;  // user-controlled: for logs and the sandbox, never on an approval
};

// The name policies know this person by: the lower-cased e-mail of an own, confirmed, human, active member
// who is not a guest. Nothing: policies cannot name this account.
std::optional<std::string> policy_name(const Person& person);

// Guests, bots, outsiders and deactivated people decide nothing, however they reach the button.
bool may_decide_at_all(const Person& person);

// What one person had and was told lately, as our own store knows it at the moment of the decision.
struct Activity {
  int active_grants = 0;  // activating or active
  int denied_24h = 0;     // requests for him denied within the last 24 hours
  bool operator==(const Activity&) const = default;
};

// The channel that something was asked in. Outside channels (a direct message, Home) there is none.
struct AskedIn {
  std::string name;  // without '#'
  bool is_private = false;
  bool external = false;  // shared with another organisation
  bool operator==(const AskedIn&) const = default;
};

// Directory answers for one decision, each with its own failure: a fact that could not be fetched is an error
// value, and a decision that needs it closes.
struct Facts {
  Time now;  // effective time
  std::map<PrincipalId, Result<Person>> people;
  std::map<std::string, Result<std::set<PrincipalId>>> groups;         // live groups, by their `from` text
  std::map<std::string, Result<std::set<std::string>>> catalogs = {};  // what exists now, by catalog
  std::map<PrincipalId, Activity> activity = {};
  std::optional<Result<AskedIn>> channel = {};  // none: not asked in a channel

  Result<Person> person(const PrincipalId& id) const;  // not fetched: unavailable
};

}  // namespace jitbot

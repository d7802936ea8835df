#pragma once

#include "bot/model/time.hpp"

#include <string>
#include <vector>

namespace jitbot {

// Whom a policy names: an e-mail, a group, an account of a platform, or the owners of the resource asked for.
struct Subject {
  enum class Kind { email, group, principal, owners };
  Kind kind = Kind::email;
  std::string value;  // lower-cased e-mail; group name; "slack:U0001"; empty for owners
  bool operator==(const Subject&) const = default;
};
std::string to_string(const Subject& subject);  // as policies write it: "group:sre"

// One condition of an approval: `count` different people out of `from`.
struct Step {
  std::string name;
  std::vector<Subject> from;
  int count = 1;
  bool operator==(const Step&) const = default;
};

enum class Risk { low, high };
enum class OnExisting { keep, refuse };

// Who else is told when a request still waits. Being told gives no right to decide.
struct Escalation {
  Millis after{0};  // since it was asked
  std::vector<Subject> to;
  bool operator==(const Escalation&) const = default;
};

// Where approvers are reminded: by a reply under the card, or each by a direct message.
enum class RemindWhere { thread, direct };

// How an active grant may be prolonged.
struct ExtendTerms {
  Millis max{0};           // one extension; 0: no extensions
  Millis total{0};         // end − confirmed may never exceed this
  bool automatic = false;  // else the rule's own steps
  bool operator==(const ExtendTerms&) const = default;
};

}  // namespace jitbot

#pragma once

#include "bot/policy/decide.hpp"
#include "bot/ports/chat.hpp"
#include "bot/ports/store.hpp"

#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace jitbot {

// Who stands behind what policies name, asked at the directory one after the other and each once, no more
// than are needed. For telling people, never for deciding. An error is "not known now"; what the directory
// says it does not have is nobody.
class RollCall {
 public:
  RollCall(Directory& directory, Store& store) : directory_(directory), store_(store) {}

  // How many questions about people are put at most; whoever is named beyond that is not looked at.
  void ask_at_most(std::size_t questions) { questions_left_ = questions; }

  // The live groups of the subjects, for facts().
  Task<Result<void>> read_groups(const Policy& policy, std::vector<Subject> subjects);
  // Whoever of the subjects may decide at all and is not among `without`; at most `most` of them. An account
  // whose e-mail is bound to another one, or was another one, decides nothing and is not among them.
  struct Found {
    std::vector<Person> people;
    std::size_t not_asked = 0;  // named and not looked at any more
  };
  Task<Result<Found>> people(const Policy& policy, std::vector<Subject> subjects,
                             std::set<PrincipalId> without, std::size_t most);
  const Facts& facts() const { return facts_; }

 private:
  // An account of a policy has no workspace, only its platform.
  PrincipalId with_workspace(PrincipalId id) const;
  bool is_known(PrincipalId id) const;
  bool may_ask();  // counts the question
  Task<Result<std::optional<Person>>> person(PrincipalId id);
  Task<Result<std::optional<Person>>> by_email(std::string email);
  Task<Result<Person>> ask_by_email(std::string email);
  Task<Result<std::optional<Person>>> unless_barred(Person person);

  Directory& directory_;
  Store& store_;
  std::size_t questions_left_ = std::numeric_limits<std::size_t>::max();
  Facts facts_;
  std::map<std::string, std::optional<Person>> by_email_;
};

}  // namespace jitbot

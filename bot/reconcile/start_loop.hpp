#pragma once

#include "bot/ports/chat.hpp"
#include "bot/ports/random.hpp"
#include "bot/reconcile/loop.hpp"
#include "bot/workflow/ask.hpp"

#include <functional>
#include <map>
#include <set>
#include <string>

namespace jitbot {

// Starts what was asked for a later time, once the directory says that its beneficiary could still ask for
// it, under the name and account that were frozen; else it ends without any access. A directory that does not
// answer is asked again until the activation window is over, which the time loop applies; it delays nobody
// else's start, and no end.
class StartLoop {
 public:
  // `held` says why nothing is granted at the moment; empty: grants are open. `terms_of`: as of asking.
  StartLoop(LoopPorts ports, Directory& directory, Random& random, std::function<std::string()> held,
            TermsOf terms_of);
  Task<void> run();
  void poke();
  void stop();
  Task<void> drain();  // questions under way end by their deadline

 private:
  struct Due;
  Task<Result<Due>> look();
  Task<void> start_all_of(PrincipalId beneficiary);
  Task<Result<Person>> ask(PrincipalId who);
  Task<Result<void>> apply(PrincipalId who, Result<Person> person);

  LoopPorts ports_;
  Directory& directory_;
  Random& random_;
  std::function<std::string()> held_;
  TermsOf terms_of_;
  std::unique_ptr<Timer> timer_;
  Running running_;
  std::set<PrincipalId> asked_;          // under way
  std::map<PrincipalId, int> failures_;  // since the directory last told of him
  bool stopping_ = false;
};

}  // namespace jitbot

#pragma once

#include "bot/ports/catalog.hpp"
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
// it, under the name and account that were frozen, and no deny rule of now forbids it; else it ends without
// any access. A directory that does not
// answer is asked again until the activation window is over, which the time loop applies; it delays nobody
// else's start, and no end.
class StartLoop {
 public:
  struct Basis {
    std::function<std::string()> held;                      // why nothing is granted now; empty: it is
    TermsOf terms_of;                                       // as of asking
    std::function<std::shared_ptr<const Policy>()> policy;  // in force
    const Catalogs& catalogs;
  };
  StartLoop(LoopPorts ports, Directory& directory, Random& random, Basis basis);
  Task<void> run();
  void poke();
  void stop();
  Task<void> drain();  // questions under way end by their deadline

 private:
  struct Due;
  Task<Result<Due>> look();
  Task<void> start_all_of(PrincipalId beneficiary);
  // What the deny rules read that may fit what is to start, of its beneficiary and of whoever asked for him.
  struct Needed {
    FactsNeeded facts;
    std::set<PrincipalId> askers;
  };
  Task<Result<Needed>> needed_for(PrincipalId beneficiary, std::shared_ptr<const Policy> policy);
  template <class T>
  Task<Result<T>> in_time(std::function<Task<Result<T>>()> question);
  Task<Facts> facts_about(PrincipalId beneficiary, Needed needed);
  Task<Result<void>> apply(PrincipalId who, std::shared_ptr<const Policy> policy, Facts facts, Time listed);

  LoopPorts ports_;
  Directory& directory_;
  Random& random_;
  Basis basis_;
  std::unique_ptr<Timer> timer_;
  Running running_;
  std::set<PrincipalId> asked_;          // under way
  std::map<PrincipalId, int> failures_;  // since the directory last told of him
  bool stopping_ = false;
};

}  // namespace jitbot

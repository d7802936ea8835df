#pragma once

#include "bot/app/policy_source.hpp"
#include "bot/desk/desk.hpp"
#include "bot/policy/in_force.hpp"
#include "bot/reconcile/loop.hpp"

#include <boost/asio/thread_pool.hpp>

#include <deque>
#include <memory>
#include <string>

namespace jitbot {

// Puts policies in force: at start, and anew while everything runs. A policy is in force once the store says
// so, in the transaction that keeps its documents and audits it; whoever decides asks the store in his own.
// Belongs to the loop; files are read on the disk's thread.
class PolicyKeeper {
 public:
  struct Ports {
    LoopPorts loop;
    boost::asio::thread_pool& disk;
    const Config& config;
    PolicyTests tests;
    PolicyInForce& in_force;
  };
  PolicyKeeper(Ports ports, Desk& desk);

  // The policy that was loaded before the store was opened. `restored`: why the store is doubted; empty: it
  // is not.
  Task<Result<void>> start(std::string restored) const;
  // What the folder holds now, and whether it could be in force.
  Task<PolicyLooked> look();
  // Puts the folder's policy in force, or leaves the old one and tells the administrators why. One after the
  // other.
  Task<Result<PolicyLooked>> reload(PrincipalId by);
  bool reading() const { return reading_ > 0; }  // files, at this moment

 private:
  Task<void> take_turn();
  void end_turn();
  Task<Result<PolicyLooked>> reload_now(PrincipalId by);
  Task<Result<std::vector<PolicyProblem>>> put_in_force(PolicyLooked looked, PrincipalId by);
  Task<Result<void>> refuse(PolicyLooked looked, PrincipalId by) const;

  Ports ports_;
  Desk& desk_;
  int reading_ = 0;
  bool busy_ = false;
  std::deque<std::shared_ptr<Timer>> waiting_;
};

}  // namespace jitbot

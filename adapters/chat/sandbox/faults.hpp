#pragma once

#include "adapters/chat/sandbox/actions.hpp"

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jitbot::sandbox {

std::string_view to_string(DisconnectReason reason);
std::string_view to_string(MethodFaultKind kind);
std::optional<DisconnectReason> disconnect_reason(std::string_view name);
std::optional<MethodFaultKind> method_fault_kind(std::string_view name);

// The faults asked for. Each call of a method takes the first that fits it.
class FaultPlan {
 public:
  void add(MethodFault fault);
  std::optional<MethodFault> take(std::string_view method);
  void add(UpgradeFault fault);
  std::optional<int> take_upgrade_refusal();
  void clear();

  bool hello_withheld = false;
  bool link_disabled = false;
  bool down = false;

 private:
  std::vector<MethodFault> methods_;
  std::deque<UpgradeFault> upgrades_;
};

}  // namespace jitbot::sandbox

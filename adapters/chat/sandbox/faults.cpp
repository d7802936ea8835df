#include "adapters/chat/sandbox/faults.hpp"

#include <array>

namespace jitbot::sandbox {

namespace {
constexpr std::array k_reasons{DisconnectReason::warning, DisconnectReason::refresh_requested,
                               DisconnectReason::too_many_websockets, DisconnectReason::link_disabled};
constexpr std::array k_kinds{MethodFaultKind::status,      MethodFaultKind::error_before,
                             MethodFaultKind::error_after, MethodFaultKind::rate_limited,
                             MethodFaultKind::api_error,   MethodFaultKind::hang_before,
                             MethodFaultKind::hang_after,  MethodFaultKind::html};
}  // namespace

std::string_view to_string(DisconnectReason reason) {
  switch (reason) {
    case DisconnectReason::warning:
      return "warning";
    case DisconnectReason::refresh_requested:
      return "refresh_requested";
    case DisconnectReason::too_many_websockets:
      return "too_many_websockets";
    case DisconnectReason::link_disabled:
      return "link_disabled";
  }
  return "";
}

std::string_view to_string(MethodFaultKind kind) {
  switch (kind) {
    case MethodFaultKind::status:
      return "status";
    case MethodFaultKind::error_before:
      return "error_before";
    case MethodFaultKind::error_after:
      return "error_after";
    case MethodFaultKind::rate_limited:
      return "rate_limited";
    case MethodFaultKind::api_error:
      return "api_error";
    case MethodFaultKind::hang_before:
      return "hang_before";
    case MethodFaultKind::hang_after:
      return "hang_after";
    case MethodFaultKind::html:
      return "html";
  }
  return "";
}

std::optional<DisconnectReason> disconnect_reason(std::string_view name) {
  for (const DisconnectReason reason : k_reasons) {
    if (to_string(reason) == name) return reason;
  }
  return std::nullopt;
}

std::optional<MethodFaultKind> method_fault_kind(std::string_view name) {
  for (const MethodFaultKind kind : k_kinds) {
    if (to_string(kind) == name) return kind;
  }
  return std::nullopt;
}

void FaultPlan::add(MethodFault fault) {
  methods_.push_back(std::move(fault));
}
void FaultPlan::add(UpgradeFault fault) {
  upgrades_.push_back(fault);
}

std::optional<MethodFault> FaultPlan::take(std::string_view method) {
  for (auto it = methods_.begin(); it != methods_.end(); ++it) {
    if (it->method != method && it->method != "*") continue;
    MethodFault fault = *it;
    if (it->count == 1) {
      methods_.erase(it);
    } else if (it->count > 1) {
      --it->count;
    }
    return fault;
  }
  return std::nullopt;
}

std::optional<int> FaultPlan::take_upgrade_refusal() {
  if (upgrades_.empty()) return std::nullopt;
  const int status = upgrades_.front().status;
  if (int& count = upgrades_.front().count; count == 1) {
    upgrades_.pop_front();
  } else if (count > 1) {
    --count;
  }
  return status;
}

void FaultPlan::clear() {
  methods_.clear();
  upgrades_.clear();
  hello_withheld = false;
  link_disabled = false;
  down = false;
}

}  // namespace jitbot::sandbox

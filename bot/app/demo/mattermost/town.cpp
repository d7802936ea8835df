#include "bot/app/demo/mattermost/town.hpp"

namespace jitbot::town {

const std::vector<Inhabitant>& inhabitants() {
  static const std::vector<Inhabitant> k_all = {
      {"alice", "engineer", {"general", "staging-approvals", "prod-approvals"}},
      {"bob", "engineer, sre", {"general", "staging-approvals", "prod-approvals", "sre"}},
      {"carol", "approver", {"general", "staging-approvals", "prod-approvals", "approvers"}},
      {"dave", "approver, sre", {"general", "staging-approvals", "prod-approvals", "approvers", "sre"}},
      {"erin", "administrator of jitbot", {"general", "staging-approvals", "prod-approvals", "jit-admins"}},
      {"gina", "guest", {"staging-approvals", "prod-approvals", "sre"}},
      {"sam", "of no team here", {}},
  };
  return k_all;
}

const std::vector<Room>& rooms() {
  static const std::vector<Room> k_all = {
      {"general", "Demo: ask here", Room::Kind::open},
      {"staging-approvals", "Demo: staging", Room::Kind::open},
      {"prod-approvals", "Demo: production", Room::Kind::open},
      {"jit-admins", "Demo: administrators", Room::Kind::closed},
      {"approvers", "Demo: the approvers", Room::Kind::closed},
      {"sre", "Demo: the sre", Room::Kind::closed},
  };
  return k_all;
}

}  // namespace jitbot::town

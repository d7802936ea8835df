#pragma once

#include <string_view>
#include <vector>

namespace jitbot::cli {

struct Asset {
  std::string_view name;
  std::string_view body;
};
const std::vector<Asset>& policy_schemas();  // bot/policy/schema/policy.schema.json, made when building

}  // namespace jitbot::cli

#include "tests/scenario/scene.hpp"

#include <array>
#include <cstdlib>
#include <stdexcept>
#include <utility>

namespace jitbot::scenario {

SceneName scene_of_environment() {
  static constexpr std::array<std::pair<std::string_view, SceneName>, 5> k_names{
      {{"slack", SceneName::slack},
       {"slack_commands", SceneName::slack_commands},
       {"mattermost", SceneName::mattermost},
       {"mattermost_reactions", SceneName::mattermost_reactions},
       {"mattermost_commands", SceneName::mattermost_commands}}};
  const char* told = getenv("JITBOT_SCENE");
  const std::string_view wanted = told == nullptr ? "slack" : told;
  for (const auto& [name, scene] : k_names) {
    if (name == wanted) return scene;
  }
  throw std::invalid_argument("JITBOT_SCENE is no scene: " + std::string(wanted));
}

Way way_of(SceneName scene) {
  switch (scene) {
    case SceneName::slack:
    case SceneName::mattermost:
      return Way::pressing;
    case SceneName::mattermost_reactions:
      return Way::reacting;
    case SceneName::slack_commands:
    case SceneName::mattermost_commands:
      return Way::typing;
  }
  return Way::pressing;
}

}  // namespace jitbot::scenario

#pragma once

#include "tests/support/recordings.hpp"

namespace jitbot::testing {

// The recorded Mattermost traffic.
inline bool have_mattermost_fixtures() {
  return have_recordings("mattermost");
}
inline nlohmann::json mattermost_fixture(const std::string& name) {
  return recording("mattermost", name);
}

}  // namespace jitbot::testing

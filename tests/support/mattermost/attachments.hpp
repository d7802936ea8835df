#pragma once

#include "tests/support/mattermost/core.hpp"

namespace jitbot::mattermost_stand_in {

// Message attachments: how they are kept, shown and clicked [act_post_create, act_post_get_by_*].
// As the server keeps them: every field there, an id for each action, field values as texts.
Json kept_attachments(Core& core, const Json& given);
Json kept_props(Core& core, Json props);
// As everybody is shown them, the author and admins too.
Json without_integrations(Json props);
// As an ephemeral post shows them: what a click does goes to the client in a cookie, and is kept nowhere.
Json with_cookies(Core& core, Json props, const std::string& post, const std::string& channel);
// The action of that id, with its integration.
std::optional<Json> find_action(const Json& props, const std::string& id);
// Writing back what was shown crashes the server [act_read_modify_write_hazard].
bool loses_integrations(const Json& old_props, const Json& new_props);

}  // namespace jitbot::mattermost_stand_in

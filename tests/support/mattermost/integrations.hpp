#pragma once

#include "tests/support/mattermost/core.hpp"

#include <tl/expected.hpp>

#include <memory>
#include <string>

namespace jitbot::mattermost_stand_in {

Task<Answer> execute_command(std::shared_ptr<Core> core, Call call);
Answer delayed_answer(Core& core, const Call& call);  // POST /hooks/commands/{}
Task<Answer> click(std::shared_ptr<Core> core, Call call);
Answer open_dialog(Core& core, const Call& call);
Task<Answer> submit_dialog(std::shared_ptr<Core> core, Call call);

// A command's answer, at once or later, posted where it belongs. Null: it was.
struct Answered {
  const Command* command = nullptr;
  std::string user;
  std::string channel;
  std::string root;
};
std::optional<Answer> post_answer(Core& core, const Answered& where, const Json& answer);
// Slack's markup: <!channel> is put into Mattermost's as soon as it comes, <url|name> when it is posted.
std::string mentions_from_slack(const std::string& text);
std::string links_from_slack(const std::string& text);

}  // namespace jitbot::mattermost_stand_in

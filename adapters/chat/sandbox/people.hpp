#pragma once

#include "adapters/chat/sandbox/core.hpp"
#include "adapters/chat/sandbox/wire_json.hpp"

#include <memory>
#include <string>

// What people do with their client: the rules of the client, the payloads, and what they see of the answer.
namespace jitbot::sandbox {

Task<Outcome> run_command(std::shared_ptr<Core> core, CommandInput input);
Result<std::string> say(Core& core, SayInput input);
Task<Outcome> click(std::shared_ptr<Core> core, ClickInput input);
Task<Suggestions> suggest(std::shared_ptr<Core> core, SuggestInput input);
Task<Outcome> submit(std::shared_ptr<Core> core, SubmitInput input);
Task<Outcome> close_view(std::shared_ptr<Core> core, CloseInput input);
Task<Outcome> use_shortcut(std::shared_ptr<Core> core, ShortcutInput input);
Result<std::string> open_dm(Core& core, const std::string& user);
Result<void> open_home(Core& core, const std::string& user, HomeTab tab);

struct AppPost {
  std::string user;  // who sees an ephemeral one
  std::string channel;
  std::string thread_ts;
  Switch in_channel = Switch::off;
};
// The bot's message from an acknowledgement or a response URL.
void post_for_app(Core& core, const AppPost& post, const AppMessage& message);

Outcome not_possible(std::string error);  // the client would not have let them

}  // namespace jitbot::sandbox

#include "tests/support/mattermost/attachments.hpp"
#include "tests/support/mattermost/integrations.hpp"
#include "tests/support/mattermost/posting.hpp"

// What becomes of the answer to a slash command, at once or by its response_url [cmd_*].
namespace jitbot::mattermost_stand_in {

namespace {

Answer not_posted(const Command& command) {
  return failure(500, "api.command.execute_command.create_post_failed.app_error",
                 "Command '" + text_of(command.fields, "trigger") +
                     "' failed to post response. Please contact your System Administrator.");
}

std::string mention(const std::string& inside) {
  if (inside == "!channel") return "@channel";
  if (inside == "!here") return "@here";
  if (inside == "!everyone" || inside == "!all") return "@all";
  return "<" + inside + ">";
}

// <url|name>, where there is one between the brackets.
std::string link(const std::string& inside) {
  const std::size_t bar = inside.find('|');
  const bool url = inside.starts_with("http") || inside.starts_with("mailto:");
  if (bar != std::string::npos && url)
    return "[" + inside.substr(bar + 1) + "](" + inside.substr(0, bar) + ")";
  return "<" + inside + ">";
}

// `text` with what stands in <> put into other words.
std::string bracketed(const std::string& text, std::string (*other)(const std::string&)) {
  std::string out;
  std::size_t from = 0;
  while (from < text.size()) {
    const std::size_t open = text.find('<', from);
    const std::size_t close = open == std::string::npos ? open : text.find('>', open);
    if (close == std::string::npos) break;
    out += text.substr(from, open - from) + other(text.substr(open + 1, close - open - 1));
    from = close + 1;
  }
  return out + text.substr(from);
}

Draft drafted(Core& core, const Answered& where, const Json& answer) {
  const std::string of_command = text_of(where.command->fields, "username");
  const std::string icon_of_command = text_of(where.command->fields, "icon_url");
  Draft draft;
  draft.user = where.user;
  draft.channel = text_of(answer, "channel_id").empty() ? where.channel : text_of(answer, "channel_id");
  draft.root = draft.channel == where.channel ? where.root : std::string();
  draft.message = text_of(answer, "text");
  if (!flag_of(answer, "skip_slack_parsing")) draft.message = links_from_slack(draft.message);
  draft.type = text_of(answer, "type");
  if (answer.contains("props") && answer["props"].is_object()) draft.props = answer["props"];
  draft.props["from_webhook"] = "true";
  draft.props["override_icon_url"] = icon_of_command.empty() ? text_of(answer, "icon_url") : icon_of_command;
  // What the command was set up with wins over its answer.
  const std::string name = of_command.empty() ? text_of(answer, "username") : of_command;
  const bool may = flag_of(core.config["ServiceSettings"], "EnablePostUsernameOverride");
  if (may && !name.empty()) draft.props["override_username"] = name;
  if (answer.contains("attachments") && answer["attachments"].is_array()) {
    draft.props["attachments"] = answer["attachments"];
    if (draft.type.empty()) draft.type = "slack_attachment";
  }
  return draft;
}

std::optional<Answer> post_one(Core& core, const Answered& where, const Json& answer) {
  Draft draft = drafted(core, where, answer);
  if (draft.message.empty() && !draft.props.contains("attachments")) return std::nullopt;
  if (!core.member(draft.channel, where.user)) return not_posted(*where.command);
  if (invalid(core, draft)) return not_posted(*where.command);
  if (text_of(answer, "response_type") == "in_channel") {
    store(core, std::move(draft));
  } else {
    send_ephemeral(core, where.user, std::move(draft));
  }
  return std::nullopt;
}

}  // namespace

std::string mentions_from_slack(const std::string& text) {
  return bracketed(text, mention);
}

std::string links_from_slack(const std::string& text) {
  return bracketed(text, link);
}

std::optional<Answer> post_answer(Core& core, const Answered& where, const Json& answer) {
  if (auto refusal = post_one(core, where, answer)) return refusal;
  if (!answer.contains("extra_responses") || !answer["extra_responses"].is_array()) return std::nullopt;
  for (const Json& extra : answer["extra_responses"]) {
    if (auto refusal = post_one(core, where, extra)) return refusal;
  }
  return std::nullopt;
}

}  // namespace jitbot::mattermost_stand_in

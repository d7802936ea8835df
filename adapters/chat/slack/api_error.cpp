#include "adapters/chat/slack/api_error.hpp"

#include <algorithm>
#include <array>

namespace jitbot::slack {

namespace {

struct Meaning {
  std::string_view code;
  ErrorKind kind;
  std::string_view words;
};

// docs.slack.dev, the error lists of the methods we call. What is not here is a refusal: Slack understood and
// said no.
constexpr std::array k_meanings{
    Meaning{"ratelimited", ErrorKind::rate_limited, "Slack asks us to slow down"},
    Meaning{"rate_limited", ErrorKind::rate_limited, "Slack asks us to slow down"},
    Meaning{"message_limit_exceeded", ErrorKind::rate_limited, "Slack takes no more messages for now"},
    Meaning{"channel_not_found", ErrorKind::not_found, "there is no such channel, or I am not in it"},
    Meaning{"message_not_found", ErrorKind::not_found, "the message is gone"},
    Meaning{"thread_not_found", ErrorKind::not_found, "the thread is gone"},
    Meaning{"user_not_found", ErrorKind::not_found, "Slack knows no such person"},
    Meaning{"users_not_found", ErrorKind::not_found, "nobody has that e-mail here"},
    Meaning{"user_not_visible", ErrorKind::not_found, "Slack does not show me that person"},
    Meaning{"no_such_subteam", ErrorKind::not_found, "there is no such user group"},
    Meaning{"subteam_not_found", ErrorKind::not_found, "there is no such user group"},
    Meaning{"not_found", ErrorKind::not_found, "it is not there"},
    Meaning{"not_in_channel", ErrorKind::refused, "I am not in that channel"},
    Meaning{"is_archived", ErrorKind::refused, "the channel is archived"},
    Meaning{"user_disabled", ErrorKind::refused, "that person is deactivated"},
    Meaning{"cannot_dm_bot", ErrorKind::refused, "bots get no direct messages"},
    Meaning{"messages_tab_disabled", ErrorKind::refused, "direct messages to me are switched off"},
    Meaning{"expired_trigger_id", ErrorKind::refused, "it took too long to open the form"},
    Meaning{"exchanged_trigger_id", ErrorKind::refused, "the form was opened already"},
    Meaning{"missing_scope", ErrorKind::refused,
            "the app lacks a permission; reinstall it from its manifest"},
    Meaning{"hash_conflict", ErrorKind::conflict, "the form changed meanwhile"},
    Meaning{"invalid_blocks", ErrorKind::invalid, "Slack did not take the message's form"},
    Meaning{"invalid_blocks_format", ErrorKind::invalid, "Slack did not take the message's form"},
    Meaning{"msg_blocks_too_long", ErrorKind::invalid, "the message is too long"},
    Meaning{"msg_too_long", ErrorKind::invalid, "the message is too long"},
    Meaning{"no_text", ErrorKind::invalid, "the message is empty"},
    Meaning{"view_too_large", ErrorKind::invalid, "the form is too large"},
    Meaning{"invalid_arguments", ErrorKind::invalid, "Slack did not understand the call"},
    Meaning{"invalid_form_data", ErrorKind::invalid, "Slack did not understand the call"},
    Meaning{"invalid_metadata_format", ErrorKind::invalid, "Slack did not understand the call"},
    Meaning{"metadata_too_large", ErrorKind::invalid, "Slack did not understand the call"},
    Meaning{"invalid_cursor", ErrorKind::invalid, "Slack did not understand the call"},
    Meaning{"internal_error", ErrorKind::outcome_unknown, "Slack has trouble of its own"},
    Meaning{"fatal_error", ErrorKind::outcome_unknown, "Slack has trouble of its own"},
    Meaning{"service_unavailable", ErrorKind::outcome_unknown, "Slack has trouble of its own"},
    Meaning{"request_timeout", ErrorKind::outcome_unknown, "Slack has trouble of its own"},
    Meaning{"team_added_to_org", ErrorKind::unavailable, "the workspace is being moved"},
};

// Socket Mode's fatal list and the errors common to all methods.
constexpr std::array<std::string_view, 19> k_fatal{"invalid_auth",
                                                   "not_authed",
                                                   "account_inactive",
                                                   "token_revoked",
                                                   "token_expired",
                                                   "missing_scope",
                                                   "user_removed_from_team",
                                                   "team_disabled",
                                                   "no_permission",
                                                   "org_login_required",
                                                   "not_allowed_token_type",
                                                   "ekm_access_denied",
                                                   "app_not_found",
                                                   "app_not_installed",
                                                   "app_deleted",
                                                   "app_uninstalled",
                                                   "invalid_app_id",
                                                   "team_access_not_granted",
                                                   "access_denied"};

const Meaning* meaning_of(std::string_view code) {
  const auto* found = std::ranges::find(k_meanings, code, &Meaning::code);
  return found == k_meanings.end() ? nullptr : found;
}

}  // namespace

ErrorKind kind_of(std::string_view code) {
  // A token that is refused today may be mended tomorrow: what waits is not given up for it.
  if (is_fatal(code) && code != "missing_scope") return ErrorKind::unavailable;
  const Meaning* meaning = meaning_of(code);
  return meaning == nullptr ? ErrorKind::refused : meaning->kind;
}

bool is_fatal(std::string_view code) {
  return std::ranges::find(k_fatal, code) != k_fatal.end();
}

bool is_rate_limit(std::string_view code) {
  return kind_of(code) == ErrorKind::rate_limited;
}

bool is_block_problem(std::string_view code) {
  return code == "invalid_blocks" || code == "invalid_blocks_format" || code == "msg_blocks_too_long" ||
         code == "msg_too_long";
}

std::string words_for(std::string_view code) {
  const Meaning* meaning = meaning_of(code);
  if (meaning != nullptr) return std::string(meaning->words);
  return is_fatal(code) ? "Slack does not accept the app's token" : "Slack refused";
}

}  // namespace jitbot::slack

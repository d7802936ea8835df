#pragma once

#include "bot/model/result.hpp"
#include "bot/model/time.hpp"

#include <tl/expected.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace jitbot::slack {

// Why a Web API call failed. `code` is Slack's own word, empty when Slack did not answer in its own words.
struct ApiFault {
  Error error;
  std::string code;
  std::optional<Millis> retry_after;
};

template <class T>
using ApiResult = tl::expected<T, ApiFault>;

// What a code of Slack's means to callers: the one place where codes become kinds.
ErrorKind kind_of(std::string_view code);
// Errors that no retry mends: tokens, scopes, the app or the team are not as they must be. Stop and tell
// somebody.
bool is_fatal(std::string_view code);
bool is_rate_limit(std::string_view code);     // both spellings
bool is_block_problem(std::string_view code);  // the message's shape, not its place, was refused
// For people: what it means for them. Never holds what they typed.
std::string words_for(std::string_view code);

}  // namespace jitbot::slack

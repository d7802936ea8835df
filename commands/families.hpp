#pragma once

#include "commands/intent.hpp"
#include "commands/words.hpp"

#include <string>
#include <string_view>
#include <vector>

// What the files of the command families offer the grammar. `words` stands behind the command's own word.
namespace jitbot::grammar {

// What every family needs.
tl::unexpected<Error> misunderstood(std::string message);

struct TypedId {
  RequestId id;
  std::optional<int> revision;
};
// As it was typed: "7K3F.2".
std::string typed_id(const TypedId& id);
// The next word as an id; the error shows `usage`, a whole command line.
Result<TypedId> take_id(Words& words, std::string_view usage);
// The rest as a reason, at most 500 characters; it may be empty.
Result<std::string> take_reason(Words& words);
// The next words as a duration: "1h", "1h 30m", "1 hour", "for 1h", quoted or not. Nothing: it is not one.
std::optional<Millis> take_duration(Words& words);
Result<void> expect_end(const Words& words, std::string_view command);
// "1 hour" and "1h 30m" as a form's field holds them.
Result<Millis> duration_of(const std::string& text);
Result<std::string> reason_of(const std::string& text);

// ask.cpp
Result<Intent> parse_request(Words& words);
Result<Intent> parse_ensure(Words& words);
Result<Intent> parse_extend(Words& words);
struct Scope {
  std::string resource;
  std::string role;
};
Result<Scope> scope_of(std::string_view typed);  // "staging:viewer"
// link.cpp
Result<Intent> parse_link(Words& words);
// decide.cpp
Result<Intent> parse_approve(Words& words);
Result<Intent> parse_deny(Words& words);
Result<Intent> parse_revise(Words& words);
Result<Intent> parse_ask_about(Words& words);
Result<Intent> parse_withdraw(Words& words);
// A question or an answer, at most 500 characters.
Result<std::string> question_of(const std::string& text);
// end.cpp
Result<Intent> parse_cancel(Words& words);
Result<Intent> parse_done(Words& words);
Result<Intent> parse_revoke(Words& words);
// look.cpp
Result<Intent> parse_mine(Words& words);
Result<Intent> parse_pending(Words& words);
Result<Intent> parse_show(Words& words);
// lists.cpp
Result<Intent> parse_active(Words& words);
Result<Intent> parse_who(Words& words);
Result<Intent> parse_history(Words& words);
// catalog.cpp
Result<Intent> parse_resources(Words& words);
Result<Intent> parse_explain(Words& words);
// help.cpp
Result<Intent> parse_help(Words& words);
// admin.cpp
Result<Intent> parse_status(Words& words);
Result<Intent> parse_debt(Words& words);
Result<Intent> parse_policy(Words& words);

// What a command is for; the help shows its groups in this order.
enum class Family { ask, decide, end, look, help, administer };

// One command as people know it.
struct Command {
  std::string_view word;
  Result<Intent> (*parse)(Words&);
  Family family = Family::ask;
  std::string_view usage;  // "request <resource>[:<role>] <duration> [reason…]"
  std::string_view does;   // "asks for access"
  std::vector<std::string_view> examples;
};
const std::vector<Command>& commands();  // in the order of the help
const Command* find_command(std::string_view word);
bool comes_later(std::string_view word);
std::string later_message(std::string_view word);
// "did you mean approve?", or where to read what there is.
std::string did_you_mean(std::string_view typed);

}  // namespace jitbot::grammar

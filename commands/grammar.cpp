#include "bot/cards/clean.hpp"
#include "bot/model/duration.hpp"
#include "bot/model/nearest.hpp"
#include "commands/families.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace jitbot::grammar {

namespace {

constexpr std::size_t k_most_bytes = 8000;  // of one command; Slack sends at most 4,000 characters
constexpr std::size_t k_most_reason = 500;  // characters
constexpr int k_most_revision = 1000;

constexpr std::array<std::string_view, 5> k_later{"breakglass", "run", "oncall", "incident", "audit"};

// Sentences end, and lists are separated, right behind an id.
std::string_view without_punctuation(std::string_view text) {
  const auto last = text.find_last_not_of(".,;:!?)");
  return last == std::string_view::npos ? std::string_view{} : text.substr(0, last + 1);
}

// "2" of "7K3F.2": the request as asked is 1, its first revision 2.
std::optional<int> revision_of(std::string_view digits) {
  if (digits.empty() || digits.size() > 4) return std::nullopt;
  int number = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  if (number < 1 || number > k_most_revision) return std::nullopt;
  return number - 1;
}

std::optional<TypedId> parse_typed_id(std::string_view typed) {
  const std::string straight = straight_dashes(typed);
  std::string_view text = without_punctuation(straight);
  TypedId out;
  const auto dot = text.find('.');
  if (dot != std::string_view::npos) {
    out.revision = revision_of(text.substr(dot + 1));
    if (!out.revision) return std::nullopt;
    text = text.substr(0, dot);
  }
  const auto id = parse_request_id(text);
  if (!id) return std::nullopt;
  out.id = *id;
  return out;
}

// How many of the next words make one duration. "1h 30m" and "1 hour 30 minutes" do; "1h 30 minutes of logs"
// is an hour and a reason, so spellings are not mixed.
bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool reads_as_duration(const std::string& text) {
  return parse_duration(text).has_value();
}

struct Taken {
  std::size_t words = 0;
  std::string text;
};

Taken spelled_out(const Words& words, std::size_t from) {
  Taken best;
  std::string text;
  for (std::size_t at = from; words.peek(at + 1) != nullptr; at += 2) {
    if (!is_number(words.peek(at)->text)) break;
    text += (text.empty() ? "" : " ") + words.peek(at)->text + " " +
            std::string(without_punctuation(words.peek(at + 1)->text));
    if (!reads_as_duration(text)) break;
    best = {at + 2 - from, text};
  }
  return best;
}

Taken short_form(const Words& words, std::size_t from) {
  Taken best;
  std::string text;
  for (std::size_t at = from; words.peek(at) != nullptr; ++at) {
    if (is_number(words.peek(at)->text) || words.peek(at)->kind == Word::Kind::mention) break;
    text += (text.empty() ? "" : " ") + std::string(without_punctuation(words.peek(at)->text));
    if (!reads_as_duration(text)) break;
    best = {at + 1 - from, text};
    if (words.peek(at)->kind == Word::Kind::quoted) break;
  }
  return best;
}

}  // namespace

tl::unexpected<Error> misunderstood(std::string message) {
  return fail(ErrorKind::invalid, std::move(message));
}

std::string typed_id(const TypedId& id) {
  if (!id.revision || *id.revision == 0) return id.id.value;
  return fmt::format("{}.{}", id.id.value, *id.revision + 1);
}

Result<TypedId> take_id(Words& words, std::string_view usage) {
  const Word* word = words.peek();
  if (word == nullptr) return misunderstood(fmt::format("which one? {}", usage));
  const auto id = parse_typed_id(word->text);
  if (!id)
    return misunderstood(fmt::format("{} is not an id; ids look like JIT-7K3F: {}", echo(word->text), usage));
  words.skip();
  return *id;
}

Result<std::string> reason_of(const std::string& text) {
  const std::size_t length = length_of(text);
  if (length <= k_most_reason) return text;
  return misunderstood(fmt::format("the reason has {} characters; {} are the most", length, k_most_reason));
}

Result<std::string> take_reason(Words& words) {
  const Word* word = words.peek();
  if (word != nullptr && word->kind == Word::Kind::bare && words.left() > 1) {
    const std::string first = lower(word->text);
    if (first == "because" || first == "because:" || first == "--") words.skip();
  }
  return reason_of(words.rest());
}

std::optional<Millis> take_duration(Words& words) {
  std::size_t from = 0;
  const Word* word = words.peek();
  if (word == nullptr) return std::nullopt;
  const std::string first = lower(word->text);
  if (word->kind == Word::Kind::bare && (first == "for" || first == "by")) from = 1;
  Taken taken = spelled_out(words, from);
  if (taken.words == 0) taken = short_form(words, from);
  if (taken.words == 0) return std::nullopt;
  words.skip(from + taken.words);
  return *parse_duration(taken.text);
}

Result<Millis> duration_of(const std::string& text) {
  Words words(text);
  const auto duration = take_duration(words);
  if (duration && words.empty()) return *duration;
  if (tidy(text).empty()) return misunderstood("how long? for example 30m, 1h30m or 2d");
  return misunderstood(fmt::format("{} is not a length of time I can use; try 30m, 1h30m or 2d", echo(text)));
}

Result<void> expect_end(const Words& words, std::string_view command) {
  if (words.empty()) return {};
  return misunderstood(fmt::format("I do not understand {} here; the whole command is: /jit {}",
                                   echo(words.peek()->text), command));
}

const std::vector<Command>& commands() {
  static const std::vector<Command> k_commands{
      {"request",
       parse_request,
       Family::ask,
       "request <resource>[:<role>] <duration> [reason…]",
       "asks for access",
       {"request staging 1h", "request staging:viewer 30m INC-7 look at the queue",
        "request staging for 1h because INC-7", "request staging until 18:00 INC-7",
        "request staging 1h for @bob because INC-7", "request staging 1h --at tomorrow 9:00 --ticket INC-7",
        "request staging 1h --dry-run"}},
      {"ensure",
       parse_ensure,
       Family::ask,
       "ensure <resource>[:<role>] <duration> [reason…]",
       "makes sure you have it: asks only where you have not asked already",
       {"ensure staging 1h INC-7"}},
      {"approve",
       parse_approve,
       Family::decide,
       "approve <id> [comment]",
       "agrees to a request",
       {"approve 7K3F", "approve JIT-7K3F looks right", "approve 7K3F prod-db"}},
      {"deny",
       parse_deny,
       Family::decide,
       "deny <id> <reason>",
       "refuses a request",
       {"deny 7K3F use the replica"}},
      {"revise",
       parse_revise,
       Family::decide,
       "revise <id> <duration> [role] because <reason>",
       "agrees to less than was asked: shorter, or a role that the asked one includes",
       {"revise 7K3F 30m", "revise 7K3F 30m viewer because the replica is enough"}},
      {"ask",
       parse_ask_about,
       Family::decide,
       "ask <id> <question>",
       "asks the requester something, or answers: in the card's thread, and by message",
       {"ask 7K3F which table is it about?"}},
      {"withdraw",
       parse_withdraw,
       Family::decide,
       "withdraw <id>",
       "takes your vote back while it is still open",
       {"withdraw 7K3F"}},
      {"cancel",
       parse_cancel,
       Family::end,
       "cancel <id>",
       "takes your request back while it waits",
       {"cancel 7K3F"}},
      {"done",
       parse_done,
       Family::end,
       "done [<id>]",
       "gives access back early; the id may be left out if you have just one",
       {"done", "done 7K3F"}},
      {"revoke",
       parse_revoke,
       Family::end,
       "revoke <id> <reason>",
       "takes access away from somebody",
       {"revoke 7K3F wrong database"}},
      {"extend",
       parse_extend,
       Family::ask,
       "extend <id> <duration> [reason]",
       "asks for more time",
       {"extend 7K3F 30m", "extend 7K3F 1h INC-7 still looking"}},
      {"mine", parse_mine, Family::look, "mine", "what you have and what you asked for", {"mine"}},
      {"pending", parse_pending, Family::look, "pending", "what waits for your decision", {"pending"}},
      {"show", parse_show, Family::look, "show <id>", "everything about one request", {"show 7K3F"}},
      {"active",
       parse_active,
       Family::look,
       "active [resource]",
       "who has access now: yours, and what you look after",
       {"active", "active staging"}},
      {"who",
       parse_who,
       Family::look,
       "who <resource>",
       "who has it, who waits for it, and who may approve",
       {"who staging"}},
      {"history",
       parse_history,
       Family::look,
       "history [@user|resource] [--since 7d]",
       "what was decided, newest first",
       {"history", "history staging --since 7d"}},
      {"resources",
       parse_resources,
       Family::look,
       "resources [word]",
       "what you may ask for",
       {"resources", "resources prod"}},
      {"explain",
       parse_explain,
       Family::look,
       "explain <resource>[:<role>] [duration]",
       "who would have to agree, by which rule, and why",
       {"explain staging", "explain staging:viewer 2h"}},
      {"link",
       parse_link,
       Family::ask,
       "link [<code>]",
       "makes your accounts in two chats one: asks for a code here, brings it there",
       {"link", "link 7K3F9Q2M"}},
      {"help", parse_help, Family::help, "help [command]", "what I understand", {"help", "help request"}},
      {"status",
       parse_status,
       Family::administer,
       "status",
       "how the bot is doing (administrators)",
       {"status"}},
      {"debt",
       parse_debt,
       Family::administer,
       "debt [abandon <entitlement> <reason>]",
       "access whose end is not proven, and giving up on one (administrators)",
       {"debt", "debt abandon 12 the server was scrapped"}},
      {"policy",
       parse_policy,
       Family::administer,
       "policy [show|diff|reload]",
       "the rules in force, what the files would change, and putting those in force (administrators)",
       {"policy", "policy diff", "policy reload"}},
  };
  return k_commands;
}

const Command* find_command(std::string_view word) {
  const auto found = std::ranges::find(commands(), word, &Command::word);
  return found == commands().end() ? nullptr : &*found;
}

bool comes_later(std::string_view word) {
  return std::ranges::find(k_later, word) != k_later.end();
}

std::string later_message(std::string_view word) {
  return fmt::format("{} comes in a later version; /jit help lists what I understand now", word);
}

std::string did_you_mean(std::string_view typed) {
  std::vector<std::string> names;
  for (const Command& command : commands()) names.emplace_back(command.word);
  for (const std::string_view word : k_later) names.emplace_back(word);
  const std::string meant = nearest(std::string(typed), names);
  if (meant.empty()) return fmt::format("I do not know {}; /jit help lists what I understand", echo(typed));
  return fmt::format("I do not know {}; did you mean {}? /jit help lists what I understand", echo(typed),
                     meant);
}

namespace {

// "/jit request --help"
bool asks_for_help(const Words& words) {
  const Word* word = words.peek();
  if (word == nullptr || word->kind != Word::Kind::bare || words.left() > 1) return false;
  const std::string text = lower(straight_dashes(word->text));
  return text == "--help" || text == "-h";
}

}  // namespace

}  // namespace jitbot::grammar

namespace jitbot {

using grammar::Word;
using grammar::Words;

Result<Intent> parse_command(const std::string& text) {
  if (text.size() > grammar::k_most_bytes) {
    return grammar::misunderstood("that is too long for a command; /jit help shows how to say it shorter");
  }
  Words words(text);
  const Word* first = words.peek();
  // People paste whole lines out of the help.
  if (first != nullptr && first->kind == Word::Kind::bare && grammar::lower(first->text) == "/jit") {
    words.skip();
    first = words.peek();
  }
  if (first == nullptr) return Intent{HelpIntent{}};
  const std::string typed = first->text;
  const std::string word = grammar::lower(typed);
  if (first->kind == Word::Kind::mention) {
    return grammar::misunderstood(
        "start with a command, as in /jit request staging 1h; /jit help lists them");
  }
  words.skip();
  if (const grammar::Command* command = grammar::find_command(word)) {
    if (grammar::asks_for_help(words)) return Intent{HelpIntent{word}};
    return command->parse(words);
  }
  if (grammar::comes_later(word)) return grammar::misunderstood(grammar::later_message(word));
  return grammar::misunderstood(grammar::did_you_mean(typed));
}

bool starts_access(const Intent& intent) {
  return std::holds_alternative<AskIntent>(intent) || std::holds_alternative<ExtendIntent>(intent) ||
         std::holds_alternative<AgainIntent>(intent);
}

}  // namespace jitbot

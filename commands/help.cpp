#include "commands/answers.hpp"
#include "commands/ask_options.hpp"
#include "commands/families.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace jitbot::grammar {

Result<Intent> parse_help(Words& words) {
  const Word* word = words.peek();
  if (word == nullptr) return Intent{HelpIntent{}};
  std::string topic = lower(word->text);
  words.skip();
  if (topic == "/jit") return parse_help(words);
  const bool known =
      find_command(topic) != nullptr || comes_later(topic) || topic == "durations" || topic == "times";
  if (!known) return misunderstood(did_you_mean(topic));
  if (const auto end = expect_end(words, "help [command]"); !end) return tl::unexpected<Error>(end.error());
  return Intent{HelpIntent{std::move(topic)}};
}

}  // namespace jitbot::grammar

namespace jitbot {

namespace {

using grammar::Command;
using grammar::Family;

Line command_line(const Command& command) {
  return {Code{fmt::format("/jit {}", command.usage)}, Plain{fmt::format(" — {}", command.does)}};
}

constexpr std::array<std::pair<Family, std::string_view>, 6> k_families{{
    {Family::ask, "Ask"},
    {Family::decide, "Decide"},
    {Family::end, "End"},
    {Family::look, "Look"},
    {Family::help, "Learn"},
    {Family::administer, "Administer"},
}};

Card overview() {
  Card card;
  card.headline = "What I understand";
  for (const auto& [family, title] : k_families) {
    card.facts.push_back({Strong{std::string(title)}});
    for (const Command& command : grammar::commands()) {
      if (command.family == family) card.facts.push_back(command_line(command));
    }
  }
  card.footer.push_back({Plain{"more with "}, Code{"/jit help request"}, Plain{" · "}, Code{"/jit"},
                         Plain{" alone opens a form where the chat can show one"}});
  return card;
}

Card durations() {
  Card card;
  card.headline = "Durations";
  card.facts.push_back({Code{"45s"}, Plain{" · "}, Code{"30m"}, Plain{" · "}, Code{"1h30m"}, Plain{" · "},
                        Code{"90min"}, Plain{" · "}, Code{"2d"}, Plain{" · "}, Code{"1 hour"}});
  card.facts.push_back(plain("units: s, m, h, d, w and their usual words"));
  return card;
}

Card times() {
  Card card;
  card.headline = "Points of time";
  card.facts.push_back({Code{"18:00"}, Plain{" · "}, Code{"6pm"}, Plain{" · "}, Code{"tomorrow 9:00"},
                        Plain{" · "}, Code{"monday 9:00"}, Plain{" · "}, Code{"2026-03-01 18:00"},
                        Plain{" · "}, Code{"18:00 UTC"}, Plain{" · "}, Code{"2026-03-01T18:00Z"}});
  card.facts.push_back(
      plain("Read in the time zone of your chat account; a time that has passed today is tomorrow's."));
  return card;
}

// What request and ensure understand beyond their line.
std::vector<Line> options_of(std::string_view word) {
  std::vector<Line> lines;
  if (word != "request" && word != "ensure") return lines;
  for (const grammar::OptionHelp& option : grammar::option_help())
    lines.push_back({Code{std::string(option.usage)}, Plain{fmt::format(" — {}", option.does)}});
  return lines;
}

// What a command line does not show.
std::vector<Line> notes_on(std::string_view word) {
  if (word == "request" || word == "ensure") {
    return {{Plain{"Durations: "}, Code{"45s"}, Plain{" "}, Code{"30m"}, Plain{" "}, Code{"1h30m"},
             Plain{" "}, Code{"2d"}, Plain{" "}, Code{"\"1 hour\""}, Plain{" · times: "}, Code{"18:00"},
             Plain{" "}, Code{"tomorrow 9:00"}, Plain{" · more with "}, Code{"/jit help durations"},
             Plain{" and "}, Code{"/jit help times"}},
            {Plain{"Options stand anywhere; in quotes, or behind "}, Code{"--"},
             Plain{", they are part of the reason."}}};
  }
  if (word == "approve") {
    return {
        plain("Ids are read in any case, with or without JIT-. What was revised is approved by its new id: "
              "7K3F.2."),
        plain("High risk: the resource's name stands behind the id. What follows is a comment.")};
  }
  if (word == "deny") return {plain("Ids are read in any case, with or without JIT-.")};
  if (word == "revise") {
    return {plain("It is your approval of the shorter request; approvals of before do not count any more."),
            plain("High risk: the resource's name stands behind the duration, or behind the role."),
            {Plain{"A reason that starts with a role or is one word wants "}, Code{"because"},
             Plain{" before it."}}};
  }
  if (word == "ask") return {plain("Whoever may see the request may ask, and answer, in the same way.")};
  if (word == "revoke")
    return {plain("Owners of the resource, those who may approve it, and administrators can.")};
  if (word == "active" || word == "who")
    return {plain("Yours, what you own or approve, and for what you may ask for: who has it until when.")};
  if (word == "history") {
    return {{Plain{"Yours, and what you own or approve; administrators and auditors read all. "},
             Code{"--since 7d"}, Plain{": decided no longer ago"}}};
  }
  if (word == "resources") return {plain("The word is looked for in names, descriptions and tags.")};
  if (word == "explain")
    return {plain("It is decided as if you asked now; nothing is asked and nobody is told.")};
  if (word == "extend") return {plain("How much in total, and whether it must be approved, says the rule.")};
  return {};
}

Card one_command(const Command& command) {
  Card card;
  card.headline = std::string(command.word);
  card.facts.push_back(command_line(command));
  for (const std::string_view example : command.examples) {
    card.facts.push_back({Plain{"for example "}, Code{fmt::format("/jit {}", example)}});
  }
  for (Line& line : options_of(command.word)) card.facts.push_back(std::move(line));
  card.footer = notes_on(command.word);
  return card;
}

}  // namespace

Card help_answer(const std::string& topic) {
  const std::string word = grammar::lower(topic);
  if (word.empty()) return overview();
  if (word == "durations") return durations();
  if (word == "times") return times();
  if (const Command* command = grammar::find_command(word)) return one_command(*command);
  if (grammar::comes_later(word)) return answer(grammar::later_message(word));
  return answer(grammar::did_you_mean(topic));
}

}  // namespace jitbot

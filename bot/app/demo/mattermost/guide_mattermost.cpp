#include "bot/app/demo/mattermost/guide_mattermost.hpp"

#include <fmt/format.h>

namespace jitbot::town {

namespace {

constexpr auto k_guide =
    R"(jitbot demo: the bot and a database run on this machine; the chat is {url}.

  Log in   {login}, as two of these people (one in a private window):

{people}
  Manner   {manner}

  Try      1. Log in to the database as alice; it refuses:
                {database}
           2. As {prefix}alice, {where}:
                {ask}staging 2m INC-7 look at queue
           3. As {prefix}carol, in ~{prefix}staging-approvals: {decide}.
           4. Log in to the database again; now it works:
                SELECT * FROM queue;
              Stay logged in. A minute before the end alice is warned, at the end the session is ended,
              and alice reads "removed and confirmed absent".
           5. As {prefix}bob:
                {ask}metrics 5m                      nobody has to agree
                {ask}prod-db 5m INC-9 fix order 2    {prefix}carol and {prefix}dave have to

{look})";

std::string manner_words(const Town& town) {
  std::string words;
  switch (town.manner) {
    case cli::DemoManner::buttons:
      words = fmt::format("the slash command /jit, and buttons; the server calls the bot at {}",
                          town.callbacks_url);
      break;
    case cli::DemoManner::reactions:
      words = "messages to the bot, and reactions on its cards: nothing listens, no buttons";
      break;
    case cli::DemoManner::commands:
      words = "messages to the bot alone: nothing listens, no buttons";
      break;
  }
  if (!town.no_buttons.empty()) words += "\n           No buttons: " + town.no_buttons;
  return words;
}

std::string deciding(const Town& town) {
  switch (town.manner) {
    case cli::DemoManner::buttons:
      return "press Approve";
    case cli::DemoManner::reactions:
      return "react to the card with ✅ (:white_check_mark:)";
    case cli::DemoManner::commands:
      return fmt::format("read the card's id, and write to @{}: approve 7K3F", town.bot_name());
  }
  return {};
}

std::string people_lines(const Town& town) {
  std::string lines;
  for (const Inhabitant& who : inhabitants()) {
    const auto found = town.people.find(who.name);
    if (found == town.people.end()) continue;
    const bool away = who.name == "gina" && !town.no_guests.empty();
    lines += fmt::format("             {:<12} {:<22} {}\n", found->second.username,
                         found->second.password.reveal(),
                         away ? "no guest: " + town.no_guests : std::string(who.title));
  }
  return lines;
}

}  // namespace

std::string mattermost_guide(const GuideTo& to, const Town& town) {
  const std::string shown =
      "The passwords shown here end with the demo, and so does what was made on the server; never print real "
      "ones.";
  const std::string afterwards =
      "When it ends, people are deactivated, channels archived, the bot disabled, the database removed" +
      std::string(to.folder.is_temporary() ? ";\n  --data DIR keeps the bot's store, audit log and policy."
                                           : ".\n  The folder is kept.");
  const std::string where = town.presses() ? fmt::format("in ~{}general", k_prefix)
                                           : fmt::format("in a direct message to @{}", town.bot_name());
  return fmt::format(
      k_guide, fmt::arg("url", town.url), fmt::arg("login", fmt::format("{}/{}", town.url, town.team)),
      fmt::arg("people", people_lines(town)), fmt::arg("manner", manner_words(town)),
      fmt::arg("database", login_line(to.database, to.database_port, "alice")), fmt::arg("prefix", k_prefix),
      fmt::arg("where", where), fmt::arg("ask", town.presses() ? "/jit request " : "request "),
      fmt::arg("decide", deciding(town)), fmt::arg("look", look_further(to, shown, afterwards)));
}

std::string story_heading(const Town& town) {
  return fmt::format("On {}, team {}: alice is @{}alice there, and so on.\nBy {}\n", town.url, town.team,
                     k_prefix, manner_words(town));
}

}  // namespace jitbot::town

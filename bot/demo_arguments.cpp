#include "bot/demo_arguments.hpp"

#include "bot/app/cli.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

namespace jitbot {

namespace {

constexpr auto k_mattermost_group = "On a Mattermost server (--platform mattermost)";

constexpr auto k_footer = R"(
Without options everything is on this machine, and nothing of it remains.

With --platform mattermost the chat is a server that you run already, and the story is played there without hands;
with --by-hand people play it. The demo makes people, channels and a bot of its own there, all named demo-…, in a
team of its own; nobody else's are touched. At the end people are deactivated, channels archived, the bot is
disabled and its slash command removed; the team and what was written stay. Buttons need the server to call the
bot: on one machine it does where its setting AllowedUntrustedInternalConnections has 127.0.0.1, elsewhere name an
address with --callbacks. Without, people write to the bot and react to its cards.

  jitbot demo --platform mattermost --url https://chat.example.com --token-file admin.token)";

std::optional<cli::DemoManner> manner_of(const std::string& word) {
  if (word == "buttons") return cli::DemoManner::buttons;
  if (word == "reactions") return cli::DemoManner::reactions;
  if (word == "commands") return cli::DemoManner::commands;
  return std::nullopt;
}

int misused(const std::string& words) {
  std::cerr << "jitbot: " << words << "\n";
  return cli::k_usage;
}

}  // namespace

void DemoArguments::add_to(CLI::App& demo) {
  demo.add_option("--port", options_.port, "Of the page on 127.0.0.1; 0: any free one; 8765 unless named");
  demo.add_option("--data", options_.data, "Keep configuration, policy and store in this folder");
  demo.add_flag("--once", once_, "Play the story without hands, prove every step, and end");
  demo.add_option("--platform", platform_,
                  "Where people meet the bot: sandbox (on this machine) or mattermost")
      ->check(CLI::IsMember({"sandbox", "mattermost"}));
  const auto add = [&demo](const char* name, auto& into, const char* words) {
    return demo.add_option(name, into, words)->group(k_mattermost_group);
  };
  add("--url", mattermost_.url, "The site's address, such as https://chat.example.com");
  add("--token-file", mattermost_.token_file,
      "Holds a system administrator's personal access token; readable by its owner alone");
  add("--team", mattermost_.team, "A team that exists, by its name in addresses; else one of the demo's own");
  add("--callbacks", mattermost_.callbacks,
      "ADDRESS:PORT of this machine, where the server can call the bot");
  add("--callbacks-url", mattermost_.callbacks_url,
      "How the server reaches that, where it is another address");
  add("--manner", manner_,
      "How people decide: buttons, reactions or commands; the best that works unless named")
      ->check(CLI::IsMember({"buttons", "reactions", "commands"}));
  add("--ca-file", mattermost_.ca_file, "PEM file of the certificates to trust");
  demo.add_flag("--by-hand", by_hand_, "Leave the story to people, until it is interrupted")
      ->group(k_mattermost_group)
      ->excludes("--once");
  demo.footer(k_footer);
}

int DemoArguments::run() {
  if (once_ || (platform_ == "mattermost" && !by_hand_)) options_.play = cli::DemoPlay::story;
  const bool named = !mattermost_.url.empty() || !mattermost_.token_file.empty() ||
                     !mattermost_.team.empty() || !mattermost_.callbacks.empty() ||
                     !mattermost_.callbacks_url.empty() || !manner_.empty() || !mattermost_.ca_file.empty() ||
                     by_hand_;
  if (platform_ == "sandbox") {
    if (named) return misused("those options are for --platform mattermost; add it, or leave them out");
    return cli::demo(options_);
  }
  if (mattermost_.url.empty())
    return misused("--url is missing: the server's address, such as https://chat.example.com");
  if (mattermost_.token_file.empty())
    return misused(
        "demo: --token-file is missing: a file that holds a system administrator's personal access token");
  if (options_.port) return misused("--port is that of the sandbox's page; on Mattermost there is none");
  mattermost_.manner = manner_of(manner_);
  options_.mattermost = mattermost_;
  return cli::demo(options_);
}

}  // namespace jitbot

#include "bot/app/cli.hpp"
#include "bot/demo_arguments.hpp"
#include "bot/usage.hpp"

#include <CLI/CLI.hpp>

#include <csignal>
#include <iostream>
#include <utility>

namespace {

std::optional<std::filesystem::path> given(const std::string& file) {
  if (file.empty()) return std::nullopt;
  return file;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace jitbot;
  std::signal(SIGPIPE, SIG_IGN);

  CLI::App program{"jitbot: just-in-time access, approved in chat"};
  program.set_version_flag("--version", std::string("jitbot ") + k_version);
  program.require_subcommand(1);
  program.failure_message(failure_in_words);

  std::string config;
  bool after_restore = false;
  auto* run = program.add_subcommand("run", "Run the bot");
  run->add_option("--config", config, "jitbot.yaml")->required();
  run->add_flag("--after-restore", after_restore, "The store was restored from a backup on purpose");

  auto* check = program.add_subcommand("check", "Check configuration, policy and targets");
  check->add_option("--config", config, "jitbot.yaml")->required();

  auto* doctor = program.add_subcommand(
      "doctor", "Look at everything the bot needs: tokens, scopes, channels, targets, store");
  doctor->add_option("--config", config, "jitbot.yaml")->required();

  DemoArguments demo_arguments;
  auto* demo = program.add_subcommand(
      "demo", "Try it: a chat, the bot and a database on this machine, or on a Mattermost server");
  demo_arguments.add_to(*demo);

  auto* mattermost = program.add_subcommand("mattermost", "Mattermost servers");
  mattermost->require_subcommand(1);
  cli::MattermostSetup setup;
  auto* set_up =
      mattermost->add_subcommand("setup", "Make a server ready for the bot: account, token, command");
  set_up->add_option("--url", setup.url, "The site's address, such as https://chat.example.com")->required();
  set_up
      ->add_option("--admin-token-file", setup.admin_token_file,
                   "Holds a system administrator's access token: a personal one, or a session's")
      ->required();
  set_up->add_option("--team", setup.team, "Its name as it stands in addresses")->required();
  set_up->add_option("--username", setup.username, "Of the bot account");
  set_up->add_option("--channel", setup.channels, "To add the bot to; may be repeated");
  set_up->add_option(
      "--callbacks-url", setup.callbacks_url,
      "How the server reaches the bot, for the slash command and buttons; without it nothing listens");
  set_up->add_option("--listen", setup.listen, "Where the bot listens for that");
  set_up->add_option("--token-file", setup.token_file, "Where the bot's token is kept");
  set_up->add_option("--command-token-file", setup.command_token_file, "Where the command's token is kept");
  set_up->add_option("--ca-file", setup.ca_file, "PEM file of the certificates to trust");

  auto* audit = program.add_subcommand("audit", "The audit log");
  audit->require_subcommand(1);
  auto* verify = audit->add_subcommand("verify", "Verify the whole chain against the signed head, offline");
  std::string head;
  std::string public_key;
  verify->add_option("--config", config, "jitbot.yaml")->required();
  verify->add_option("--head", head, "A signed head that was kept elsewhere");
  verify->add_option("--public-key", public_key, "The public key to trust");

  auto* policy = program.add_subcommand("policy", "Policies and their expressions");
  policy->require_subcommand(1);
  auto* eval = policy->add_subcommand("eval", "Evaluate expressions: JSON lines in, JSON lines out");
  cli::PolicyShown shown;
  std::string shown_folder;
  bool as_json = false;
  auto* show = policy->add_subcommand("show", "Print a policy: of a folder, or the very rules of a digest");
  show->add_option("folder", shown_folder, "The folder of a policy")->check(policy_folder());
  show->add_option("--store", shown.store, "sqlite:FILE, of a bot that may be running");
  show->add_option("--digest", shown.digest, "The first digits of the digest; the newest unless named");
  show->add_option("--config", config, "jitbot.yaml, for the connectors of a folder's policy");
  show->add_flag("--json", as_json, "The canonical documents, byte for byte as the digest is of them");

  cli::PolicyCompared compared;
  std::string old_folder;
  std::string new_folder;
  bool quiet = false;
  auto* diff = policy->add_subcommand("diff", "Say in words what changes from one policy to another");
  diff->add_option("old", old_folder, "The folder of a policy")->required()->check(policy_folder());
  diff->add_option("new", new_folder, "The folder of another one")->required()->check(policy_folder());
  diff->add_option("--config", config, "jitbot.yaml, for the connectors of both");
  diff->add_flag("--quiet", quiet, "Say nothing; 0 is the same, 1 is not");

  std::string check_folder;
  std::string check_config;
  auto* policy_check =
      policy->add_subcommand("check", "Everything that is wrong with a policy, where, and the way out");
  policy_check->add_option("DIR", check_folder, "The policy's folder")->required()->check(policy_folder());
  policy_check->add_option("--config", check_config,
                           "jitbot.yaml: its connectors, catalogs and administrators");
  std::string test_folder;
  std::string test_config;
  std::string junit;
  auto* policy_test = policy->add_subcommand("test", "Run the tests that a policy carries");
  policy_test->add_option("DIR", test_folder, "The policy's folder")->required()->check(policy_folder());
  policy_test->add_option("--config", test_config, "jitbot.yaml, for the names of connectors");
  policy_test->add_option("--junit", junit, "Write the results into this file, too, as JUnit XML");
  auto* schema = policy->add_subcommand("schema", "Print the JSON Schema of policy files");

  cli::ExplainOptions asked;
  std::string explain_config;
  auto* explain = policy->add_subcommand("explain", "What a policy would decide, by which rule, and why");
  explain->add_option("DIR", asked.policy, "The policy's folder")->required()->check(policy_folder());
  explain->add_option("--requester", asked.requester, "E-mail, or an account such as slack:U0001")
      ->required();
  explain->add_option("--resource", asked.resource, "resource, or resource:role")->required();
  explain->add_option("--config", explain_config, "jitbot.yaml, for the names of connectors");
  explain->add_option("--role", asked.role, "The resource's default unless named");
  explain->add_option("--duration", asked.duration, "1h unless named");
  explain->add_option("--reason", asked.reason, "What he says");
  explain->add_option("--ticket", asked.ticket, "The ticket he names");
  explain->add_option("--asked-by", asked.asked_by, "Whoever asks for him");
  explain->add_option("--now", asked.now, "A day or a time in UTC; now unless named");
  explain->add_option("--start", asked.start, "A time in UTC; as soon as it is approved unless named");
  explain->add_option("--channel", asked.channel, "The channel that it is asked in");
  explain->add_flag("--channel-private", asked.channel_private, "That channel is private");
  explain->add_flag("--channel-external", asked.channel_external,
                    "That channel is shared with another organisation");
  explain->add_option("--timezone", asked.timezone, "Of the requester");
  explain->add_option("--group", asked.groups, "NAME=e-mail,e-mail: who is in a live group");
  explain->add_option("--catalog", asked.catalogs, "NAME=resource,resource: what a catalog lists");
  explain->add_option("--active-grants", asked.active_grants, "How many he has");
  explain->add_option("--denied-24h", asked.denied_24h, "How many of his were denied within a day");
  explain->add_flag("--guest", asked.guest, "The requester is a guest");
  explain->add_flag("--bot", asked.bot, "The requester is a program");
  explain->add_flag("--external", asked.external, "The requester belongs to another organisation");
  explain->add_flag("--extension", asked.extension, "He prolongs what he has");

  cli::ReplayOptions replay_options;
  std::string replay_config;
  auto* replay = policy->add_subcommand(
      "replay", "Ask a draft what people asked in the past: whose outcome changes, and how");
  replay->add_option("DIR", replay_options.policy, "The draft")->required()->check(policy_folder());
  replay->add_option("--store", replay_options.store, "sqlite:FILE; read only, also beside a running bot")
      ->required();
  replay->add_option("--config", replay_config, "jitbot.yaml, for the names of connectors");
  replay->add_option("--since", replay_options.since, "30d ago, a day or a time in UTC; 30d unless named");
  replay->add_option("--until", replay_options.until, "A day or a time in UTC; now unless named");
  replay->add_option("--group", replay_options.groups, "NAME=e-mail,e-mail: who was in a live group");
  replay->add_flag("--all", replay_options.show_all, "Show those that do not change, too");

  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? cli::k_fine : cli::k_usage;
  }
  try {
    if (*run) return cli::run(config, after_restore ? Restored::yes : Restored::no);
    if (*check) return cli::check(config);
    if (*doctor) return cli::doctor(config);
    if (*set_up) return cli::mattermost_setup(std::move(setup));
    if (*demo) return demo_arguments.run();
    if (*eval) return cli::policy_eval();
    if (*policy_check) return cli::policy_check(check_folder, given(check_config));
    if (*policy_test) return cli::policy_test({test_folder, given(test_config), given(junit)});
    if (*schema) return cli::policy_schema();
    if (*explain) {
      if (!explain_config.empty()) asked.config = explain_config;
      return cli::policy_explain(asked);
    }
    if (*replay) {
      if (!replay_config.empty()) replay_options.config = replay_config;
      return cli::policy_replay(replay_options);
    }
    if (*show) {
      if (!shown_folder.empty()) shown.folder = shown_folder;
      if (!config.empty()) shown.config = config;
      if (as_json) shown.as = cli::ShowAs::json;
      return cli::policy_show(shown);
    }
    if (*diff) {
      compared.old = old_folder;
      compared.fresh = new_folder;
      if (!config.empty()) compared.config = config;
      if (quiet) compared.say = cli::PolicyCompared::Say::nothing;
      return cli::policy_diff(compared);
    }
    cli::AuditFiles files{config, {}, {}};
    if (!head.empty()) files.head = head;
    if (!public_key.empty()) files.public_key = public_key;
    return cli::audit_verify(files);
  } catch (const std::exception& failure) {
    std::cerr << "jitbot: " << failure.what() << "\n";
    return cli::k_failed;
  }
}

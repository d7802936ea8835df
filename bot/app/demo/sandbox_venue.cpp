#include "bot/app/demo/sandbox_venue.hpp"

#include "bot/app/cli.hpp"
#include "commands/families.hpp"

#include <fmt/format.h>

namespace jitbot {

namespace {

// gina reads #prod-approvals and is of group sre: what keeps her from deciding there is that she is a guest.
sandbox::World demo_workspace() {
  sandbox::World world = sandbox::demo_world();
  world.find_channel("#prod-approvals")->members.insert(world.find_person("gina")->id);
  return world;
}

sandbox::SandboxOptions workspace_options(std::uint16_t port) {
  sandbox::SandboxOptions workspace;
  workspace.port = port;
  workspace.remembered = 5000;  // it may run for weeks
  workspace.banner = "The database is being made …";
  for (const auto& command : grammar::commands()) {
    const std::string_view usage = command.usage;
    const auto blank = usage.find(' ');
    const std::string hint(blank == std::string_view::npos ? "" : usage.substr(blank + 1));
    workspace.command_words.push_back({std::string(command.word), hint});
  }
  return workspace;
}

constexpr auto k_item = R"yaml(  - slack:
      app_token: file:secrets/app_token
      bot_token: file:secrets/bot_token
      api_url: {api_url}          # the workspace of the demo; without this line: Slack itself
)yaml";

}  // namespace

SandboxVenue::SandboxVenue(Executor executor, Clock& clock, Random& random, std::uint16_t port)
    : workspace_(std::move(executor), clock, random, demo_workspace(), workspace_options(port)),
      company_(clock, workspace_) {}

std::string SandboxVenue::kind() const {
  return "its own workspace";
}

Task<Ready> SandboxVenue::open() {
  const auto bound = workspace_.start();
  if (bound) co_return Ready();
  co_return tl::unexpected<Trouble>(Trouble{
      cli::k_usage,
      bound.error().message + ". Choose another port: jitbot demo --port N, or --port 0 for any free one"});
}

Task<Ready> SandboxVenue::prepare() {
  co_return Ready();
}

DemoChat SandboxVenue::chat() const {
  DemoChat chat;
  chat.item = fmt::format(k_item, fmt::arg("api_url", workspace_.api_url()));
  chat.secrets = {{"app_token", Secret(workspace_.app_token())},
                  {"bot_token", Secret(workspace_.bot_token())}};
  chat.approvers = "slack:usergroup/S0APPROVE";
  chat.sre = "slack:usergroup/S0SRE0001";
  return chat;
}

// Everything is on this machine and in the folder: a proxy of the machine's would only stand between.
Environment SandboxVenue::environment() const {
  return [](const std::string&) { return std::optional<std::string>(); };
}

void SandboxVenue::show(const DemoDatabase& database, std::uint16_t database_port) {
  workspace_.set_banner(page_banner(database, database_port));
}

std::string SandboxVenue::guide(const GuideTo& to) const {
  return terminal_guide(to, workspace_.page_url());
}

story::Company& SandboxVenue::company() {
  return company_;
}

void SandboxVenue::give_up() {}

Task<bool> SandboxVenue::close(std::ostream& /*out*/) {
  co_return true;
}

}  // namespace jitbot

#include "bot/app/demo/mattermost/mattermost_venue.hpp"

#include "bot/app/cli.hpp"
#include "bot/app/demo/mattermost/build.hpp"
#include "bot/app/demo/mattermost/guide_mattermost.hpp"
#include "bot/app/demo/mattermost/survey.hpp"
#include "bot/app/demo/mattermost/townsfolk.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <iostream>

namespace jitbot {

using town::Admin;
using town::Town;

namespace {

constexpr Millis k_clearing_patience{5s};  // of each call; whoever pressed Ctrl-C waits for all of them

tl::unexpected<Trouble> trouble(const Error& error) {
  const int code = error.kind == ErrorKind::invalid ? cli::k_usage : cli::k_failed;
  return tl::unexpected<Trouble>(Trouble{code, error.message});
}

std::string ca_file_of(const cli::MattermostDemo& wishes, const Environment& environment) {
  if (!wishes.ca_file.empty()) return std::filesystem::absolute(wishes.ca_file).string();
  return environment("SSL_CERT_FILE").value_or("");
}

net::HttpClientOptions client_options(const std::string& ca_file, const Environment& environment) {
  net::HttpClientOptions options;
  options.ca_file = ca_file;
  options.proxies = net::Proxies::from_environment(environment);
  return options;
}

constexpr auto k_item = R"yaml(  - mattermost:
      url: {url}
      token: file:secrets/bot_token
      team: {team}
)yaml";

constexpr auto k_callbacks = R"yaml(      callbacks: {{listen: "{listen}", url: "{url}"}}
      command_token: file:secrets/command_token
)yaml";

}  // namespace

struct MattermostVenue::Parts {
  Parts(Executor on, Clock& with_clock, Random& with_random, cli::MattermostDemo what, cli::DemoPlay how)
      : executor(std::move(on)),
        clock(with_clock),
        random(with_random),
        wishes(std::move(what)),
        play(how),
        environment(process_environment()),
        ca_file(ca_file_of(wishes, environment)),
        http(client_options(ca_file, environment)),
        town(std::make_shared<Town>()) {}

  mattermost::Rest rest_with(Secret with) {
    return {clock, random, http, mattermost::RestOptions{town->url, std::move(with)}};
  }

  Executor executor;
  Clock& clock;
  Random& random;
  cli::MattermostDemo wishes;
  cli::DemoPlay play;
  Environment environment;
  std::string ca_file;
  net::HttpClient http;
  Secret token;  // the administrator's
  std::shared_ptr<Town> town;
  std::shared_ptr<Admin> admin;
  std::unique_ptr<town::Townsfolk> people;
};

MattermostVenue::MattermostVenue(Executor executor, Clock& clock, Random& random, cli::MattermostDemo wishes,
                                 cli::DemoPlay play)
    : parts_(std::make_unique<Parts>(std::move(executor), clock, random, std::move(wishes), play)) {}

MattermostVenue::~MattermostVenue() = default;

std::string MattermostVenue::kind() const {
  return fmt::format("Mattermost at {}, team {}", parts_->town->url, parts_->town->team);
}

Task<Ready> MattermostVenue::open() {
  const auto wishes = town::check_wishes(parts_->wishes, *parts_->town);
  if (!wishes) co_return trouble(wishes.error());
  auto token = town::administrators_token(parts_->wishes.token_file);
  if (!token) co_return trouble(token.error());
  parts_->token = std::move(*token);
  parts_->admin = std::make_shared<Admin>(parts_->rest_with(parts_->token));
  const auto fit = co_await town::survey(&parts_->http, parts_->admin, parts_->wishes, parts_->town);
  if (!fit) co_return trouble(fit.error());
  co_return Ready();
}

Task<Ready> MattermostVenue::prepare() {
  auto done = co_await town::check_alone(parts_->admin, parts_->town);
  if (done) done = co_await town::build_team(parts_->admin, parts_->town);
  if (done && parts_->town->presses()) done = co_await town::check_command(parts_->admin, parts_->town);
  if (done) done = co_await town::build_people(parts_->admin, parts_->town);
  if (done) done = co_await town::build_channels(parts_->admin, parts_->town);
  std::function<mattermost::Rest(Secret)> rest_with = [parts = parts_.get()](Secret token) {
    return parts->rest_with(std::move(token));
  };
  if (done)
    done = co_await town::build_bot(parts_->admin, parts_->town, std::move(rest_with), parts_->clock.now());
  if (!done) co_return trouble(done.error());
  if (parts_->play == cli::DemoPlay::story) std::cout << town::story_heading(*parts_->town) << std::flush;
  co_return Ready();
}

DemoChat MattermostVenue::chat() const {
  const Town& town = *parts_->town;
  DemoChat chat;
  chat.item = fmt::format(k_item, fmt::arg("url", town.url), fmt::arg("team", town.team));
  chat.secrets = {{"bot_token", town.bot_token}};
  if (town.presses()) {
    chat.item +=
        fmt::format(k_callbacks, fmt::arg("listen", town.listen), fmt::arg("url", town.callbacks_url));
    chat.secrets.emplace("command_token", town.command_token);
  }
  if (!parts_->ca_file.empty()) chat.item += fmt::format("      ca_file: \"{}\"\n", parts_->ca_file);
  chat.domain = town::k_domain;
  chat.channel_prefix = town::k_prefix;
  chat.approvers = "mattermost:channel/" + town.channels.find("approvers")->second;
  chat.sre = "mattermost:channel/" + town.channels.find("sre")->second;
  return chat;
}

// The way to the server may need what the machine knows of proxies and certificates.
Environment MattermostVenue::environment() const {
  return parts_->environment;
}

void MattermostVenue::show(const DemoDatabase& /*database*/, std::uint16_t /*database_port*/) {}

std::string MattermostVenue::guide(const GuideTo& to) const {
  return town::mattermost_guide(to, *parts_->town);
}

story::Company& MattermostVenue::company() {
  if (!parts_->people) {
    const town::Line line{parts_->clock,   parts_->random,
                          parts_->http,    parts_->town->url,
                          parts_->ca_file, net::Proxies::from_environment(parts_->environment)};
    parts_->people =
        std::make_unique<town::Townsfolk>(parts_->executor, std::make_shared<town::Line>(line), parts_->town);
  }
  return *parts_->people;
}

void MattermostVenue::give_up() {
  if (parts_->admin) parts_->admin->close();
}

Task<bool> MattermostVenue::close(std::ostream& out) {
  mattermost::RestOptions options{parts_->town->url, parts_->token};
  options.patience = k_clearing_patience;
  options.attempt = k_clearing_patience;
  auto admin = std::make_shared<Admin>(
      mattermost::Rest(parts_->clock, parts_->random, parts_->http, std::move(options)));
  co_return co_await town::clear(std::move(admin), parts_->town, out);
}

}  // namespace jitbot

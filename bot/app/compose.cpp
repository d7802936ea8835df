#include "bot/app/compose.hpp"

#include "bot/app/outbound.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

namespace jitbot {

namespace {

TermsOf terms_of(const Config& config) {
  std::map<std::string, std::pair<AccountMapping, OnExisting>> terms;
  for (const auto& [name, connector] : config.connectors) {
    terms.emplace(name, std::pair(connector.account, connector.on_existing));
  }
  return [terms = std::move(terms)](const std::string& connector,
                                    const std::string& email) -> Result<ConnectorTerms> {
    const auto found = terms.find(connector);
    if (found == terms.end())
      return fail(ErrorKind::unavailable, "connector " + connector + " is not configured");
    const auto account = account_for(found->second.first, email);
    if (!account) return tl::unexpected<Error>(account.error());
    return ConnectorTerms{*account, found->second.second};
  };
}

Task<void> tell_of_chat(App::Parts& parts, slack::Alarm alarm, std::string words) {
  std::function<Result<void>(Recorder&)> work = [alarm, words](Recorder& record) -> Result<void> {
    const std::string what(to_string(alarm));
    record.audit(system_principal("chat"), "chat.alarm", "chat", {{"what", what}, {"detail", words}});
    record.notice_admins(NoticeKind::chat_problem, "chat/" + what + "/" + std::to_string(to_ms(record.now())),
                         {}, {{"detail", words}});
    return {};
  };
  (void)co_await record(parts.loop_ports(), std::move(work));
}

AdministratorPorts administrator_ports(App::Parts& parts) {
  return {*parts.chat, *parts.store, parts.policy, parts.options.config.admins.who.members,
          [&parts] { return parts.chat->workspace(); }};
}

Task<http::Health> health(App::Parts& parts) {
  auto health = co_await parts.readiness->look();
  health.chat_live = parts.chat->live();
  co_return health;
}

}  // namespace

std::unique_ptr<Platform> make_chat(App::Parts& parts) {
  if (parts.options.chat_factory) return parts.options.chat_factory(parts.ports);
  const SlackSettings& settings = parts.options.config.slack;
  slack::SlackOptions options;
  options.app_token = settings.app_token;
  options.bot_token = settings.bot_token;
  options.api_url = settings.api_url;
  options.connections = static_cast<unsigned>(settings.connections);
  options.ca_file = settings.ca_file;
  options.proxies = settings.proxies;
  options.on_alarm = [&parts](slack::Alarm alarm, std::string words) {
    parts.background->spawn(parts.ports.executor, tell_of_chat(parts, alarm, std::move(words)), "chat alarm");
  };
  options.on_live = [&parts] { parts.heard_timer->poke(); };
  return std::make_unique<slack::Slack>(parts.ports.executor, parts.ports.clock, parts.ports.random,
                                        *parts.http, std::move(options));
}

void make_desk(App::Parts& parts) {
  const Config& config = parts.options.config;
  DeskSettings settings;
  settings.version = k_version;
  settings.pending_per_person = config.pending_per_person;
  settings.timezone = config.timezone;
  settings.admins = config.admins.who.members;
  settings.auditors = config.auditors.members;
  settings.record = parts.record;
  settings.terms_of = terms_of(config);
  settings.policies = {[&parts] { return parts.policies->look(); },
                       [&parts](PrincipalId by) { return parts.policies->reload(std::move(by)); }};
  settings.started = parts.clock->now();
  parts.desk =
      std::make_unique<Desk>(Desk::Ports{parts.ports.executor, *parts.store, *parts.clock, parts.ports.random,
                                         *parts.chat, *parts.chat, parts.catalogs},
                             std::move(settings), parts.policy.now());
  parts.policies = std::make_unique<PolicyKeeper>(
      PolicyKeeper::Ports{parts.loop_ports(), parts.disk, config, parts.options.policy_tests, parts.policy},
      *parts.desk);
}

Result<void> make_connectors(App::Parts& parts) {
  const ConnectorContext context{*parts.store, [&parts] { return parts.clock->now(); }};
  for (const auto& [name, settings] : parts.options.config.connectors) {
    auto connector = parts.options.connector_factory(settings, context);
    if (!connector) return tl::unexpected<Error>(connector.error());
    if ((*connector)->capabilities().in_store)
      parts.record.in_store.emplace(name, InStore{*connector, settings.drift});
    parts.connectors.emplace(name,
                             ConnectorPort{std::move(*connector), settings.concurrency, settings.drift});
  }
  for (const auto& [name, settings] : parts.options.config.catalogs) {
    auto catalog = parts.options.catalog_factory(settings);
    if (!catalog) return tl::unexpected<Error>(catalog.error());
    parts.catalogs.emplace(name, std::move(*catalog));
  }
  parts.record.starts_held = parts.starts_held;
  return {};
}

void make_loops(App::Parts& parts) {
  parts.time = std::make_unique<TimeLoop>(parts.loop_ports());
  parts.access = std::make_unique<AccessLoop>(parts.loop_ports(), parts.connectors, parts.ports.random,
                                              parts.starts_held);
  parts.channels = std::make_unique<ChannelBook>(parts.loop_ports(), *parts.chat);
  parts.messages =
      std::make_unique<MessageLoop>(parts.loop_ports(), *parts.chat, *parts.channels, parts.ports.random,
                                    administrators_of(administrator_ports(parts)));
  const NudgeLoop::Ports nudges{parts.loop_ports(), *parts.chat, *parts.channels, parts.policy};
  parts.nudges = std::make_unique<NudgeLoop>(nudges, parts.ports.random);
  parts.desk->on_channel_changed([&parts](const std::string& id) { parts.channels->forget(id); });
  parts.starts = std::make_unique<StartLoop>(
      parts.loop_ports(), *parts.chat, parts.ports.random,
      StartLoop::Basis{[&parts] { return parts.holds.why(); }, terms_of(parts.options.config),
                       [&parts] { return parts.policy.now(); }, parts.catalogs});
  parts.catalog_watch = std::make_unique<CatalogLoop>(parts.loop_ports(), parts.catalogs);
  parts.sweep = std::make_unique<SweepLoop>(parts.loop_ports(), *parts.chat, parts.connectors);
}

Result<void> open_door(App::Parts& parts) {
  const auto& settings = parts.options.config.http;
  if (!settings) return {};
  http::FrontdoorOptions options;
  options.address = settings->host;
  options.port = settings->port;
  if (settings->lookup_token) options.lookup_token = *settings->lookup_token;
  parts.readiness = std::make_unique<Readiness>(*parts.store, *parts.clock);
  parts.door = std::make_unique<http::Frontdoor>(
      parts.ports.executor, std::move(options), *parts.store, [&parts] { return parts.clock->now(); },
      [&parts] { return health(parts); });
  auto started = parts.door->start();
  if (!started) return started;
  spdlog::info("event=http_listening address={} port={}", settings->host, parts.door->port());
  if (parts.options.on_listening) parts.options.on_listening(settings->host, parts.door->port());
  return {};
}

}  // namespace jitbot

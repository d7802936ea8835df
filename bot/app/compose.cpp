#include "bot/app/compose.hpp"

#include "bot/app/chats.hpp"
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

Task<void> tell_of_chat(App::Parts& parts, std::string what, std::string words) {
  std::function<Result<void>(Recorder&)> work = [what, words](Recorder& record) -> Result<void> {
    record.audit(system_principal("chat"), "chat.alarm", "chat", {{"what", what}, {"detail", words}});
    record.notice_admins(NoticeKind::chat_problem, "chat/" + what + "/" + std::to_string(to_ms(record.now())),
                         {}, {{"detail", words}});
    return {};
  };
  (void)co_await record(parts.loop_ports(), std::move(work));
}

AdministratorPorts administrator_ports(App::Parts& parts) {
  return {*parts.chat, *parts.store, parts.policy, parts.options.config.admins.who.members};
}

Task<http::Health> health(App::Parts& parts) {
  auto health = co_await parts.readiness->look();
  health.chat_live = parts.chat->live();
  co_return health;
}

net::HttpClient& http_of(App::Parts& parts, const std::string& chat, const OutboundSettings& out) {
  auto& http = parts.http[chat];
  http = std::make_unique<net::HttpClient>(http_options(out));
  return *http;
}

std::unique_ptr<Platform> make_slack(App::Parts& parts, const SlackSettings& settings) {
  slack::SlackOptions options;
  options.app_token = settings.app_token;
  options.bot_token = settings.bot_token;
  options.api_url = settings.api_url;
  options.connections = static_cast<unsigned>(settings.connections);
  options.ca_file = settings.out.ca_file;
  options.proxies = settings.out.proxies;
  options.on_alarm = [&parts](slack::Alarm alarm, std::string words) {
    parts.background->spawn(parts.ports.executor,
                            tell_of_chat(parts, std::string(to_string(alarm)), std::move(words)),
                            "chat alarm");
  };
  options.on_live = [&parts] { parts.heard_timer->poke(); };
  return std::make_unique<slack::Slack>(parts.ports.executor, parts.ports.clock, parts.ports.random,
                                        http_of(parts, "slack", settings.out), std::move(options));
}

// Whoever forges or repeats what people press is in the audit log, whatever he meant by it.
Task<void> audit_refusal(App::Parts& parts, mattermost::RefusedCallback refused, std::uint64_t left_out) {
  std::function<Result<void>(Recorder&)> work = [refused, left_out](Recorder& record) -> Result<void> {
    nlohmann::json detail{{"why", refused.why}, {"user", refused.user}};
    if (!refused.channel.empty()) detail["channel"] = refused.channel;
    if (!refused.post.empty()) detail["post"] = refused.post;
    if (left_out > 0) detail["left_out"] = left_out;
    record.audit(system_principal("callbacks"), "callback.refused", refused.what, detail);
    return {};
  };
  (void)co_await record(parts.loop_ports(), std::move(work));
}

// Where their members are asked of a platform.
std::vector<std::string> groups_named(const Policy& policy) {
  std::vector<std::string> sources;
  for (const auto& [name, group] : policy.groups) {
    if (!group.from.empty()) sources.push_back(group.from);
  }
  return sources;
}

std::unique_ptr<Platform> make_mattermost(App::Parts& parts, const MattermostSettings& settings) {
  mattermost::MattermostOptions options;
  options.url = settings.url;
  options.token = settings.token;
  options.team = settings.team;
  options.seal_key = parts.seal_key;
  options.ca_file = settings.out.ca_file;
  options.proxies = settings.out.proxies;
  if (settings.callbacks) {
    const CallbackSettings& callbacks = *settings.callbacks;
    options.callbacks = mattermost::CallbackOptions{callbacks.listen.host, callbacks.listen.port,
                                                    callbacks.url, settings.command_token, callbacks.from};
  }
  options.on_alarm = [&parts](mattermost::Alarm alarm, std::string words) {
    parts.background->spawn(parts.ports.executor,
                            tell_of_chat(parts, std::string(to_string(alarm)), std::move(words)),
                            "chat alarm");
  };
  options.on_live = [&parts] { parts.heard_timer->poke(); };
  options.groups_named = [&parts] { return groups_named(*parts.policy.now()); };
  options.on_refused = [&parts](const mattermost::RefusedCallback& refused) {
    const auto left_out = parts.refusals.take(parts.ports.clock.steady());
    if (left_out)
      parts.background->spawn(parts.ports.executor, audit_refusal(parts, refused, *left_out), "refusal");
  };
  auto made = std::make_unique<mattermost::Mattermost>(
      parts.ports.executor, parts.ports.clock, parts.ports.random, http_of(parts, "mattermost", settings.out),
      std::move(options));
  parts.unanswered_callbacks = [chat = made.get()] { return chat->unanswered_callbacks(); };
  return made;
}

}  // namespace

namespace {

std::unique_ptr<Chats> make_chats(App::Parts& parts) {
  const Config& config = parts.options.config;
  auto chats = std::make_unique<Chats>(parts.ports.executor, parts.ports.clock, parts.aliases,
                                       [&parts](const std::string& chat, const Error& why) {
                                         auto words = chat + " refuses us: " + why.message;
                                         parts.background->spawn(
                                             parts.ports.executor,
                                             tell_of_chat(parts, "refused", std::move(words)), "chat alarm");
                                       });
  if (config.slack) chats->add("slack", make_slack(parts, *config.slack));
  chats->add("mattermost", make_mattermost(parts, *config.mattermost));
  return chats;
}

void recover(App::Parts& parts, std::string name, std::function<Task<Result<void>>()> connect) {
  parts.recoveries.push_back({std::move(name), std::move(connect), parts.ports.clock.make_timer()});
}

}  // namespace

void make_chat(App::Parts& parts) {
  const Config& config = parts.options.config;
  if (!parts.options.chat_factory && config.mattermost) {
    auto made = make_chats(parts);
    Chats& chats = *made;
    parts.chat = std::move(made);
    for (const std::string& name : chats.names())
      recover(parts, name, [&chats, name] { return chats.connect(name); });
    return;
  }
  parts.chat =
      parts.options.chat_factory ? parts.options.chat_factory(parts.ports) : make_slack(parts, *config.slack);
  recover(parts, config.slack ? "slack" : "mattermost", [&chat = *parts.chat] { return chat.connect(); });
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
  if (config.slack) settings.platforms.emplace_back("slack");
  if (config.mattermost) settings.platforms.emplace_back("mattermost");
  if (config.identity == Identity::trusted) settings.identity = DeskSettings::Identity::trusted;
  parts.desk =
      std::make_unique<Desk>(Desk::Ports{parts.ports.executor, *parts.store, *parts.clock, parts.ports.random,
                                         *parts.chat, *parts.chat, parts.catalogs, parts.aliases},
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

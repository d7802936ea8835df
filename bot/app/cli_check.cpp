#include "bot/app/cli.hpp"
#include "bot/app/connector_checks.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

#include <iostream>

namespace jitbot::cli {

namespace {

Task<int> check_connectors(const Loaded& loaded,
                           const std::map<std::string, std::shared_ptr<Connector>>& connectors) {
  int problems = 0;
  for (const auto& [name, connector] : connectors) {
    auto used = used_of(*loaded.policy, loaded.config.connectors.at(name));
    const auto found = co_await connector->check(std::move(used));
    for (const std::string& problem : found) {
      std::cout << fmt::format("connector {}: {}\n", name, problem);
      ++problems;
    }
    if (found.empty()) std::cout << fmt::format("connector {}: ok\n", name);
  }
  co_return problems;
}

}  // namespace

int check(const std::filesystem::path& config) {
  const auto loaded = load(config);
  if (!loaded) return k_usage;
  std::cout << fmt::format("configuration: ok\npolicy: ok, {} rules, {} resources, digest {}\n",
                           loaded->policy->rules.size(), loaded->policy->resources.size(),
                           loaded->policy->digest.substr(0, 12));
  NoStore store;
  boost::asio::io_context loop(1);
  std::map<std::string, std::shared_ptr<Connector>> connectors;
  for (const auto& [name, settings] : loaded->config.connectors) {
    auto connector = make_connector(settings, ConnectorContext{store, [] { return Time{}; }});
    if (!connector) {
      std::cerr << fmt::format("connector {}: {}\n", name, connector.error().message);
      return k_usage;
    }
    connectors.emplace(name, std::move(*connector));
  }
  int problems = 1;
  boost::asio::co_spawn(loop, check_connectors(*loaded, connectors),
                        [&](const std::exception_ptr& bug, int found) { problems = bug ? 1 : found; });
  loop.run();
  return problems == 0 ? k_fine : k_failed;
}

}  // namespace jitbot::cli

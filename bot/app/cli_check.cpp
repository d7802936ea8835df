#include "bot/app/cli.hpp"
#include "bot/app/connector_checks.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

#include <iostream>

namespace jitbot::cli {

namespace {

int told(std::string_view what, const std::vector<std::string>& problems) {
  for (const std::string& problem : problems) std::cout << fmt::format("{}: {}\n", what, problem);
  if (problems.empty()) std::cout << fmt::format("{}: ok\n", what);
  return static_cast<int>(problems.size());
}

Task<int> check_all(const Loaded& loaded, const std::map<std::string, std::shared_ptr<Connector>>& connectors,
                    const Catalogs& catalogs) {
  int problems = 0;
  for (const auto& [name, connector] : connectors) {
    auto used = used_of(*loaded.policy, loaded.config.connectors.at(name));
    const auto found = co_await connector->check(std::move(used));
    problems += told("connector " + name, found);
  }
  for (const auto& [name, catalog] : catalogs) {
    const auto found = co_await catalog->check();
    problems += told("catalog " + name, found);
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
  Catalogs catalogs;
  for (const auto& [name, settings] : loaded->config.catalogs) {
    auto catalog = make_catalog(settings);
    if (!catalog) {
      std::cerr << fmt::format("catalog {}: {}\n", name, catalog.error().message);
      return k_usage;
    }
    catalogs.emplace(name, std::move(*catalog));
  }
  int problems = 1;
  boost::asio::co_spawn(loop, check_all(*loaded, connectors, catalogs),
                        [&](const std::exception_ptr& bug, int found) { problems = bug ? 1 : found; });
  loop.run();
  return problems == 0 ? k_fine : k_failed;
}

}  // namespace jitbot::cli

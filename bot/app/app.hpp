#pragma once

#include "bot/app/policy_source.hpp"
#include "bot/ports/catalog.hpp"
#include "bot/ports/clock.hpp"
#include "bot/ports/connector.hpp"
#include "bot/ports/platform.hpp"
#include "bot/ports/random.hpp"
#include "bot/ports/store.hpp"
#include "bot/ports/task.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace jitbot {

struct AppPorts {
  Executor executor;
  Clock& clock;
  Random& random;
};

// What a connector needs besides its settings.
struct ConnectorContext {
  Store& store;
  std::function<Time()> effective_now;
};
using ConnectorFactory =
    std::function<Result<std::shared_ptr<Connector>>(const ConnectorSettings&, const ConnectorContext&)>;
// The connectors that the configuration knows: postgres, exec, lookup.
Result<std::shared_ptr<Connector>> make_connector(const ConnectorSettings& settings,
                                                  const ConnectorContext& context);

using CatalogFactory = std::function<Result<std::shared_ptr<Catalog>>(const CatalogSettings&)>;
Result<std::shared_ptr<Catalog>> make_catalog(const CatalogSettings& settings);

using ChatFactory = std::function<std::unique_ptr<Platform>(const AppPorts&)>;

enum class Restored { no, yes };

struct AppOptions {
  Config config;
  std::shared_ptr<const Policy> policy;     // of policy_of_folder
  PolicyTests policy_tests = failed_tests;  // of one that is to be put in force later
  Restored restored = Restored::no;
  ConnectorFactory connector_factory = make_connector;
  CatalogFactory catalog_factory = make_catalog;
  ChatFactory chat_factory = {};  // empty: as configured
  // Called once when the door is open; port 0 of the configuration has become a real one. Empty: not told.
  std::function<void(const std::string& address, std::uint16_t port)> on_listening = {};
};

// The whole bot: store, audit head, chat, desk, loops and door, composed. Belongs to the event loop.
class App {
 public:
  // Opens the store and the audit key and compares the signed head; blocks on the disk. invalid: cannot start
  // like this, with what to do.
  static Result<std::unique_ptr<App>> open(AppPorts ports, AppOptions options);
  ~App();
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  // Runs until stop(). An error: it cannot go on (the chat refuses us and nothing is left to end).
  Task<Result<void>> run();
  // Reads the policy folder anew and puts its policy in force, or tells the administrators why not. Nothing
  // happens before run() has opened everything, which read the folder a moment ago.
  void reload_policy();
  // Ends run(): what is under way is finished or left for the next start, the head is written.
  void stop();

  std::optional<std::uint16_t> http_port() const;  // once run() has begun; nothing: no door
  bool chat_live() const;
  unsigned chat_calls_under_way() const;  // asked of the chat platform and not yet answered
  // What the chat platform called us for and has no answer to yet.
  unsigned chat_callbacks_under_way() const;
  bool reading_policy() const;
  Store& store();

  struct Parts;

 private:
  explicit App(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

inline constexpr const char* k_version = JITBOT_VERSION;

}  // namespace jitbot

#include "adapters/access/exec/exec.hpp"
#include "adapters/access/lookup/lookup.hpp"
#include "adapters/access/postgres/postgres.hpp"
#include "bot/app/app.hpp"

namespace jitbot {

namespace {

std::shared_ptr<Connector> make(const ConnectorSettings& settings, const PostgresSettings& postgres) {
  PostgresOptions options;
  options.name = settings.name;
  options.url = postgres.url;
  options.enforce = postgres.enforce;
  options.timeout = settings.timeout;
  options.concurrency = static_cast<unsigned>(settings.concurrency);
  return make_postgres_connector(std::move(options));
}

Result<std::shared_ptr<Connector>> make(const ConnectorSettings& settings, const ExecSettings& exec) {
  ExecOptions options;
  options.name = settings.name;
  options.present = exec.present;
  options.absent = exec.absent;
  options.observe = exec.observe;
  options.env = exec.env;
  options.directory = exec.folder.string();
  options.timeout = settings.timeout;
  options.concurrency = static_cast<unsigned>(settings.concurrency);
  auto made = make_exec_connector(std::move(options));
  if (!made) return tl::unexpected<Error>(made.error());
  return std::shared_ptr<Connector>(std::move(*made));
}

std::shared_ptr<Connector> make_lookup(const ConnectorSettings& settings, const ConnectorContext& context) {
  LookupOptions options;
  options.name = settings.name;
  options.view = store_lookup_view(context.store, context.effective_now);
  options.in_store = true;
  options.timeout = settings.timeout;
  return make_lookup_connector(std::move(options));
}

}  // namespace

Result<std::shared_ptr<Connector>> make_connector(const ConnectorSettings& settings,
                                                  const ConnectorContext& context) {
  if (const auto* postgres = std::get_if<PostgresSettings>(&settings.target))
    return make(settings, *postgres);
  if (const auto* exec = std::get_if<ExecSettings>(&settings.target)) return make(settings, *exec);
  return make_lookup(settings, context);
}

}  // namespace jitbot

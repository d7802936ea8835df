#include "adapters/access/exec/catalog.hpp"
#include "bot/app/app.hpp"

namespace jitbot {

Result<std::shared_ptr<Catalog>> make_catalog(const CatalogSettings& settings) {
  ExecCatalogOptions options;
  options.name = settings.name;
  options.list = settings.list;
  options.env = settings.env;
  options.directory = settings.folder.string();
  options.timeout = settings.timeout;
  options.every = settings.every;
  return make_exec_catalog(std::move(options));
}

}  // namespace jitbot

#pragma once

#include "bot/model/result.hpp"
#include "bot/model/time.hpp"
#include "bot/ports/task.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace jitbot {

// What lists resources that come and go: preview environments, short-lived clusters. A name that it lists
// exists; one that it does not list is no more.
class Catalog {
 public:
  virtual ~Catalog() = default;

  // Asked live, bounded by the catalog's own time-out. An error is "not known now", never "nothing there".
  virtual Task<Result<std::set<std::string>>> list() = 0;
  virtual Millis every() const = 0;  // how often it is looked whether resources with live grants still exist
  // For `jitbot check` and doctor: problems in plain words with what to do, empty when all is well.
  virtual Task<std::vector<std::string>> check() = 0;
};
using Catalogs = std::map<std::string, std::shared_ptr<Catalog>>;  // by the name in the configuration

}  // namespace jitbot

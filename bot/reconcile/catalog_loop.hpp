#pragma once

#include "bot/ports/catalog.hpp"
#include "bot/reconcile/catalog_book.hpp"
#include "bot/reconcile/loop.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace jitbot {

// Looks again and again whether what people have access to still exists, and ends the access to what does
// not. A catalog is asked while somebody has, or is to have, access to something that it lists. See
// catalog_book.hpp for what its answers do.
class CatalogLoop {
 public:
  CatalogLoop(LoopPorts ports, const Catalogs& catalogs);
  Task<void> run();
  void stop();
  Task<void> drain();  // lists under way end by their own time-outs

 private:
  Task<Result<Watched>> look();
  Task<void> ask(std::string name);
  Task<Result<std::set<std::string>>> list(std::string name);
  Task<Result<Then>> take(Listing listing);
  Task<Result<void>> take_no_answer(std::string name, Error why);
  Millis every(const std::string& name) const;

  LoopPorts ports_;
  const Catalogs& catalogs_;
  std::unique_ptr<Timer> timer_;
  Running running_;
  std::set<std::string> under_way_;
  std::map<std::string, Time> next_;             // when a catalog is asked again
  std::set<std::string> noted_;                  // of which something may be noted
  std::map<RequestId, std::string> catalog_of_;  // of live grants
  bool stopping_ = false;
};

}  // namespace jitbot

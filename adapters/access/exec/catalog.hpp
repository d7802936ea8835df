#pragma once

#include "bot/model/result.hpp"
#include "bot/model/secret.hpp"
#include "bot/model/time.hpp"
#include "bot/ports/catalog.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace jitbot {

struct ExecCatalogOptions {
  std::string name;                   // of the catalog, for messages
  std::vector<std::string> list;      // the program and its arguments
  std::map<std::string, Secret> env;  // besides PATH and LANG=C, which it may replace
  std::string directory;              // where it runs: the folder of the configuration file
  Millis timeout{10s};                // of one run
  Millis every{1min};
};

// What somebody else's program lists: one name a line on stdout, blank lines ignored, exit 0. A name of
// anything but letters, digits, '.', '_' and '-' (at most 64, a letter or digit first), more than 10 000
// names, output that was cut off, and any other end are "not known", with the first line of stderr: never a
// part of the list. It is started as the programs of exec connectors are (exec.hpp).
//
// One run at a time: who asks while one runs is answered by the next, which begins after he asked, with all
// others who wait for it. So no answer is older than its question, and takes at most two time-outs.
//
// invalid: no program is named. All calls on the event loop's thread; destroy it before the loop's context.
Result<std::shared_ptr<Catalog>> make_exec_catalog(ExecCatalogOptions options);

}  // namespace jitbot

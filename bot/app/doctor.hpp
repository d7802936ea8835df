#pragma once

#include "bot/app/app.hpp"
#include "bot/model/finding.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace jitbot {

struct DoctorOptions {
  std::filesystem::path config;
  Environment environment = process_environment();
  ConnectorFactory connector_factory = make_connector;
  CatalogFactory catalog_factory = make_catalog;
  // How long one look may take; a connector has its own time-out besides, up to 30 s.
  Millis patience = 10s;
  std::function<void(const Finding&)> tell;  // each as soon as it and those before it are known
};

struct Diagnosis {
  Findings findings;
  bool configured = false;  // configuration and policy could be loaded
  bool stuck = false;       // a look was given up that cannot be ended: what it uses must live on
};

// Looks at everything that a bot with this configuration needs, and changes nothing there. May run beside the
// bot. What hangs fails by itself; what does not depend on it is still looked at. Belongs to the loop; clock
// and random outlive it, and it outlives what examine() started.
class Doctor {
 public:
  Doctor(AppPorts ports, DoctorOptions options);
  ~Doctor();
  Doctor(const Doctor&) = delete;
  Doctor& operator=(const Doctor&) = delete;

  Task<Diagnosis> examine();  // once

  struct Parts;

 private:
  std::unique_ptr<Parts> parts_;
};

// "✓ clock: agrees with Slack's", "✗ what: words → advice", "! …": one line whatever is in it.
std::string line_of(const Finding& finding);
// 0: nothing failed; 1: something did; 2: the configuration cannot be used.
int exit_code_of(const Diagnosis& diagnosis);

}  // namespace jitbot

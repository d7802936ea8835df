#pragma once

#include "bot/model/result.hpp"
#include "bot/model/secret.hpp"
#include "bot/model/time.hpp"
#include "bot/ports/connector.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace jitbot {

struct ExecOptions {
  std::string name;                  // of the connector, for messages
  std::vector<std::string> present;  // argument templates; [0] is the program itself and never a template
  std::vector<std::string> absent;
  std::vector<std::string> observe;
  std::map<std::string, Secret> env;  // besides PATH and LANG=C, which it may replace
  std::string directory;              // where the programs run: the folder of the configuration file
  Millis timeout{30s};                // of each call, waiting for a free thread included
  unsigned concurrency = 4;
};

// Which command an argument list is for: {{until}} exists for `present` alone.
enum class ExecCommand { present, absent, observe };

// That an argument list can be used: not empty, a plain program name first, templates with known names.
Result<void> check_exec_arguments(const std::vector<std::string>& arguments, ExecCommand command);

// Access that somebody else's program gives and takes away.
//
// Each argument is a template with {{account}} {{role}} {{resource}} {{grant}} {{until}} {{params.x}}
// (`until` as RFC 3339 in UTC); one argument stays one argument, and there is no shell anywhere. The program
// gets a process group of its own, stdin from /dev/null, PATH and LANG=C and the configured environment and
// nothing else. A quarter of the time-out, at most 2 s, is kept for ending it: SIGTERM, then SIGKILL, to the
// whole group. What it leaves behind in its group when it ends is killed as well; of each output 64 KiB are
// kept.
//
// present, absent: exit 0 = done, 77 = refused (the first line of stderr says why), anything else = unknown.
// Both must do no harm when done twice.
// observe: exit 0 and exactly `present`, `absent` or `gone` on stdout (one newline may follow); all else is
// unknown, with the first line of stderr.
//
// invalid: one of the three argument lists cannot be used. All calls on the event loop's thread; destroy it
// before the loop's context.
Result<std::unique_ptr<Connector>> make_exec_connector(ExecOptions options);

}  // namespace jitbot

#pragma once

#include "bot/ports/task.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace jitbot::kill {

struct ProgramSpec {
  std::vector<std::string> arguments = {};      // of jitbot
  std::map<std::string, std::string> env = {};  // besides what the sanitizers need
  std::filesystem::path folder = {};            // where it runs
  std::filesystem::path log = {};               // both outputs are appended to it
  std::function<void()> ended = [] {};          // on the loop, once
};

// The jitbot binary as a child process; it dies with this test at the latest.
class Program {
 public:
  static std::shared_ptr<Program> start(const Executor& executor, ProgramSpec spec);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  bool running() const;
  void signal(int number) const;  // nothing once it has ended
  bool killed() const;            // by SIGKILL
  int exit_code() const;          // 128 + the signal that ended it

 private:
  struct State;
  explicit Program(std::shared_ptr<State> state);
  static Task<void> watch(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace jitbot::kill

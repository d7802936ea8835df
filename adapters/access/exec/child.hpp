#pragma once

#include "bot/model/result.hpp"

#include <string>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace jitbot::access {

struct ChildSpec {
  std::vector<std::string> argv;                         // [0]: a path, or a name looked up in `env`'s PATH
  std::vector<std::pair<std::string, std::string>> env;  // the whole environment
  std::string directory;    // where it runs; a relative argv[0] with a slash starts there
  std::string log_file;     // where both outputs are appended to, instead of the pipes
  int on_parent_death = 9;  // the signal it gets when the thread that started it ends
};

// A program of its own process group, never through a shell: stdin is /dev/null, stdout and stderr are pipes,
// no other descriptor of ours and no signal setting of ours gets in. Destroying it kills the group and reaps.
class Child {
 public:
  // unavailable: nothing ran, and why (no such file, not executable …).
  static Result<Child> start(const ChildSpec& spec);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  Child(Child&& other) noexcept;
  Child& operator=(Child&& other) noexcept;
  ~Child();

  pid_t pid() const { return pid_; }
  int exit_fd() const { return pidfd_; }  // readable once it has ended
  int out_fd() const { return out_; }     // non-blocking; -1 with a log file
  int err_fd() const { return err_; }
  void signal(int signal_number) const;        // to it alone
  void signal_group(int signal_number) const;  // to all that it started and that stayed in its group
  int reap();                                  // waits for its end; the status as waitpid(2) gives it

 private:
  Child() = default;
  void end();

  pid_t pid_ = -1;
  int pidfd_ = -1;
  int out_ = -1;
  int err_ = -1;
};

}  // namespace jitbot::access

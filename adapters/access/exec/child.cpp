#include "adapters/access/exec/child.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <string_view>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

// glibc 2.36's header forgets to give C++ the C linkage of its functions.
extern "C" {
#include <sys/pidfd.h>
}

namespace jitbot::access {

namespace {

tl::unexpected<Error> cannot(std::string_view what, int error) {
  return fail(ErrorKind::unavailable, fmt::format("{}: {}", what, std::strerror(error)));
}

class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() {
    if (fd_ >= 0) close(fd_);
  }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }
  void reset(int fd = -1) {
    if (fd_ >= 0) close(fd_);
    fd_ = fd;
  }

 private:
  int fd_ = -1;
};

struct Pipe {
  Fd read;
  Fd write;
  bool open() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return false;
    read.reset(ends[0]);
    write.reset(ends[1]);
    return true;
  }
};

std::string path_of(const ChildSpec& spec) {
  const std::string& name = spec.argv.front();
  if (name.find('/') != std::string::npos) return name;
  std::string_view path;
  for (const auto& [key, value] : spec.env) {
    if (key == "PATH") path = value;
  }
  while (!path.empty()) {
    const auto colon = path.find(':');
    const std::string candidate = fmt::format("{}/{}", path.substr(0, colon), name);
    if (candidate.front() == '/' && ::access(candidate.c_str(), X_OK) == 0) return candidate;
    path = colon == std::string_view::npos ? std::string_view{} : path.substr(colon + 1);
  }
  return {};
}

// Everything the new process needs, made before the fork: after it only async-signal-safe calls are allowed,
// because other threads may have held any lock at that moment.
struct Launch {
  std::string path;
  std::string directory;
  std::vector<char*> argv;
  std::vector<std::string> env_lines;
  std::vector<char*> envp;
  int in = -1;
  int out = -1;
  int err = -1;
  int report = -1;
  int on_parent_death = 0;
  pid_t parent = -1;
};

[[noreturn]] void give_up(const Launch& launch) {
  const int error = errno;
  [[maybe_unused]] const ssize_t written = write(launch.report, &error, sizeof error);
  _exit(127);
}

[[noreturn]] void become(const Launch& launch) {
  if (setpgid(0, 0) != 0) give_up(launch);
  if (prctl(PR_SET_PDEATHSIG, launch.on_parent_death) != 0) give_up(launch);
  if (getppid() != launch.parent) _exit(127);  // it ended before the request was in place
  for (int number = 1; number < 65; ++number) {
    if (number != SIGKILL && number != SIGSTOP) ::signal(number, SIG_DFL);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  if (dup2(launch.in, 0) < 0 || dup2(launch.out, 1) < 0 || dup2(launch.err, 2) < 0) give_up(launch);
  if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) != 0) give_up(launch);
  if (!launch.directory.empty() && chdir(launch.directory.c_str()) != 0) give_up(launch);
  execve(launch.path.c_str(), launch.argv.data(), launch.envp.data());
  give_up(launch);
}

// dup2 onto 0, 1, 2 must not step on a pipe that itself got such a number.
bool lift(Fd& fd) {
  if (fd.get() > 2) return true;
  const int higher = fcntl(fd.get(), F_DUPFD_CLOEXEC, 3);
  if (higher < 0) return false;
  fd.reset(higher);
  return true;
}

bool make_nonblocking(int fd) {
  return fcntl(fd, F_SETFL, O_NONBLOCK) == 0;
}

// What the child wrote before it could exec; nothing: it did.
std::optional<int> launch_error(int fd) {
  int error = 0;
  ssize_t got = 0;
  do {
    got = read(fd, &error, sizeof error);
  } while (got < 0 && errno == EINTR);
  if (got == static_cast<ssize_t>(sizeof error)) return error;
  return std::nullopt;
}

}  // namespace

Result<Child> Child::start(const ChildSpec& spec) {
  if (spec.argv.empty()) return fail(ErrorKind::unavailable, "no command is configured");
  Launch launch;
  launch.path = path_of(spec);
  const std::string what = "cannot run " + spec.argv.front();
  if (launch.path.empty()) return fail(ErrorKind::unavailable, what + ": not found in PATH");
  launch.directory = spec.directory;
  for (const auto& argument : spec.argv) launch.argv.push_back(const_cast<char*>(argument.c_str()));
  launch.argv.push_back(nullptr);
  for (const auto& [key, value] : spec.env) launch.env_lines.push_back(key + "=" + value);
  for (auto& line : launch.env_lines) launch.envp.push_back(line.data());
  launch.envp.push_back(nullptr);
  launch.on_parent_death = spec.on_parent_death;
  launch.parent = getpid();

  Fd null(open("/dev/null", O_RDONLY | O_CLOEXEC));
  Pipe out;
  Pipe err;
  Pipe report;
  if (null.get() < 0 || !report.open()) return cannot(what, errno);
  if (spec.log_file.empty()) {
    if (!out.open() || !err.open()) return cannot(what, errno);
    if (!make_nonblocking(out.read.get()) || !make_nonblocking(err.read.get())) return cannot(what, errno);
  } else {
    constexpr int k_flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC;
    out.write.reset(open(spec.log_file.c_str(), k_flags, 0600));
    err.write.reset(open(spec.log_file.c_str(), k_flags, 0600));
    if (out.write.get() < 0 || err.write.get() < 0) return cannot("cannot write " + spec.log_file, errno);
  }
  for (Fd* fd : {&null, &out.write, &err.write, &report.write}) {
    if (!lift(*fd)) return cannot(what, errno);
  }
  launch.in = null.get();
  launch.out = out.write.get();
  launch.err = err.write.get();
  launch.report = report.write.get();

  const pid_t pid = fork();
  if (pid < 0) return cannot(what, errno);
  if (pid == 0) become(launch);
  out.write.reset();
  err.write.reset();
  report.write.reset();
  Child child;
  child.pid_ = pid;
  child.out_ = out.read.release();
  child.err_ = err.read.release();
  child.pidfd_ = pidfd_open(pid, 0);
  const int pidfd_error = errno;
  if (const auto error = launch_error(report.read.get())) return cannot(what, *error);
  if (child.pidfd_ < 0) return cannot(what, pidfd_error);
  return child;
}

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      pidfd_(std::exchange(other.pidfd_, -1)),
      out_(std::exchange(other.out_, -1)),
      err_(std::exchange(other.err_, -1)) {}

Child& Child::operator=(Child&& other) noexcept {
  if (this == &other) return *this;
  end();
  pid_ = std::exchange(other.pid_, -1);
  pidfd_ = std::exchange(other.pidfd_, -1);
  out_ = std::exchange(other.out_, -1);
  err_ = std::exchange(other.err_, -1);
  return *this;
}

Child::~Child() {
  end();
}

void Child::end() {
  if (pid_ > 0) {
    signal_group(SIGKILL);
    reap();
  }
  for (int* fd : {&pidfd_, &out_, &err_}) {
    if (*fd >= 0) close(*fd);
    *fd = -1;
  }
}

// Until it is reaped its number belongs to it, so neither signal can hit a stranger.
void Child::signal(int signal_number) const {
  if (pid_ > 0) kill(pid_, signal_number);
}

void Child::signal_group(int signal_number) const {
  if (pid_ <= 0) return;
  kill(-pid_, signal_number);
  kill(pid_, signal_number);
}

int Child::reap() {
  int status = 0;
  while (pid_ > 0 && waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return status;
}

}  // namespace jitbot::access

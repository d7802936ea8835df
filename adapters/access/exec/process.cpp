#include "adapters/access/exec/process.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <limits>
#include <poll.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace jitbot::access {

namespace {

struct Stream {
  int fd = -1;
  std::string text;
  bool cut = false;
};

// All that is there now. False: end of file (or a broken pipe), nothing will come any more.
bool drain(Stream& stream, std::size_t limit) {
  std::array<char, 16UL * 1024> buffer{};
  // Bounded, so that a program that never stops writing cannot keep us from looking at the clock.
  for (int round = 0; round < 16; ++round) {
    const ssize_t got = read(stream.fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno == EAGAIN;
    if (got == 0) return false;
    const auto size = static_cast<std::size_t>(got);
    const std::size_t room = limit - std::min(limit, stream.text.size());
    stream.text.append(buffer.data(), std::min(room, size));
    if (size > room) stream.cut = true;
  }
  return true;
}

enum class Pause { ended, timed_out, stopped };

// Reads both streams until the child has ended or time is up.
Pause attend(const Child& child, Stream& out, Stream& err, std::size_t limit, const Patience& patience) {
  for (;;) {
    std::array<pollfd, 4> polled = {{{child.exit_fd(), POLLIN, 0},
                                     {patience.stop_fd, POLLIN, 0},
                                     {out.fd, POLLIN, 0},
                                     {err.fd, POLLIN, 0}}};
    const auto wait = std::min<Millis::rep>(patience.left().count(), std::numeric_limits<int>::max());
    if (poll(polled.data(), polled.size(), static_cast<int>(wait)) < 0 && errno != EINTR) {
      throw std::system_error(errno, std::generic_category(), "poll");
    }
    if (polled[2].revents != 0 && !drain(out, limit)) out.fd = -1;  // poll skips negative descriptors
    if (polled[3].revents != 0 && !drain(err, limit)) err.fd = -1;
    if (polled[0].revents != 0) return Pause::ended;
    if (polled[1].revents != 0) return Pause::stopped;
    if (patience.left() == Millis{0}) return Pause::timed_out;
  }
}

}  // namespace

Result<ProcessEnd> run_process(const ChildSpec& spec, ProcessLimits limits, const Patience& patience) {
  auto started = Child::start(spec);
  if (!started) return tl::unexpected<Error>(started.error());
  Child& child = *started;
  Stream out{child.out_fd(), {}, false};
  Stream err{child.err_fd(), {}, false};

  Patience working = patience;
  working.deadline -= std::min(limits.grace, patience.left() / 4);
  const Pause pause = attend(child, out, err, limits.output, working);
  const bool timed_out = pause != Pause::ended;
  if (pause == Pause::timed_out) {
    child.signal_group(SIGTERM);
    attend(child, out, err, limits.output, patience);
  }
  // Not reaped yet, so the group's number is still its own. What the child left behind ends with it.
  child.signal_group(SIGKILL);
  const int status = child.reap();
  if (out.fd >= 0) drain(out, limits.output);
  if (err.fd >= 0) drain(err, limits.output);

  ProcessEnd end;
  end.out = std::move(out.text);
  end.err = std::move(err.text);
  end.out_cut = out.cut;
  if (timed_out) {
    end.how = ProcessEnd::How::timed_out;
  } else if (WIFEXITED(status)) {
    end.how = ProcessEnd::How::exited;
    end.code = WEXITSTATUS(status);
  } else {
    end.how = ProcessEnd::How::killed;
    end.code = WTERMSIG(status);
  }
  return end;
}

}  // namespace jitbot::access

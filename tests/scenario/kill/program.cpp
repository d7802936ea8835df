#include "tests/scenario/kill/program.hpp"

#include "adapters/access/exec/child.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <csignal>
#include <cstdlib>
#include <optional>
#include <poll.h>
#include <stdexcept>
#include <sys/wait.h>

namespace jitbot::kill {

struct Program::State {
  State(access::Child started, const Executor& executor)
      : child(std::move(started)), end(executor, child.exit_fd()) {}
  ~State() { let_go(); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  // The child closes its descriptor itself. Asio only forgets one that it does not close.
  void let_go() {
    if (end.is_open()) end.release();
  }

  access::Child child;
  boost::asio::posix::stream_descriptor end;
  std::optional<int> status;
  std::function<void()> ended;
};

std::shared_ptr<Program> Program::start(const Executor& executor, ProgramSpec spec) {
  access::ChildSpec child;
  child.argv = std::move(spec.arguments);
  child.argv.insert(child.argv.begin(), JITBOT_PROGRAM);
  child.env = {{"PATH", "/usr/bin:/bin"}};
  for (const char* name : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS"}) {
    if (const char* value = std::getenv(name)) child.env.emplace_back(name, value);
  }
  child.env.insert(child.env.end(), spec.env.begin(), spec.env.end());
  child.directory = spec.folder;
  child.log_file = spec.log;
  auto started = access::Child::start(child);
  if (!started) throw std::runtime_error("jitbot cannot be started: " + started.error().message);
  auto state = std::make_shared<State>(std::move(*started), executor);
  state->ended = std::move(spec.ended);
  boost::asio::co_spawn(executor, watch(state), boost::asio::detached);
  return std::shared_ptr<Program>(new Program(std::move(state)));
}

namespace {

bool has_ended(const access::Child& child) {
  pollfd end{child.exit_fd(), POLLIN, 0};
  return poll(&end, 1, 0) == 1;
}

}  // namespace

Task<void> Program::watch(std::shared_ptr<State> state) {
  // The number of a descriptor may have been another's a moment ago, and its news arrive here.
  while (!has_ended(state->child)) {
    auto wait = boost::asio::posix::stream_descriptor::wait_read;
    co_await state->end.async_wait(wait, boost::asio::use_awaitable);
  }
  state->let_go();
  state->status = state->child.reap();
  const auto ended = std::move(state->ended);
  if (ended) ended();
}

Program::Program(std::shared_ptr<State> state) : state_(std::move(state)) {}

Program::~Program() {
  state_->ended = nullptr;
  if (running()) state_->child.signal(SIGKILL);
}

bool Program::running() const {
  return !state_->status;
}

void Program::signal(int number) const {
  if (running()) state_->child.signal(number);
}

bool Program::killed() const {
  return state_->status && WIFSIGNALED(*state_->status) && WTERMSIG(*state_->status) == SIGKILL;
}

int Program::exit_code() const {
  if (!state_->status) return -1;
  return WIFEXITED(*state_->status) ? WEXITSTATUS(*state_->status) : 128 + WTERMSIG(*state_->status);
}

}  // namespace jitbot::kill

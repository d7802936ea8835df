#include "store/audit_verify.hpp"
#include "tests/unit/store/store_fixture.hpp"

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace jitbot;
using namespace jitbot::testing;

namespace {

constexpr int k_writes = 6;

// The writer adds one fact and one event at a time and tells each that is durable. How many were, as far as
// it could tell, before it was killed.
[[maybe_unused]] int acknowledged_before_kill(const std::filesystem::path& path,
                                              const std::string& crash_at) {
  int ends[2] = {-1, -1};
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::setenv("JITBOT_CRASH_AT", crash_at.c_str(), 1);
    ::dup2(ends[1], STDOUT_FILENO);
    const std::string writes = std::to_string(k_writes);
    ::execl(JITBOT_STORE_WRITER, JITBOT_STORE_WRITER, path.c_str(), writes.c_str(), nullptr);
    ::_exit(127);
  }
  ::close(ends[1]);
  REQUIRE(child > 0);
  int acknowledged = 0;
  char byte = 0;
  while (::read(ends[0], &byte, 1) == 1) ++acknowledged;
  ::close(ends[0]);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGKILL);
  return acknowledged;
}

}  // namespace

#ifdef JITBOT_CRASH_POINTS

TEST_CASE("a bot killed around a commit leaves a store that opens, whole, with a chain that verifies") {
  const auto pass = GENERATE(range(1, k_writes + 1));
  const std::string point = GENERATE("commit.before", "commit.after");
  TempFolder folder;
  const auto path = folder.path("jitbot.db");
  const int acknowledged = acknowledged_before_kill(path, point + ":" + std::to_string(pass));
  CHECK(acknowledged == pass - 1);

  const auto verdict = verify_audit(path, std::nullopt);
  REQUIRE(verdict.has_value());
  CHECK_FALSE(verdict->problem.has_value());
  const int durable = point == "commit.after" ? pass : pass - 1;
  CHECK(verdict->tip.sequence == durable);

  EventLoop loop;
  auto store = open_store(path);
  REQUIRE(store.has_value());
  CHECK((*store)->tip().sequence == durable);
  for (int i = 1; i <= k_writes; ++i) {
    Store::Work ask = [i, durable](Tx& tx) -> Result<void> {
      CHECK(tx.meta("fact" + std::to_string(i)).has_value() == (i <= durable));
      return {};
    };
    const bool read = loop.run((*store)->read(std::move(ask))).has_value();
    REQUIRE(read);
  }
  Store::Work more = [](Tx& tx) -> Result<void> {
    tx.audit(sample_event(9));
    return {};
  };
  const bool written = loop.run((*store)->write(std::move(more))).has_value();
  REQUIRE(written);
  CHECK_FALSE(verify_audit(path, std::nullopt)->problem.has_value());
}

#endif

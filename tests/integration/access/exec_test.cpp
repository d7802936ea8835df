#include "adapters/access/exec/exec.hpp"

#include "adapters/access/exec/process.hpp"
#include "tests/support/event_loop.hpp"

#include <catch2/catch.hpp>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <poll.h>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

namespace jitbot::testing {

namespace {

namespace fs = std::filesystem;

bool mentions(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string read_file(const fs::path& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// A folder with one program, `./tool`, that gets the arguments in the table below.
struct Tool {
  explicit Tool(const std::string& script) {
    std::string name = (fs::temp_directory_path() / "jitbot-exec-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    folder = name;
    std::ofstream(folder / "tool") << "#!/bin/sh\n" << script << "\n";
    fs::permissions(folder / "tool", fs::perms::owner_all);
  }
  ~Tool() { fs::remove_all(folder); }
  Tool(const Tool&) = delete;
  Tool& operator=(const Tool&) = delete;

  ExecOptions options(Millis timeout = 10s) const {
    return {.name = "vpn",
            .present = {"./tool", "present", "{{account}}", "{{role}}@{{resource}}", "{{grant}}", "{{until}}",
                        "{{params.group}}"},
            .absent = {"./tool", "absent", "{{account}}"},
            .observe = {"./tool", "observe", "{{account}}"},
            .env = {{"API_TOKEN", Secret("s3cret")}},
            .directory = folder.string(),
            .timeout = timeout,
            .concurrency = 2};
  }
  fs::path folder;
};

struct ExecBench {
  explicit ExecBench(ExecOptions options) {
    auto made = make_exec_connector(std::move(options));
    if (!made) FAIL(made.error().message);
    connector = std::move(*made);
  }
  EventLoop loop;
  std::unique_ptr<Connector> connector;

  Observation observe(Target target) { return loop.run(connector->observe(std::move(target)), 40s); }
  Result<void> present(Target target) {
    return loop.run(connector->present(std::move(target), time_from_ms(1'772'330'400'000)), 40s);
  }
  Result<void> absent(Target target) { return loop.run(connector->absent(std::move(target)), 40s); }
};

Target target(std::string account = "alice") {
  Target made;
  made.key = {"vpn", {{"group", "ops & co; $(touch x)"}}, std::move(account)};
  made.resource = "network";
  made.role = "user";
  made.grant = "JIT-7K3F";
  return made;
}

// A blocked reader learns that all writers are gone: no polling for the end of a process.
bool closes(int fd) {
  char byte = 0;
  // Asked again and again: on Linux 6.18 poll(2) was seen to sleep on after the last writer of a FIFO had
  // gone.
  for (int i = 0; i < 400; ++i) {
    access::wait_for(fd, POLLIN, access::patience_of(50ms));
    const ssize_t got = read(fd, &byte, 1);
    if (got == 0 || (got < 0 && errno != EAGAIN)) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("The example for a VPN gives, takes and tells what is there") {
  const Tool server("exit 0");  // for its folder alone
  fs::create_directories(server.folder / "office" / "clients");
  const fs::path status = server.folder / "office" / "status";
  const auto vpn = [](const char* verb) {
    return std::vector<std::string>{"./vpn-access", verb, "{{account}}", "{{params.network}}"};
  };
  ExecOptions options;
  options.name = "vpn";
  options.present = vpn("grant");
  options.absent = vpn("revoke");
  options.observe = vpn("show");
  options.env = {{"VPN_HOME", Secret(server.folder.string())}};
  options.directory = std::string(JITBOT_SOURCE_DIR) + "/deploy/examples";
  ExecBench bench(std::move(options));
  Target alice = target("alice.liddell");
  alice.key.params = {{"network", "office"}};

  CHECK(bench.observe(alice).presence == Presence::unknown);  // the server does not run
  std::ofstream(status) << "TITLE,OpenVPN\nCLIENT_LIST,aliceXliddell,192.0.2.1:1\nEND\n";
  CHECK(bench.observe(alice).presence == Presence::absent);
  for (int twice = 0; twice < 2; ++twice) {
    CHECK(bench.present(alice).has_value());
    CHECK(bench.observe(alice).presence == Presence::present);
  }
  for (int twice = 0; twice < 2; ++twice) {
    CHECK(bench.absent(alice).has_value());
    CHECK(bench.observe(alice).presence == Presence::absent);
  }
  std::ofstream(status) << "CLIENT_LIST,alice.liddell,192.0.2.1:1\nEND\n";
  CHECK(bench.observe(alice).presence == Presence::present);  // a session that is still open

  Target odd = alice;
  odd.key.account = "../../etc/passwd";
  const auto refused = bench.present(odd);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().kind == ErrorKind::refused);
}

TEST_CASE("A command gets its arguments one by one, a clean environment, no input and its folder") {
  const Tool tool(R"(
    for a in "$@"; do printf '[%s]' "$a"; done > said
    env | sort >> said
    cat >> said
    ls -l /proc/self/fd | wc -l >> said
    pwd >> said)");
  setenv("JITBOT_LEAK", "leaked", 1);
  ExecBench bench(tool.options());
  REQUIRE(bench.present(target()));
  const std::string said = read_file(tool.folder / "said");
  CAPTURE(said);
  CHECK(
      mentions(said, "[present][alice][user@network][JIT-7K3F][2026-03-01T02:00:00Z][ops & co; $(touch x)]"));
  CHECK(mentions(said, "API_TOKEN=s3cret\n"));
  CHECK(mentions(said, "LANG=C\n"));
  CHECK(mentions(said, "PATH=/usr/local/sbin:"));
  CHECK_FALSE(mentions(said, "leaked"));
  CHECK_FALSE(mentions(said, "HOME="));
  CHECK(mentions(said, "\n5\n"));  // "total", 0, 1, 2 and the one that ls reads the folder with
  CHECK(mentions(said, fs::canonical(tool.folder).string() + "\n"));
  CHECK_FALSE(fs::exists(tool.folder / "x"));
}

TEST_CASE("observe believes three words and nothing else") {
  struct Row {
    const char* script;
    Presence seen;
    const char* detail;
  };
  const auto row = GENERATE(
      Row{"echo present", Presence::present, ""}, Row{"printf absent", Presence::absent, ""},
      Row{"echo gone; echo note >&2", Presence::gone, "note"},
      Row{"echo Present", Presence::unknown, "Present"}, Row{"echo 'absent '", Presence::unknown, "absent"},
      Row{"echo absent; echo", Presence::unknown, "absent"},
      Row{"echo; echo absent", Presence::unknown, "absent"},
      Row{"printf 'absent\\r\\n'", Presence::unknown, "absent"},
      Row{"echo absent; exit 1", Presence::unknown, "exit code 1"},
      Row{"echo absent; echo 'no route to host' >&2; exit 3", Presence::unknown, "no route to host"},
      Row{"exit 0", Presence::unknown, "printed \"\""},
      Row{"echo absent; kill -9 $$", Presence::unknown, "signal 9"},
      Row{"printf 'absent\\000'", Presence::unknown, ""},
      Row{"printf absent; head -c 300000 /dev/zero | tr '\\0' x", Presence::unknown, ""});
  CAPTURE(row.script);
  const Tool tool(row.script);
  ExecBench bench(tool.options());
  const auto seen = bench.observe(target());
  CHECK(seen.presence == row.seen);
  CAPTURE(seen.detail);
  CHECK(mentions(seen.detail, row.detail));
  CHECK(seen.detail.size() < 1000);
}

TEST_CASE("present and absent: 0 is done, 77 is refused, all else is not known") {
  struct Row {
    const char* script;
    std::optional<ErrorKind> error;
    const char* message;
  };
  const auto row =
      GENERATE(Row{"exit 0", std::nullopt, ""}, Row{"echo noise; exit 0", std::nullopt, ""},
               Row{"echo 'account is locked' >&2; exit 77", ErrorKind::refused, "account is locked"},
               Row{"exit 77", ErrorKind::refused, "refused"},
               Row{"echo broken >&2; exit 1", ErrorKind::outcome_unknown, "exit code 1: broken"},
               Row{"kill -15 $$", ErrorKind::outcome_unknown, "signal 15"});
  CAPTURE(row.script);
  const Tool tool(row.script);
  ExecBench bench(tool.options());
  for (const auto& done : {bench.present(target()), bench.absent(target())}) {
    REQUIRE(done.has_value() == !row.error.has_value());
    if (done) continue;
    CHECK(done.error().kind == *row.error);
    CHECK(mentions(done.error().message, row.message));
  }
}

TEST_CASE("A command that hangs is killed with all that it started") {
  const char* script = GENERATE("(exec sleep 1000) & mkfifo p; echo started >&2; wait",
                                "trap '' TERM; (trap '' TERM; exec sleep 1000) & while :; do wait; done");
  CAPTURE(script);
  const Tool tool(script);
  ExecBench bench(tool.options(1s));
  const auto start = std::chrono::steady_clock::now();
  const auto done = bench.present(target());
  CHECK(std::chrono::steady_clock::now() - start < 5s);
  REQUIRE_FALSE(done);
  CHECK(done.error().kind == ErrorKind::outcome_unknown);
  CHECK(bench.observe(target()).presence == Presence::unknown);
}

TEST_CASE("Nothing of a command's group outlives it, and a grandchild that holds the output delays nobody") {
  int ends[2];
  REQUIRE(pipe(ends) == 0);  // not close-on-exec on purpose: the runner has to keep it out
  int watch[2];
  REQUIRE(pipe2(watch, O_CLOEXEC) == 0);
  access::ChildSpec spec;
  spec.argv = {"/bin/sh", "-c", "exec 3> \"$0\"; sleep 1000 & exec 3>&-; echo done", "fifo"};
  const Tool tool("true");
  spec.directory = tool.folder.string();
  spec.env = {{"PATH", "/usr/bin:/bin"}};
  REQUIRE(mkfifo((tool.folder / "fifo").c_str(), 0600) == 0);
  const int fifo = open((tool.folder / "fifo").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  REQUIRE(fifo >= 0);
  const auto end = access::run_process(spec, {}, access::patience_of(20s));
  REQUIRE(end);
  CHECK(end->how == access::ProcessEnd::How::exited);
  CHECK(end->out == "done\n");
  CHECK(closes(fifo));  // the sleeping grandchild was its only writer
  for (const int fd : {ends[0], ends[1], watch[0], watch[1], fifo}) close(fd);
}

TEST_CASE("A flood of output is read to its end and kept in part") {
  access::ChildSpec spec;
  spec.argv = {"/bin/sh", "-c",
               "head -c 5000000 /dev/zero | tr '\\0' a; head -c 5000000 /dev/zero | tr '\\0' b >&2"};
  spec.env = {{"PATH", "/usr/bin:/bin"}};
  const auto end = access::run_process(spec, {}, access::patience_of(30s));
  REQUIRE(end);
  CHECK(end->how == access::ProcessEnd::How::exited);
  CHECK(end->code == 0);
  CHECK(end->out == std::string(64 * 1024, 'a'));
  CHECK(end->err == std::string(64 * 1024, 'b'));
  CHECK(end->out_cut);
}

TEST_CASE("A command that never stops writing is still ended in time") {
  access::ChildSpec spec;
  spec.argv = {"/bin/sh", "-c", "exec cat /dev/zero"};
  spec.env = {{"PATH", "/usr/bin:/bin"}};
  const auto end = access::run_process(spec, {}, access::patience_of(500ms));
  REQUIRE(end);
  CHECK(end->how == access::ProcessEnd::How::timed_out);
}

TEST_CASE("A program that is not there did certainly nothing") {
  const Tool tool("exit 0");
  ExecOptions options = tool.options();
  options.present.front() = GENERATE("./missing", "/no/such/program", "no-such-program-in-path", "./folder");
  fs::create_directory(tool.folder / "folder");
  ExecBench bench(options);
  const auto done = bench.present(target());
  REQUIRE_FALSE(done);
  CHECK(done.error().kind == ErrorKind::unavailable);
  const auto problems = bench.loop.run(bench.connector->check({target().key}));
  REQUIRE(problems.size() == 1);
  CHECK(mentions(problems.front(), "connectors.vpn.present"));
}

TEST_CASE("check misses a parameter that no role gives") {
  const Tool tool("exit 0");
  ExecBench bench(tool.options());
  CHECK(bench.loop.run(bench.connector->check({target().key})).empty());
  EntitlementKey without = target().key;
  without.params.clear();
  const auto problems = bench.loop.run(bench.connector->check({without}));
  REQUIRE(problems.size() == 1);
  CHECK(mentions(problems.front(), "params.group"));
}

TEST_CASE("A value that could be an option or a control sequence is refused before anything runs") {
  const Tool tool("touch ran; echo absent");
  ExecBench bench(tool.options());
  const std::string account =
      GENERATE(as<std::string>{}, "-rf", "--help", "a\nb", "a\x1b[2J", std::string("a\0b", 3), "a\x7f");
  const auto done = bench.present(target(account));
  REQUIRE_FALSE(done);
  CHECK(done.error().kind == ErrorKind::refused);
  CHECK(mentions(done.error().message, "account"));
  CHECK(bench.observe(target(account)).presence == Presence::unknown);
  CHECK_FALSE(fs::exists(tool.folder / "ran"));
}

TEST_CASE("Argument lists are checked when the connector is made") {
  struct Row {
    std::vector<std::string> arguments;
    ExecCommand command;
    const char* message;
  };
  const auto row = GENERATE(values<Row>({
      {{}, ExecCommand::present, "no program"},
      {{""}, ExecCommand::present, "no program"},
      {{"{{account}}"}, ExecCommand::present, "plain name"},
      {{"/bin/x", "{{accnt}}"}, ExecCommand::present, "{{accnt}} is not known here"},
      {{"/bin/x", "{{account"}, ExecCommand::present, "never closes"},
      {{"/bin/x", "{{ account }}"}, ExecCommand::present, "without spaces"},
      {{"/bin/x", "{{until}}"}, ExecCommand::absent, "{{until}} is not known here"},
      {{"/bin/x", "{{until}}"}, ExecCommand::observe, "{{until}} is not known here"},
      {{"/bin/x", "{{params.}}"}, ExecCommand::observe, "not known"},
  }));
  const auto checked = check_exec_arguments(row.arguments, row.command);
  REQUIRE_FALSE(checked);
  CHECK(checked.error().kind == ErrorKind::invalid);
  CAPTURE(checked.error().message);
  CHECK(mentions(checked.error().message, row.message));
  CHECK(check_exec_arguments({"/bin/x", "{{until}}", "a{{params.x}}{b}}}"}, ExecCommand::present));
}

TEST_CASE("Closing a connector does not wait for its command") {
  const Tool tool("sleep 1000");
  EventLoop loop;
  auto made = make_exec_connector(tool.options(60s));
  REQUIRE(made);
  bool ended = false;
  boost::asio::co_spawn(loop.executor(), (*made)->observe(target()),
                        [&ended](std::exception_ptr, Observation) { ended = true; });
  CHECK_FALSE(loop.run_until([] { return false; }, 200ms));
  const auto start = std::chrono::steady_clock::now();
  made->reset();
  CHECK(std::chrono::steady_clock::now() - start < 10s);
  CHECK(loop.run_until([&ended] { return ended; }));
}

}  // namespace jitbot::testing

#include "bot/app/demo/private_postgres.hpp"

#include "adapters/access/exec/child.hpp"
#include "adapters/access/exec/process.hpp"
#include "adapters/access/postgres/pg_connection.hpp"
#include "adapters/access/worker_pool.hpp"

#include <fmt/format.h>
#include <openssl/rand.h>

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <optional>
#include <poll.h>
#include <pwd.h>
#include <sstream>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace jitbot {

namespace fs = std::filesystem;
using access::Child;
using access::ChildSpec;
using access::Patience;
using access::PgConnection;

namespace {

constexpr auto k_service_user = "postgres";
constexpr int k_port_attempts = 5;
constexpr auto k_folder = "jitbot-postgres-";
constexpr auto k_owner_file = "owner";  // the process that started the server and removes the folder
constexpr Millis k_fast_shutdown{10s};
constexpr Millis k_script_time{30s};

struct ServiceUser {
  uid_t uid;
  gid_t gid;
};

tl::unexpected<Error> cannot(std::string what) {
  return fail(ErrorKind::unavailable, "cannot start a private PostgreSQL: " + std::move(what));
}

// Debian keeps each version's programs in a folder of its own; the newest one is taken.
std::optional<fs::path> find_binaries() {
  std::vector<std::pair<int, fs::path>> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", error)) {
    const fs::path folder = entry.path() / "bin";
    if (::access((folder / "initdb").c_str(), X_OK) == 0 &&
        ::access((folder / "postgres").c_str(), X_OK) == 0) {
      found.emplace_back(std::atoi(entry.path().filename().c_str()), folder);
    }
  }
  if (found.empty()) return std::nullopt;
  return std::ranges::max_element(found)->second;
}

// PostgreSQL refuses to run as root; then it is user postgres, whom the package made.
Result<std::optional<ServiceUser>> service_user() {
  if (geteuid() != 0) return std::optional<ServiceUser>{};
  const passwd* entry = getpwnam(k_service_user);
  if (entry == nullptr) return cannot("running as root, and there is no user postgres to run it as");
  return std::optional<ServiceUser>{ServiceUser{entry->pw_uid, entry->pw_gid}};
}

// 0: the system's choice. 0 as an answer: it is taken.
std::uint16_t free_port(std::uint16_t wanted) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(wanted);
  const int again = 1;  // connections of the run before may still linger
  if (fd >= 0) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &again, sizeof again);
  socklen_t length = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  const bool bound = fd >= 0 && bind(fd, generic, length) == 0 && getsockname(fd, generic, &length) == 0;
  if (fd >= 0) close(fd);
  return bound ? ntohs(address.sin_port) : std::uint16_t{0};
}

Result<void> write_private(const fs::path& file, const std::string& text,
                           const std::optional<ServiceUser>& owner) {
  {
    std::ofstream out(file);
    out << text;
    if (!out.flush()) return cannot("cannot write " + file.string());
  }
  if (chmod(file.c_str(), 0600) != 0 || (owner && chown(file.c_str(), owner->uid, owner->gid) != 0)) {
    return cannot(fmt::format("{}: {}", file.string(), std::strerror(errno)));
  }
  return {};
}

std::string last_lines(const std::string& text) {
  constexpr std::size_t k_enough = 600;
  return text.size() <= k_enough ? text : "…" + text.substr(text.size() - k_enough);
}

std::string read_file(const fs::path& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// The eighth line of postmaster.pid is the server's own word for its state (pg_ctl goes by it as well).
bool says_ready(const fs::path& pid_file) {
  std::ifstream in(pid_file);
  std::string line;
  for (int i = 0; i < 8; ++i) {
    if (!std::getline(in, line)) return false;
  }
  return line.starts_with("ready");
}

class FolderWatch {
 public:
  explicit FolderWatch(const fs::path& folder) : fd_(inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
    if (fd_ < 0 ||
        inotify_add_watch(fd_, folder.c_str(), IN_MODIFY | IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO) < 0) {
      throw std::system_error(errno, std::generic_category(), "inotify");
    }
  }
  ~FolderWatch() { close(fd_); }
  FolderWatch(const FolderWatch&) = delete;
  FolderWatch& operator=(const FolderWatch&) = delete;
  int fd() const { return fd_; }
  void forget() const {
    std::array<char, 4096> events{};
    while (read(fd_, events.data(), events.size()) > 0) {
    }
  }

 private:
  int fd_;
};

enum class Startup { ready, ended, timed_out };

Startup await_ready(const Child& server, const FolderWatch& watch, const fs::path& pid_file,
                    const Patience& patience) {
  for (;;) {
    watch.forget();
    if (says_ready(pid_file)) return Startup::ready;
    std::array<pollfd, 2> polled = {{{server.exit_fd(), POLLIN, 0}, {watch.fd(), POLLIN, 0}}};
    const int ready = poll(polled.data(), polled.size(), static_cast<int>(patience.left().count()));
    if (polled[0].revents != 0) return Startup::ended;
    if (ready == 0 && patience.left() == Millis{0}) return Startup::timed_out;
  }
}

}  // namespace

struct PrivatePostgres::State {
  fs::path binaries;
  fs::path folder;
  std::optional<ServiceUser> user;
  Secret password;
  std::uint16_t wanted_port = 0;
  std::uint16_t port = 0;
  std::optional<Child> server;

  fs::path data() const { return folder / "data"; }
  ChildSpec command(std::vector<std::string> argv) const;
  Result<void> make_folder(const fs::path& parent);
  Result<void> make_cluster(const Patience& patience) const;
  Result<void> serve(const Patience& patience);
  void end_server();
};

ChildSpec PrivatePostgres::State::command(std::vector<std::string> argv) const {
  ChildSpec spec;
  if (user) {
    // Changing the user clears the parent-death signal, so setpriv asks for it again afterwards.
    spec.argv = {"/usr/bin/setpriv", "--reuid",     k_service_user, "--regid", k_service_user,
                 "--clear-groups",   "--pdeathsig", "INT",          "--"};
  }
  spec.argv.insert(spec.argv.end(), argv.begin(), argv.end());
  spec.env = {{"PATH", "/usr/bin:/bin"}, {"LANG", "C"}, {"LC_ALL", "C"}};
  spec.directory = folder.string();
  spec.on_parent_death = SIGINT;
  return spec;
}

Result<void> PrivatePostgres::State::make_folder(const fs::path& parent) {
  std::string name = (parent / (std::string(k_folder) + "XXXXXX")).string();
  if (mkdtemp(name.data()) == nullptr)
    return cannot(fmt::format("{}: {}", parent.string(), std::strerror(errno)));
  folder = name;
  std::ofstream(folder / k_owner_file) << getpid() << "\n";
  if (user && chown(name.c_str(), user->uid, user->gid) != 0) {
    return cannot(fmt::format("{}: {}", name, std::strerror(errno)));
  }
  return {};
}

Result<void> PrivatePostgres::State::make_cluster(const Patience& patience) const {
  const fs::path password_file = folder / "superuser";
  if (auto written = write_private(password_file, password.reveal() + "\n", user); !written) return written;
  auto made = access::run_process(
      command({(binaries / "initdb").string(), "--pgdata", data().string(), "--username", "postgres",
               "--pwfile", password_file.string(), "--auth-host=scram-sha-256", "--auth-local=scram-sha-256",
               "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"}),
      {}, patience);
  std::error_code ignored;
  fs::remove(password_file, ignored);
  if (!made) return tl::unexpected<Error>(made.error());
  if (made->how != access::ProcessEnd::How::exited || made->code != 0) {
    return cannot("initdb failed: " + last_lines(made->err + made->out));
  }
  return {};
}

// Between looking for a free port and binding it somebody else may take it: then another one is tried.
Result<void> PrivatePostgres::State::serve(const Patience& patience) {
  const fs::path log = folder / "server.log";
  for (int attempt = 0; attempt < k_port_attempts; ++attempt) {
    port = free_port(attempt == 0 ? wanted_port : std::uint16_t{0});
    if (port == 0) continue;
    const FolderWatch watch(data());
    ChildSpec spec = command({(binaries / "postgres").string(),
                              "-D",
                              data().string(),
                              "-c",
                              fmt::format("port={}", port),
                              "-c",
                              "listen_addresses=127.0.0.1",
                              "-c",
                              "unix_socket_directories=" + folder.string(),
                              "-c",
                              "unix_socket_permissions=0700",
                              "-c",
                              "password_encryption=scram-sha-256",
                              "-c",
                              "fsync=off",
                              "-c",
                              "synchronous_commit=off",
                              "-c",
                              "full_page_writes=off",
                              "-c",
                              "shared_buffers=16MB",
                              "-c",
                              "max_connections=50",
                              "-c",
                              "jit=off",
                              "-c",
                              "logging_collector=off"});
    spec.log_file = log.string();
    auto started = Child::start(spec);
    if (!started) return tl::unexpected<Error>(started.error());
    server = std::move(*started);
    const Startup startup = await_ready(*server, watch, data() / "postmaster.pid", patience);
    if (startup == Startup::ready) return {};
    end_server();
    const std::string said = read_file(log);
    const bool clash = said.find("could not bind") != std::string::npos;
    if (startup == Startup::timed_out) return cannot("it was not ready in time: " + last_lines(said));
    if (!clash) return cannot("it ended at once: " + last_lines(said));
    std::error_code ignored;
    fs::remove(log, ignored);
  }
  return cannot("no free port on 127.0.0.1 could be kept");
}

void PrivatePostgres::State::end_server() {
  if (!server) return;
  // "Fast": sessions are ended. It may be stopped (SIGSTOP); continuing it lets it hear that.
  server->signal(SIGINT);
  server->signal(SIGCONT);
  const Patience patience = access::patience_of(k_fast_shutdown);
  if (access::wait_for(server->exit_fd(), POLLIN, patience) != access::Wake::ready) {
    server->signal(SIGQUIT);
    access::wait_for(server->exit_fd(), POLLIN, access::patience_of(k_fast_shutdown / 2));
  }
  server.reset();  // kills what is left
}

namespace {

// The number on the first line; nothing: there is none.
std::optional<pid_t> process_in(const fs::path& file) {
  std::ifstream in(file);
  pid_t pid = 0;
  if (!(in >> pid) || pid <= 0) return std::nullopt;
  return pid;
}

bool is_alive(pid_t pid) {
  return kill(pid, 0) == 0 || errno != ESRCH;
}

// A link is nobody's folder, and one of another user's is his.
bool is_a_folder_of_ours(const fs::path& path, const std::optional<ServiceUser>& user) {
  struct stat found{};
  if (lstat(path.c_str(), &found) != 0 || !S_ISDIR(found.st_mode)) return false;
  return found.st_uid == geteuid() || (user && found.st_uid == user->uid);
}

bool is_abandoned(const fs::path& folder) {
  const auto owner = process_in(folder / k_owner_file);
  const auto server = process_in(folder / "data" / "postmaster.pid");
  if (!owner && !server) return false;
  return !(owner && is_alive(*owner)) && !(server && is_alive(*server));
}

}  // namespace

std::size_t remove_abandoned_servers(const fs::path& parent) {
  const auto user = service_user();
  std::vector<fs::path> abandoned;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(parent, ignored)) {
    const fs::path& path = entry.path();
    if (!path.filename().string().starts_with(k_folder)) continue;
    if (is_a_folder_of_ours(path, user ? *user : std::nullopt) && is_abandoned(path))
      abandoned.push_back(path);
  }
  for (const fs::path& path : abandoned) fs::remove_all(path, ignored);
  return abandoned.size();
}

Secret generate_password() {
  std::array<unsigned char, 24> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
    throw std::runtime_error("no random numbers");
  return Secret(fmt::format("{:02x}", fmt::join(bytes, "")));
}

Result<std::unique_ptr<PrivatePostgres>> PrivatePostgres::start(PrivatePostgresOptions options) {
  auto state = std::make_unique<State>();
  const auto binaries = find_binaries();
  if (!binaries)
    return cannot("there is no /usr/lib/postgresql/*/bin/postgres: install the package postgresql-15");
  state->binaries = *binaries;
  auto user = service_user();
  if (!user) return tl::unexpected<Error>(user.error());
  state->user = *user;
  state->wanted_port = options.port;
  state->password = generate_password();
  const Patience patience = access::patience_of(options.start_timeout);
  // From here on the destructor cleans up.
  std::unique_ptr<PrivatePostgres> postgres(new PrivatePostgres(std::move(state)));
  State& self = *postgres->state_;
  remove_abandoned_servers(options.parent);
  if (auto done = self.make_folder(options.parent); !done) return tl::unexpected<Error>(done.error());
  if (auto done = self.make_cluster(patience); !done) return tl::unexpected<Error>(done.error());
  if (auto done = self.serve(patience); !done) return tl::unexpected<Error>(done.error());
  if (auto done = postgres->run("postgres", "select 1"); !done) return tl::unexpected<Error>(done.error());
  return postgres;
}

PrivatePostgres::PrivatePostgres(std::unique_ptr<State> state) : state_(std::move(state)) {}

PrivatePostgres::~PrivatePostgres() {
  stop();
}

std::uint16_t PrivatePostgres::port() const {
  return state_->port;
}

int PrivatePostgres::pid() const {
  return state_->server ? state_->server->pid() : -1;
}

const fs::path& PrivatePostgres::folder() const {
  return state_->folder;
}

Secret PrivatePostgres::superuser_url(const std::string& database) const {
  return url("postgres", state_->password, database);
}

// libpq's key=value form takes any name; a backslash escapes within the quotes.
Secret PrivatePostgres::url(const std::string& user, const Secret& password,
                            const std::string& database) const {
  const auto quoted = [](const std::string& text) {
    std::string result = "'";
    for (const char c : text) {
      if (c == '\'' || c == '\\') result.push_back('\\');
      result.push_back(c);
    }
    return result + "'";
  };
  return Secret(fmt::format("host=127.0.0.1 port={} user={} password={} dbname={} sslmode=disable",
                            state_->port, quoted(user), quoted(password.reveal()), quoted(database)));
}

Result<void> PrivatePostgres::run(const std::string& database, const std::string& script) const {
  const Patience patience = access::patience_of(k_script_time);
  auto connection = PgConnection::open(superuser_url(database), patience);
  if (!connection) return fail(ErrorKind::unavailable, connection.error().message);
  auto done = connection->script(script, patience);
  if (!done) return fail(ErrorKind::refused, done.error().message, done.error().sqlstate);
  return {};
}

void PrivatePostgres::stop() {
  state_->end_server();
  if (state_->folder.empty()) return;
  std::error_code ignored;
  fs::remove_all(state_->folder, ignored);
  state_->folder.clear();
}

}  // namespace jitbot

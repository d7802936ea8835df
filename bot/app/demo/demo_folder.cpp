#include "bot/app/demo/demo_folder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <sys/file.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace jitbot {

namespace fs = std::filesystem;

namespace {

// By this line a later run knows the folder as its own.
constexpr std::string_view k_first_line =
    "# Written by `jitbot demo` at each start, since its addresses change.";

constexpr const char* k_port_file = "database_port";
constexpr const char* k_kind_file = "chat";

constexpr auto k_config = R"yaml({first_line}
# A real configuration: `jitbot check --config` and `jitbot audit verify --config` take it while the demo runs.

chat:
{chat}
store: {{url: "sqlite:jitbot.db"}}
policy: {{path: policy}}
audit: {{key: "file:audit.key", head: audit.head}}

admins:
  channel: "#{prefix}jit-admins"
  members: [erin@{domain}]

connectors:
  demo-db:
    type: postgres
    url: file:secrets/database_url
    account: {{claim: email_local, domains: [{domain}]}}   # alice@{domain} is alice at the database
    timeout: 5s
    drift: 30s                  # how soon the bot sees what somebody else gave or took away

log: {{level: info, format: text}}
)yaml";

constexpr auto k_people = R"yaml(apiVersion: jit/v1

# Yours to change: it is kept when the demo starts again with the same --data.
groups:
  engineering:
    members: [alice@{domain}, bob@{domain}, carol@{domain}, dave@{domain}, erin@{domain}]
  # Kept in the chat, asked at every vote.
  approvers: {{from: "{approvers}"}}   # carol, dave
  sre: {{from: "{sre}"}}         # bob, dave; gina too, who as a guest decides nothing
)yaml";

constexpr auto k_resources = R"yaml(apiVersion: jit/v1

# Written at each start: the database's port changes.
resources:
  metrics:
    description: Read what was ordered
    tags: {{env: metrics}}
    owners: [group:sre]
    roles:
      viewer: {{connector: demo-db, grants: {{role: metrics_ro}}}}
    howto: {howto}

  staging:
    description: Look at the staging database
    tags: {{env: staging}}
    owners: [group:approvers]
    default_role: viewer
    roles:
      viewer: {{connector: demo-db, grants: {{role: staging_ro}}}}
    howto: {howto}

  prod-db:
    description: Change orders in production
    tags: {{env: prod}}
    owners: [group:approvers]
    roles:
      writer: {{connector: demo-db, grants: {{role: prod_rw}}, risk: high}}
    howto: {howto}
)yaml";

constexpr auto k_howto = R"yaml("psql -h 127.0.0.1 -p {port} -U {{{{account}}}} app")yaml";

constexpr auto k_rules = R"yaml(apiVersion: jit/v1

# Yours to change: it is kept when the demo starts again with the same --data. The first rule that fits decides.
rules:
  # Nobody has to agree; it still ends by itself and stands in the audit log.
  - name: metrics-self-service
    match: {{resource: metrics}}
    requesters: [group:engineering]
    max_duration: 8h
    approval: auto
    extend: {{max: 1h, total: 12h}}
    warn_before: 1m

  # One approver agrees, and a ticket is named.
  - name: staging
    match: {{resource: staging}}
    requesters: [group:engineering]
    max_duration: 4h
    reason: {{min_length: 10, contains: '\b(INC|OPS)-[0-9]+\b', hint: "name the ticket, for example INC-7 look at queue"}}
    approval:
      - {{name: approvers, from: [group:approvers]}}
    post_to: ["#{prefix}staging-approvals"]
    pending_timeout: 30m
    extend: {{max: 1h, total: 6h}}
    warn_before: 1m                # of a very short grant: at half of its time

  # Two people agree: one of each group, who are never the same person and never the asker.
  - name: production
    match: {{tags: {{env: prod}}}}
    requesters: [group:engineering]
    max_duration: 1h
    reason: {{min_length: 10, contains: '\b(INC|OPS)-[0-9]+\b', hint: "name the ticket, for example INC-9 fix order 2"}}
    approval:
      - {{name: approvers, from: [group:approvers]}}
      - {{name: sre, from: [group:sre]}}
    post_to: ["#{prefix}prod-approvals"]
    pending_timeout: 30m
    warn_before: 1m
)yaml";

tl::unexpected<Error> cannot(const fs::path& path, const std::string& why) {
  return fail(ErrorKind::invalid, fmt::format("{}: {}", path.string(), why));
}

Result<void> make_folder(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) return cannot(path, error.message());
  fs::permissions(path, fs::perms::owner_all, error);
  if (error) return cannot(path, error.message());
  return {};
}

Result<void> write_file(const fs::path& path, std::string_view text) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  if (!out) return cannot(path, "cannot be written");
  return {};
}

// The folder is ours alone already; the file's own mode is what the configuration looks at.
Result<void> write_secret(const fs::path& path, const Secret& secret) {
  if (auto made = write_file(path, ""); !made) return made;
  std::error_code error;
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write, error);
  if (error) return cannot(path, error.message());
  return write_file(path, secret.reveal() + "\n");
}

Result<void> write_once(const fs::path& path, std::string_view text) {
  std::error_code ignored;
  if (fs::exists(path, ignored)) return {};
  return write_file(path, text);
}

// One whose start failed may hold a log and nothing else.
bool is_a_demos(const fs::path& folder) {
  const auto is_log = [](const fs::directory_entry& entry) {
    return entry.path().filename() == "jitbot.log";
  };
  std::error_code unreadable;
  const fs::directory_iterator entries(folder, unreadable);
  if (!unreadable && std::all_of(entries, fs::directory_iterator(), is_log)) return true;
  std::ifstream in(folder / "jitbot.yaml");
  std::string line;
  return std::getline(in, line) && line == k_first_line;
}

Result<fs::path> make_temporary() {
  std::error_code error;
  const fs::path parent = fs::temp_directory_path(error);
  if (error) return fail(ErrorKind::invalid, "no temporary folder: " + error.message());
  std::string name = (parent / "jitbot-demo-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) return cannot(parent, std::strerror(errno));
  return fs::path(name);
}

}  // namespace

Result<DemoFolder> DemoFolder::open(const std::optional<fs::path>& wanted) {
  DemoFolder folder;
  if (!wanted) {
    auto made = make_temporary();
    if (!made) return tl::unexpected<Error>(made.error());
    folder.path_ = std::move(*made);
    folder.temporary_ = true;
    return folder;
  }
  std::error_code error;
  folder.path_ = fs::absolute(*wanted, error).lexically_normal();
  if (error) return cannot(*wanted, error.message());
  const bool there = fs::exists(folder.path_, error);
  if (there && !fs::is_directory(folder.path_, error)) return cannot(folder.path_, "is not a folder");
  const bool used = there && !fs::is_empty(folder.path_, error);
  if (error) return cannot(folder.path_, error.message());
  if (used && !is_a_demos(folder.path_)) {
    return cannot(folder.path_,
                  "holds files that no demo wrote; name an empty folder, or one that a demo has used");
  }
  if (auto made = make_folder(folder.path_); !made) return tl::unexpected<Error>(made.error());
  // A second demo here would rewrite the addresses of the first.
  folder.lock_ = ::open(folder.path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder.lock_ < 0) return cannot(folder.path_, std::strerror(errno));
  if (flock(folder.lock_, LOCK_EX | LOCK_NB) != 0) return cannot(folder.path_, "another demo is using it");
  return folder;
}

DemoFolder::DemoFolder(DemoFolder&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, false)),
      lock_(std::exchange(other.lock_, -1)) {}

DemoFolder::~DemoFolder() {
  if (lock_ >= 0) ::close(lock_);
  if (!temporary_) return;
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

Result<void> DemoFolder::claim(const std::string& kind) const {
  std::ifstream in(path_ / k_kind_file);
  std::string earlier;
  if (std::getline(in, earlier) && earlier != kind) {
    return cannot(
        path_, fmt::format("is that of a demo on {}; this one is on {}, name another folder", earlier, kind));
  }
  auto done = write_once(config(), std::string(k_first_line) + "\n");
  if (done) done = write_once(path_ / k_kind_file, kind + "\n");
  return done;
}

std::optional<std::uint16_t> DemoFolder::last_database_port() const {
  std::ifstream in(path_ / k_port_file);
  std::uint16_t port = 0;
  if (!(in >> port) || port == 0) return std::nullopt;
  return port;
}

Result<void> DemoFolder::write(const DemoPlaces& places) const {
  const fs::path secrets = path_ / "secrets";
  const fs::path policy = path_ / "policy";
  const DemoChat& chat = places.chat;
  const auto filled = [&chat](const char* text) {
    return fmt::format(fmt::runtime(text), fmt::arg("first_line", k_first_line), fmt::arg("chat", chat.item),
                       fmt::arg("prefix", chat.channel_prefix), fmt::arg("domain", chat.domain),
                       fmt::arg("approvers", chat.approvers), fmt::arg("sre", chat.sre));
  };
  const std::string howto = fmt::format(k_howto, fmt::arg("port", places.database_port));
  // First, so that the folder is known as ours even when the rest fails.
  auto done = write_file(config(), filled(k_config));
  if (done) done = make_folder(secrets);
  for (const auto& [name, secret] : chat.secrets) {
    if (done) done = write_secret(secrets / name, secret);
  }
  if (done) done = write_secret(secrets / "database_url", places.database_url);
  if (done) done = write_file(path_ / k_port_file, fmt::format("{}\n", places.database_port));
  if (done) done = make_folder(policy);
  if (done) done = write_once(policy / "people.yaml", filled(k_people));
  if (done) done = write_once(policy / "rules.yaml", filled(k_rules));
  if (done) done = write_file(policy / "resources.yaml", fmt::format(k_resources, fmt::arg("howto", howto)));
  return done;
}

}  // namespace jitbot

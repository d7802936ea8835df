#include "bot/app/doctor_parts.hpp"
#include "store/audit_key.hpp"
#include "store/store_probe.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

namespace jitbot {

namespace {

namespace fs = std::filesystem;

// What lies beside the store, read before it: a head written meanwhile would be newer than the store we saw.
struct Seal {
  Result<AuditKey> key;
  Result<std::string> line;
  std::optional<AuditHead> head;  // signed by the key
  std::string head_problem;       // why the line is no such head
};

Seal read_seal(const AuditSettings& audit) {
  Seal seal{load_audit_key(audit.key), read_head(audit.head), {}, {}};
  if (!seal.line || !seal.key) return seal;
  auto head = verify_head(seal.key->public_key(), *seal.line);
  if (head) {
    seal.head = std::move(*head);
  } else {
    seal.head_problem = head.error().message;
  }
  return seal;
}

template <class T>
bool missing(const Result<T>& read) {
  return !read && read.error().kind == ErrorKind::not_found;
}

std::string user_name(uid_t id) {
  const passwd* known = ::getpwuid(id);
  return known == nullptr ? fmt::format("number {}", id) : std::string(known->pw_name);
}

// Nothing: the file is ours, so that what works for us works for the bot.
std::optional<std::string> foreign_owner(const fs::path& path) {
  struct stat about{};
  if (::stat(path.c_str(), &about) != 0 || about.st_uid == ::geteuid()) return std::nullopt;
  return user_name(about.st_uid);
}

Finding missing_store(const fs::path& path, const Seal& seal) {
  const std::string what = "store " + path.string();
  if (!missing(seal.line)) {
    return {Level::failed, what, "is not there, but a signed head of its audit log is",
            "put the store back from your backup and start once with --after-restore, or correct store.url"};
  }
  std::error_code error;
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  if (!fs::is_directory(folder, error)) {
    return {Level::failed, what, fmt::format("its folder {} does not exist", folder.string()),
            "make the folder, or correct store.url"};
  }
  if (::faccessat(AT_FDCWD, folder.c_str(), W_OK | X_OK, AT_EACCESS) != 0) {
    return {
        Level::failed, what,
        fmt::format("is not there, and {} may not make it in {}", user_name(::geteuid()), folder.string()),
        "give the folder to the user that runs jitbot"};
  }
  return {Level::warning, what, "is not there yet: the first `jitbot run` makes it",
          "if there was one, correct store.url"};
}

std::string contents_of(const StoreProbe& probe) {
  if (probe.schema == probe.newest_schema) return counted(probe.tip.sequence, "audit event");
  return fmt::format("{}; the next start brings its schema from step {} to {}, so make a backup first",
                     counted(probe.tip.sequence, "audit event"), probe.schema, probe.newest_schema);
}

Finding writable(const fs::path& path, const StoreProbe& probe) {
  const std::string what = "store " + path.string();
  const Level level = probe.schema == probe.newest_schema ? Level::fine : Level::warning;
  if (!probe.used_by.empty()) {
    return {
        level, what,
        fmt::format("the bot is running ({}), the store can be read, {}; that it can be written is for the "
                    "bot's own /readyz to tell",
                    probe.used_by, contents_of(probe)),
        ""};
  }
  if (const auto owner = foreign_owner(path)) {
    return {
        Level::warning, what,
        fmt::format("can be read, {}; it belongs to user {}, so whether the bot could write it was not tried",
                    contents_of(probe), *owner),
        fmt::format("run doctor as {}", *owner)};
  }
  if (probe.schema == 0) return {level, what, contents_of(probe), ""};
  const auto written = try_to_write(path);
  if (written) return {level, what, "can be written, " + contents_of(probe), ""};
  if (written.error().kind == ErrorKind::conflict) {
    return {level, what, "the bot was just started, the store can be read, " + contents_of(probe), ""};
  }
  return {
      Level::failed, what, written.error().message,
      "see that the disk is not full nor read-only, and that file and folder belong to the user that runs "
      "jitbot"};
}

Finding head_finding(const StoreProbe& probe, const Seal& seal, const AuditSettings& audit) {
  if (!seal.line && !missing(seal.line)) return {Level::failed, "audit", seal.line.error().message, ""};
  if (!seal.line) {
    if (probe.tip.sequence == 0) return {Level::fine, "audit", "key is there, nothing to sign yet", ""};
    return {Level::failed, "audit",
            fmt::format("the signed head {} is missing, but the store has {}", audit.head.string(),
                        counted(probe.tip.sequence, "event")),
            "put it back from where you ship it; if the store is a restored backup, start once with "
            "--after-restore"};
  }
  if (!seal.head) {
    return {
        Level::failed, "audit",
        fmt::format("{} is not signed by {}: {}", audit.head.string(), audit.key.string(), seal.head_problem),
        "put key and head of this store back from your backup, and find out who changed them"};
  }
  switch (compare_head(probe.tip, probe.hash_at_head, *seal.head)) {
    case HeadRelation::same:
    case HeadRelation::store_ahead:
      return {Level::fine, "audit",
              fmt::format("key, signed head and store agree up to event {}", seal.head->tip.sequence), ""};
    case HeadRelation::head_ahead:
      return {
          Level::failed, "audit",
          fmt::format("the store ends at event {}, before the signed head at {}: events were cut off, or it "
                      "is a restored backup",
                      probe.tip.sequence, seal.head->tip.sequence),
          "if you restored it on purpose, start once with --after-restore; if not, find out who did"};
    case HeadRelation::diverged:
      return {
          Level::failed, "audit", "the store's events are not those that the signed head tells of",
          "if you put another store here on purpose, start once with --after-restore; if not, find out who "
          "did"};
  }
  return {Level::failed, "audit", "the signed head cannot be compared", ""};
}

Finding audit_finding(const StoreProbe& probe, const Seal& seal, const AuditSettings& audit) {
  const bool begun = probe.tip.sequence > 0 || !missing(seal.line) || fs::exists(audit.key.string() + ".pub");
  if (missing(seal.key) && begun) {
    return {
        Level::failed, "audit",
        fmt::format("the key {} is missing, but something was signed with it already", audit.key.string()),
        "put it back from your backup, or correct audit.key"};
  }
  if (missing(seal.key)) return {Level::fine, "audit", "the first `jitbot run` makes the key", ""};
  if (!seal.key) return {Level::failed, "audit", seal.key.error().message, "chmod 600 it, or put it back"};
  return head_finding(probe, seal, audit);
}

// The half that others verify with: of no use when it is another key's.
std::optional<Finding> public_half(const Seal& seal, const AuditSettings& audit) {
  if (!seal.key) return std::nullopt;
  const std::string path = audit.key.string() + ".pub";
  const auto half = load_audit_public_key(path);
  if (missing(half)) return std::nullopt;  // the next start writes it
  if (half && *half == seal.key->public_key()) return std::nullopt;
  return Finding{
      Level::failed, "audit",
      half ? fmt::format("{} is not the public half of {}", path, audit.key.string()) : half.error().message,
      "remove it: the next start writes it anew"};
}

}  // namespace

Findings look_at_store(const Config& config) {
  const Seal seal = read_seal(config.audit);
  const auto probe = probe_store(config.store.sqlite, seal.head);
  Findings found;
  if (missing(probe)) {
    found.push_back(missing_store(config.store.sqlite, seal));
    if (missing(seal.line)) found.push_back(audit_finding(StoreProbe{}, seal, config.audit));
  } else if (!probe) {
    found.push_back({Level::failed, "store", probe.error().message, ""});
    found.push_back({Level::warning, "audit", "not compared, because the store cannot be read", ""});
  } else {
    found.push_back(writable(config.store.sqlite, *probe));
    found.push_back(audit_finding(*probe, seal, config.audit));
  }
  if (auto half = public_half(seal, config.audit)) found.push_back(std::move(*half));
  return found;
}

}  // namespace jitbot
